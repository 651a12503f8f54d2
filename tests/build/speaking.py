"""A voice for tests: one tone a word, at the rate that the delivery asks, at a level of its own."""

from dataclasses import dataclass, field

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.records.cues import Transcript
from s2s_arena.records.speech import Utterance
from s2s_arena.records.systems import VoiceCard
from s2s_arena.testing.sound import tones

CARDS = (
    VoiceCard(name="anna", title="Anna", model="scripted", languages=("en", "zh"), gender="female"),
    VoiceCard(name="ben", title="Ben", model="scripted", languages=("en-GB",), gender="male"),
    VoiceCard(name="chika", title="Chika", model="scripted", languages=("ja", "zh"), gender="female"),
    VoiceCard(name="dora", title="Dora", model="scripted", languages=("en",), gender="female"),
)


@dataclass
class Toning:
    """Implements `Speaker`; counts what it said."""

    name: str
    level: float = 0.2
    refuses: str = ""
    said: list[Utterance] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return f"toning-{self.name}"

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en", "zh", "ja"})

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        if self.refuses and self.refuses in utterance.text:
            raise InputError(f"voice {self.name}: cannot speak {utterance.text!r}; use other words")
        self.said.append(utterance)
        [segment] = utterance.segments
        level = self.level * 10 ** (segment.delivery.volume_db / 20)
        return tones(segment.text.split(), rate_hz=24000, rate=segment.delivery.rate, level=level)


def voices(**settings: object) -> dict[str, Toning]:
    return {card.name: Toning(card.name, **settings) for card in CARDS}  # type: ignore[arg-type]


@dataclass
class Hearing:
    """Implements `Transcriber`: hears the same words whatever is said; counts how often it was asked."""

    text: str
    asked: int = 0

    @property
    def identity(self) -> str:
        return "hearing"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        self.asked += 1
        return Transcript(text=self.text, language=language or "en")
