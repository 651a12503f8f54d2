"""What a loopback server was asked, as it decoded it: tests assert on this, never on what a client meant to send."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import WireFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An earlier turn as the client told it, or as the session remembers it."""

    role: str  # system | user | assistant
    audio: Waveform | None = None
    text: str | None = None
    audio_id: str | None = None  # chat: an earlier spoken answer, named instead of sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One question.

    Attributes:
        number: Counts the questions of this server from 0; the script of faults goes by it.
        audio: The user's speech of this turn, decoded, one per clip.
        texts: The user's written words of this turn.
        instructions: The system prompt.
        before: The turns before this one, oldest first.
        voice: The voice asked for.
        path: Path of the request.
        headers: Of the request or handshake, names in lower case.
        query: Of the request or handshake.
        fields: The request or session as it came in, parsed.
        fault: What the script made of it.
    """

    number: int
    audio: tuple[Waveform, ...] = ()
    texts: tuple[str, ...] = ()
    instructions: str | None = None
    before: tuple[Before, ...] = ()
    voice: str | None = None
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)
    fault: WireFault | None = None
