"""From where on speech shows a label: numbers frozen on other texts than those that are measured (bench/labels.py)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from s2s_arena.build.languages import primary
from s2s_arena.errors import SuiteError
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The plain pace of a text: natural logarithm of syllables a second = level + slope * letters a syllable."""

    level: float
    slope: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What one voice measures when it reads plainly."""

    pace: float  # logarithm of its pace over the language's
    pitch_st: float  # F0 median, semitones over 100 Hz
    resonance_st: float  # see `resonances.resonance_st`


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where labels begin."""

    fast: float  # logarithm of the pace over the plain one
    slow: float  # negative
    high_st: float  # over the voice's plain pitch
    low_st: float  # negative
    child: tuple[float, float, float]  # shown if a + b * pitch + c * resonance > 0, both in st over plain
    whisper: float  # voiced share below which it is a whisper
    pause_s: float
    soft_lufs: float
    loud_lufs: float
    snr_db: float  # most that the ratio may be off


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """What makes a word stand out from its plain reading (`stress.score`), and from where on it does."""

    weights: tuple[float, float, float]  # of length, level and pitch
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """All of it; `voices` by "voice/language", then by "gender/language"."""

    source: str
    pace: Mapping[str, Pace]
    voices: Mapping[str, Plain]
    limits: Limits
    stress: Stress | None = None  # None: nothing was fitted, stress is not judged

    @property
    def hash(self) -> str:
        """Content hash."""
        return content_hash("label-thresholds", self)

    def plain(self, *, voice: str | None, gender: str | None, language: str) -> Plain | None:
        """The plain reading of a voice, else of its gender, in a language; None where none was measured."""
        tag = primary(language)
        for who in (voice, gender):
            found = self.voices.get(f"{who}/{tag}")
            if found is not None:
                return found
        return None


def read(text: str) -> Thresholds:
    """Thresholds from the TOML that bench/labels.py prints; SuiteError if it is none."""
    try:
        return parse(Thresholds, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"label thresholds: not TOML ({error}); make them with bench/labels.py") from error


@cache
def shipped() -> Thresholds:
    """The thresholds that ship with the package."""
    return read((files(__package__) / "thresholds.toml").read_text(encoding="utf-8"))
