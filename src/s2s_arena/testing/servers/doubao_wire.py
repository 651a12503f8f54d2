"""Doubao's binary frames from the server's side: strict in what it takes, exact in what it gives."""

import gzip
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

CLIENT_JSON, CLIENT_AUDIO, SERVER_JSON, SERVER_AUDIO, SERVER_ERROR = 0x1, 0x2, 0x9, 0xB, 0xF
WITH_EVENT = 0x4


class Ask(IntEnum):
    """What a client may say."""

    START_CONNECTION = 1
    FINISH_CONNECTION = 2
    START_SESSION = 100
    FINISH_SESSION = 102
    AUDIO = 200
    SAY_HELLO = 300
    SPEAK_TEXT = 500
    TEXT_QUERY = 501
    RAG_TEXT = 502


class Tell(IntEnum):
    """What a server may say."""

    CONNECTION_STARTED = 50
    CONNECTION_FAILED = 51
    CONNECTION_FINISHED = 52
    SESSION_STARTED = 150
    SESSION_FINISHED = 152
    SESSION_FAILED = 153
    USAGE = 154
    SENTENCE_START = 350
    SENTENCE_END = 351
    AUDIO = 352
    SPEECH_ENDED = 359
    HEARING = 450
    HEARD = 451
    HEARING_ENDED = 459
    WORDS = 550
    WORDS_ENDED = 559
    ERROR = 599


_OF_CONNECTIONS = frozenset({1, 2, 50, 51, 52})


class FrameError(Exception):
    """Bytes that are not a frame a client may send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One client frame."""

    event: int
    session: str | None
    payload: bytes

    def fields(self) -> Mapping[str, object]:
        """The payload as JSON.

        Raises:
            FrameError: It is not a JSON object.
        """
        try:
            value = json.loads(self.payload)
        except ValueError as error:
            raise FrameError(f"event {self.event}: the payload is not JSON") from error
        if not isinstance(value, dict):
            raise FrameError(f"event {self.event}: the payload is not a JSON object")
        return value


def read(frame: bytes) -> Asked:
    """Parse a client's frame.

    Raises:
        FrameError: Any byte is not as the document has it.
    """
    if len(frame) < 4 or frame[0] != 0x11 or frame[3] != 0:
        raise FrameError(f"header {frame[:4].hex()}: 11 .. .. 00 is needed")
    kind, flags, form, packing = frame[1] >> 4, frame[1] & 0xF, frame[2] >> 4, frame[2] & 0xF
    if kind not in (CLIENT_JSON, CLIENT_AUDIO):
        raise FrameError(f"message type {kind:#x} is not a client's")
    if flags != WITH_EVENT:
        raise FrameError(f"flags {flags:#x}: every client frame carries its event")
    if form != (0 if kind == CLIENT_AUDIO else 1) or packing > 1:
        raise FrameError(f"serialization {form}, compression {packing} for message type {kind:#x}")
    at = 4
    event, at = _number(frame, at)
    session = None
    if event not in _OF_CONNECTIONS:
        raw, at = _block(frame, at)
        session = raw.decode("ascii", errors="replace")
    payload, at = _block(frame, at)
    if at != len(frame):
        raise FrameError(f"{len(frame) - at} bytes after the payload")
    if (event == Ask.AUDIO) != (kind == CLIENT_AUDIO):
        raise FrameError(f"event {event} in message type {kind:#x}")
    return Asked(event=event, session=session, payload=gzip.decompress(payload) if packing else payload)


def _number(frame: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(frame):
        raise FrameError("the frame ends inside its header")
    return int(struct.unpack_from(">I", frame, at)[0]), at + 4


def _block(frame: bytes, at: int) -> tuple[bytes, int]:
    size, at = _number(frame, at)
    if at + size > len(frame):
        raise FrameError(f"{size} bytes announced, {len(frame) - at} there")
    return frame[at : at + size], at + size


def tell(event: Tell, fields: Mapping[str, object], *, owner: str, packed: bool = False) -> bytes:
    """A full server response; `owner` is the connection's id for connection events, else the session's."""
    payload = json.dumps(fields, ensure_ascii=False).encode()
    payload = gzip.compress(payload) if packed else payload
    head = bytes((0x11, SERVER_JSON << 4 | WITH_EVENT, 0x10 | packed, 0))
    return head + struct.pack(">I", event) + _sized(owner.encode()) + _sized(payload)


def sound(raw: bytes, *, session: str) -> bytes:
    """An audio-only server response."""
    head = bytes((0x11, SERVER_AUDIO << 4 | WITH_EVENT, 0, 0))
    return head + struct.pack(">I", Tell.AUDIO) + _sized(session.encode()) + _sized(raw)


def error(code: int, message: str) -> bytes:
    """An error frame: code first, no event."""
    payload = json.dumps({"error": message}).encode()
    return bytes((0x11, SERVER_ERROR << 4, 0x10, 0)) + struct.pack(">I", code) + _sized(payload)


def _sized(raw: bytes) -> bytes:
    return struct.pack(">I", len(raw)) + raw
