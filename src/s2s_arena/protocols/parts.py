"""What systems and judges are made of: ears, encoders, instruments, minds and voices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Quality, Transcript
from s2s_arena.records.speech import Utterance


class Transcriber(Protocol):
    """Speech to text."""

    @property
    def identity(self) -> str:
        """Name and version; part of keys."""
        ...

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        """What is said, with word times. `language` (BCP 47) forces the language."""
        ...


class Encoder(Protocol):
    """Speech to a sequence of feature vectors."""

    @property
    def identity(self) -> str: ...

    def encode(self, speech: Waveform) -> NDArray[np.float32]:
        """Shape (frames, dimensions), over the real frames only, never the padding."""
        ...


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """F0 over time.

    Attributes:
        times_s: Shape (frames,).
        f0_hz: Shape (frames,); meaningful where `voiced`.
        voiced: Shape (frames,).
        confidence: Shape (frames,), 0..1.
    """

    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    confidence: NDArray[np.float64]


class PitchTracker(Protocol):
    """Measures F0."""

    @property
    def identity(self) -> str: ...

    def track(self, speech: Waveform) -> PitchTrack: ...


class QualityMeter(Protocol):
    """Predicts how good speech sounds."""

    @property
    def identity(self) -> str: ...

    def rate(self, speech: Waveform) -> Quality: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One chat message."""

    role: str  # system | user | assistant
    content: str


class Writer(Protocol):
    """A text mind."""

    @property
    def identity(self) -> str: ...

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        """The reply; with `schema` (JSON Schema) the reply is JSON that fits it."""
        ...

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        """Log-probability of starting the reply with `yes` minus that of `no`, in nats."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worded:
    """A text's words as vectors.

    Attributes:
        vectors: Shape (words, dimensions), each of length 1; near where words mean alike.
        weights: Shape (words,), 0 and more: how much a word tells of what the text is about.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float64]


class WordVectors(Protocol):
    """Knows which words mean alike, without reading whole texts."""

    @property
    def identity(self) -> str: ...

    def words(self, text: str) -> Worded:
        """Each word of a text once."""
        ...


@runtime_checkable
class TextVectors(Protocol):
    """Reads a text and says in one vector where it would go on; near where texts would go on alike."""

    @property
    def identity(self) -> str: ...

    def vector(self, text: str) -> NDArray[np.float32]:
        """Shape (dimensions,), length 1, after the text's last token. Raises InputError where the text is too long."""
        ...


class Speaker(Protocol):
    """A voice with delivery controls."""

    @property
    def identity(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """BCP 47 primary tags it speaks well."""
        ...

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        """The utterance as directed. Raises InputError for a language it does not speak or unspeakable text."""
        ...
