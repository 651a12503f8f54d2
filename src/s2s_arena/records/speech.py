"""Speech as values: a stored waveform's identity, and words with the delivery they are to have."""

from dataclasses import dataclass, field

from s2s_arena.records.identity import AudioHash


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioRef:
    """Where stored audio is known by: the hash of its canonical PCM (16-bit mono, with rate)."""

    hash: AudioHash
    rate_hz: int
    frames: int
    original: str | None = None  # SHA-256 of the bytes the user gave, kept as they were

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Silence after a word; the word is matched case-insensitively, its first occurrence counts."""

    after: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How words are to be said. The defaults are a neutral delivery and change nothing."""

    rate: float = 1.0  # factor on speaking rate, 0.5..2.0
    pitch_st: float = 0.0  # shift of the F0 level in semitones, -12..12
    pitch_range: float = 1.0  # factor on F0 excursions around the level; 0 is monotone
    volume_db: float = 0.0  # gain on the voice's own level
    emphasis: tuple[str, ...] = ()  # words to stress
    pauses: tuple[Pause, ...] = ()
    emotion: str | None = None  # neutral happy sad angry fearful surprised excited calm disgusted sarcastic
    strength: float = 1.0  # of the emotion, 0..1.5
    style: str | None = None  # whisper | sing | shout

    @property
    def neutral(self) -> bool:
        """Nothing beyond plain reading is asked."""
        return self == Delivery()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Who speaks: what a listener can tell of the speaker from the voice."""

    gender: str | None = None  # male | female
    age: str | None = None  # child | adult | elder
    accent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Some words in one language with one delivery."""

    text: str
    language: str  # BCP 47, e.g. en, zh, ja
    delivery: Delivery = field(default_factory=Delivery)
    pause_after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What a voice is asked to say, in order."""

    segments: tuple[Segment, ...]
    traits: Traits = field(default_factory=Traits)

    @property
    def text(self) -> str:
        """The words alone."""
        return " ".join(segment.text for segment in self.segments)
