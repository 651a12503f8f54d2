"""The binary frames of Doubao's realtime dialogue: a header of four bytes, optional fields in order, a payload."""

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from s2s_arena.errors import InfrastructureError
from s2s_arena.models.remote.templates import Json

VERSION_AND_WORDS = 0x11  # version 1, header of one 32-bit word
_EVENT_FLAG = 0x4
_GZIP = 1
_JSON = 1


class Kind(IntEnum):
    """Message types."""

    CLIENT = 0x1
    CLIENT_AUDIO = 0x2
    SERVER = 0x9
    SERVER_AUDIO = 0xB
    ERROR = 0xF


class Event(IntEnum):
    """Events of both sides that we send or understand."""

    START_CONNECTION = 1
    FINISH_CONNECTION = 2
    CONNECTION_STARTED = 50
    CONNECTION_FAILED = 51
    CONNECTION_FINISHED = 52
    START_SESSION = 100
    FINISH_SESSION = 102
    SESSION_STARTED = 150
    SESSION_FINISHED = 152
    SESSION_FAILED = 153
    USAGE = 154
    TASK_REQUEST = 200
    TTS_SENTENCE_START = 350
    TTS_SENTENCE_END = 351
    TTS_RESPONSE = 352
    TTS_ENDED = 359
    ASR_INFO = 450
    ASR_RESPONSE = 451
    ASR_ENDED = 459
    CHAT_RESPONSE = 550
    CHAT_ENDED = 559
    DIALOG_ERROR = 599


_OF_CONNECTION = (1, 2)
_ANSWER_CONNECTION = (50, 51, 52)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of the server.

    Attributes:
        kind: Message type, also one that we do not know.
        event: Number of the event, if it has one.
        session: Id of the session or connection, if it has one.
        code: Of an error frame.
        payload: Decompressed.
        is_json: Whether the payload is JSON.
    """

    kind: int
    event: int | None = None
    session: str | None = None
    code: int | None = None
    payload: bytes = b""
    is_json: bool = False

    def value(self, *, who: str) -> Mapping[str, object]:
        """The payload as a JSON object; empty for an empty payload; InfrastructureError if it is something else."""
        if not self.payload:
            return {}
        try:
            value = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise InfrastructureError(f"{who}: event {self.event} is not JSON: {self.payload[:40]!r}") from error
        return value if isinstance(value, Mapping) else {}


def event_frame(event: Event, *, session: str | None = None, payload: Json | None = None) -> bytes:
    """A client frame with an event and a JSON payload, `{}` by default.

    Args:
        event: Which.
        session: Its id, for all but the two events of the connection.
        payload: JSON.
    """
    body = json.dumps({} if payload is None else payload, ensure_ascii=False, separators=(",", ":")).encode()
    return _frame(Kind.CLIENT, event, session, body, serialization=_JSON)


def audio_frame(session: str, content: bytes) -> bytes:
    """A client frame with audio (event TASK_REQUEST), raw."""
    return _frame(Kind.CLIENT_AUDIO, Event.TASK_REQUEST, session, content, serialization=0)


def parsed(content: bytes, *, who: str) -> Frame:
    """A frame of the server, read field by field.

    Fields come in this order, each only if flags or type say so: error code, sequence, event, id of connection or
    session. The vendor's own sample reads the event at a fixed place and so misreads frames with a sequence.

    Raises:
        InfrastructureError: Not a frame, or cut short.
    """
    if len(content) < 4 or content[0] >> 4 != 1:
        raise InfrastructureError(f"{who}: not a frame: {content[:8].hex()}")
    kind, flags = content[1] >> 4, content[1] & 0xF
    serialization, compression = content[2] >> 4, content[2] & 0xF
    fields = _Fields(content, (content[0] & 0xF) * 4, who)
    code = fields.number() if kind == Kind.ERROR else None
    if flags & 0x3 in (1, 3):
        fields.number()  # the sequence: frames come in order on a websocket anyway
    event = fields.number() if flags & _EVENT_FLAG else None
    session = None
    if event is not None and event not in _OF_CONNECTION:
        block = fields.block()
        if fields.over and event in _ANSWER_CONNECTION:
            # Servers differ in whether they name the connection when they answer about it.
            return Frame(kind=kind, event=event, code=code, payload=block, is_json=serialization == _JSON)
        session = block.decode("utf-8", "replace")
    payload = fields.block()
    if compression == _GZIP and payload:
        try:
            payload = gzip.decompress(payload)
        except (OSError, EOFError, zlib.error) as error:
            raise InfrastructureError(f"{who}: event {event} cannot be decompressed ({error})") from error
    return Frame(kind=kind, event=event, session=session, code=code, payload=payload, is_json=serialization == _JSON)


class _Fields:
    """Reads big-endian fields one after the other."""

    def __init__(self, content: bytes, at: int, who: str) -> None:
        self._content = content
        self._at = at
        self._who = who

    @property
    def over(self) -> bool:
        return self._at >= len(self._content)

    def number(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def block(self) -> bytes:
        return self._take(self.number())

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._content):
            raise InfrastructureError(f"{self._who}: a frame of {len(self._content)} bytes ends before its field does")
        taken, self._at = self._content[self._at : end], end
        return taken


def _frame(kind: Kind, event: Event, session: str | None, payload: bytes, *, serialization: int) -> bytes:
    head = bytes([VERSION_AND_WORDS, kind << 4 | _EVENT_FLAG, serialization << 4, 0])
    named = b"" if session is None else _block(session.encode())
    return head + int(event).to_bytes(4, "big") + named + _block(payload)


def _block(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content
