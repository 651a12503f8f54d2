"""What ears tell beyond words as tags: how it was said, and what else could be heard."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Words with tags."""

    transcript: Transcript
    emotion: str | None = None  # happy sad angry neutral fearful disgusted surprised; None where it cannot be told
    events: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The tags as a mind reads them, before the words."""
        tags = [self.emotion] if self.emotion and self.emotion != "neutral" else []
        return "".join(f"<{tag}> " for tag in [*tags, *self.events]) + self.transcript.text


@runtime_checkable
class TaggedEars(Protocol):
    """Ears that tell tags."""

    @property
    def identity(self) -> str: ...

    def listen(self, speech: Waveform, *, language: str | None = None) -> Tagged:
        """Words, emotion and sounds."""
        ...
