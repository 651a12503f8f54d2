"""What was heard in one utterance, as measured by instruments; kept by audio hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.records.identity import AudioHash, content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word with its place in the audio."""

    text: str
    start_s: float
    end_s: float
    probability: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What the ears understood."""

    text: str
    language: str
    language_probability: float = 1.0
    words: tuple[Word, ...] = ()
    log_probability: float = 0.0  # mean per token
    no_speech_probability: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time in seconds."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """How it was said, measured from the signal; None where it cannot be measured (unvoiced, silent)."""

    duration_s: float
    speech_s: float  # active speech without pauses and edges
    lead_s: float  # silence before
    tail_s: float  # silence after
    pauses: tuple[Span, ...]
    syllables_per_s: float | None  # over active speech
    f0_median_hz: float | None
    f0_range_st: float | None  # 5th to 95th percentile, semitones
    f0_sd_st: float | None
    f0_final_slope_st_s: float | None  # over the last voiced 300 ms
    intensity_dbfs: float | None  # RMS of active speech
    intensity_sd_db: float | None
    voiced_share: float  # of active speech
    emphasis: Mapping[str, float] = field(default_factory=dict)  # word -> prominence, z within the utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """DNSMOS, 1..5."""

    signal: float
    background: float
    overall: float
    p808: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """All that one extractor heard in one waveform."""

    audio: AudioHash
    extractor: str  # name and version of the whole chain
    transcript: Transcript | None
    prosody: Prosody
    quality: Quality | None
    heads: Mapping[str, float] = field(default_factory=dict)  # expressive, arousal, emotion:happy ..., gender:female
    checks: Mapping[str, float] = field(default_factory=dict)  # peak, clipping, snr_db ...

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("cues", self.audio, self.extractor)
