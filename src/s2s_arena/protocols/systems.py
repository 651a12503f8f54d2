"""What is evaluated and who listens to it: systems that converse, and models that hear a prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.identity import SampleId
from s2s_arena.records.responses import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system gave back for one turn."""

    speech: Waveform
    text: str | None = None
    first_audio_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    raw: Mapping[str, str] = field(default_factory=dict)  # what it heard, thought, planned: kept for debugging


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A finished turn of the dialogue."""

    user: Waveform
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a system gets: speech and what went before. `sample` and `turn` only serve to find recordings."""

    speech: Waveform
    sample: SampleId
    turn: int = 0
    history: tuple[Exchange, ...] = ()
    seed: int = 0


class Conversant(Protocol):
    """A speech-to-speech system."""

    @property
    def identity(self) -> str:
        """Adapter name and version, and of what it is made."""
        ...

    def answer(self, request: Request) -> Answer:
        """Speech for speech. Raises SystemFailure kinds and InfrastructureError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenPrompt:
    """What an audio model hears and reads."""

    audio: tuple[Waveform, ...]
    text: str
    hash: str


class Listener(Protocol):
    """An audio model that hears a prompt and replies in text."""

    @property
    def identity(self) -> str: ...

    def reply(self, prompt: SpokenPrompt, *, schema: Mapping[str, object] | None = None) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardMessage:
    """One chat message whose text and audio are read in the order of its parts."""

    role: str  # system | user | assistant
    parts: tuple[str | Waveform, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an audio model wrote, and what it says of itself.

    Attributes:
        text: The reply, as it came.
        model: The version that says it replied; empty where none is told.
        finish: Why it stopped, in the vendor's word.
        usage: Tokens.
        audio_tokens: Tokens of audio that it counted in the request; None where it does not say.
    """

    text: str
    model: str = ""
    finish: str = ""
    usage: Usage = field(default_factory=Usage)
    audio_tokens: int | None = None


class AudioReader(Protocol):
    """A model that reads messages with audio in them and writes."""

    @property
    def identity(self) -> str:
        """Adapter, model and host; part of a judge's identity."""
        ...

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """The reply; `schema` (JSON Schema) is enforced where the other side can. Raises SystemFailure kinds,
        InfrastructureError and AccessError.
        """
        ...
