"""What is done to audio on its way in: it is checked, brought to one rate and loudness, and refused if withdrawn."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from statistics import median

from s2s_arena.audio.checks import check, flags
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.importing.drafts import Draft, decode
from s2s_arena.build.importing.rows import Clip, Level
from s2s_arena.errors import AudioError
from s2s_arena.records.identity import AudioHash

DOUBTFUL = ("silent", "too_quiet", "clipped", "too_short")
RATE_HZ = 24_000  # the rate at which most voices speak: a system must not tell recordings by their treble
LUFS = -23.0
CEILING_DBFS = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one pass over a draft's audio found."""

    refused: str | None  # why it cannot be used
    doubts: tuple[str, ...] = ()
    loudness: tuple[float, ...] = ()  # LUFS of its audible clips


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How clips are prepared: the same clip, the same samples.

    Attributes:
        level: What is asked for.
        gains_db: By `speaker_of`. One gain a speaker keeps what is loud and what is soft apart, as the speaker
            meant it; levelled clip by clip, a whisper would be as loud as a shout.
    """

    level: Level = Level.KEPT
    gains_db: Mapping[str, float] = field(default_factory=dict)

    def prepare(self, wave: Waveform, *, speaker: str) -> Waveform:
        """The waveform as it is stored: resampled if it is above 24 kHz, and levelled without passing -1 dBFS."""
        if self.level is Level.KEPT:
            return wave
        made = resample(wave, RATE_HZ) if wave.rate_hz > RATE_HZ else wave
        db = self.gains_db.get(speaker)
        if db is not None:
            made = gain(made, db)
        over = peak_dbfs(made) - CEILING_DBFS
        return gain(made, -over) if db is not None and over > 0.0 else made


def speaker_of(draft: Draft) -> str:
    """Under whose name a draft is levelled; a recording of nobody known is levelled by itself."""
    return f"speaker {draft.speaker}" if draft.speaker else f"sample {draft.sample.id}"


def listen(draft: Draft, *, level: Level, withdrawn: Set[AudioHash]) -> Heard:
    """Decodes the draft's audio once: why it cannot be used, if so, and doubts about what can."""
    doubts: list[str] = []
    loudness: list[float] = []
    for clip in draft.clips:
        if clip is None:
            continue
        try:
            wave, _ = decode(clip)
        except AudioError as error:
            return Heard(refused=str(error))
        if wave.hash() in withdrawn:
            return Heard(refused=_gone(clip))
        found = [flag for flag in flags(check(wave)) if flag in DOUBTFUL]
        doubts += [f"{clip.name}: {flag.replace('_', ' ')}; listen to it" for flag in found]
        measured = loudness_lufs(wave) if level is Level.SPEECH else None
        if measured is not None:
            loudness.append(measured)
    return Heard(refused=None, doubts=tuple(doubts), loudness=tuple(loudness))


def preparation(level: Level, heard: Iterable[tuple[Draft, Heard]]) -> Preparation:
    """One gain a speaker, which brings the median of their clips to -23 LUFS (EBU R 128)."""
    if level is not Level.SPEECH:
        return Preparation(level=level)
    found: dict[str, list[float]] = {}
    for draft, what in heard:
        found.setdefault(speaker_of(draft), []).extend(what.loudness)
    return Preparation(level=level, gains_db={who: LUFS - median(given) for who, given in found.items() if given})


def again(draft: Draft, prepared: Preparation, *, withdrawn: Set[AudioHash]) -> str | None:
    """Why a draft cannot be stored once it is prepared: it is what a speaker has withdrawn."""
    for clip in draft.clips:
        if clip is not None:
            wave = prepared.prepare(decode(clip)[0], speaker=speaker_of(draft))
            if wave.hash() in withdrawn:
                return _gone(clip)
    return None


def _gone(clip: Clip) -> str:
    return f"{clip.name}: its speaker has withdrawn it; leave it out"
