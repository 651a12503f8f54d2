"""A loopback server of Moshi's wire: full duplex Opus over a websocket, a frame out for every frame in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.server import ServerConnection

from s2s_arena.audio.waveform import Waveform
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.heard import Before, Heard
from s2s_arena.testing.servers.opus_pages import RATE, PageError, PageReader, PageWriter
from s2s_arena.testing.servers.speaking import Dropped, Said, say
from s2s_arena.testing.servers.websocket_serving import WebSocketServer, handshake_of

FRAME_S = 0.08
OUT_RATE = 24000
OUT_FRAME = 1920
HANDSHAKE, AUDIO, TEXT = b"\x00", b"\x01", b"\x02"
LOUD = 0.01


@dataclass
class _Conversation:
    connection: ServerConnection
    headers: Mapping[str, str]
    reader: PageReader = field(default_factory=PageReader)
    writer: PageWriter = field(default_factory=PageWriter)
    pending: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    question: list[NDArray[np.float32]] = field(default_factory=list)
    quiet_s: float = 0.0
    frames: int = 0
    speech: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    words: list[str] = field(default_factory=list)
    heard: Heard | None = None
    sent: int = 0  # frames of this answer
    turns: list[Before] = field(default_factory=list)
    fault: tuple[int, WireFault | None] | None = None


class MoshiServer(WebSocketServer):
    """One conversation at a time; whoever comes second waits.

    It never says that a turn has ended: it listens and is silent until the user has been silent for `quiet_s`, speaks,
    and is silent again. Whoever stops sending stops the answer too.

    Args:
        quiet_s: The user's silence, in the user's own audio, after which it speaks.
        behaviour: As `LoopbackServer`; the latency is counted in frames of the user's audio.
        port: As `LoopbackServer`.
    """

    path = "/api/chat"
    faults = frozenset(
        {
            WireFault.SLOW,
            WireFault.STALLED,
            WireFault.DROPPED,
            WireFault.RATE_LIMITED,
            WireFault.SERVER_ERROR,
            WireFault.MALFORMED,
            WireFault.SILENCE,
            WireFault.STOPS_EARLY,
        }
    )

    def __init__(self, *, quiet_s: float = 0.4, behaviour: Behaviour | None = None, port: int = 0) -> None:
        super().__init__(behaviour=behaviour, key=None, port=port)
        self.quiet_s = quiet_s
        self._lock: asyncio.Lock | None = None

    async def session(self, connection: ServerConnection) -> None:
        request = connection.request
        headers = handshake_of(request)[0] if request is not None else {}
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            talk = _Conversation(connection=connection, headers=headers, fault=self.first_fault(connection))
            if talk.fault is not None and talk.fault[1] is WireFault.SERVER_ERROR:
                await connection.close(1011, "CUDA out of memory")
                return
            await connection.send(HANDSHAKE)
            for page in talk.writer.head():
                await connection.send(AUDIO + page)
            try:
                async for message in connection:
                    await self._message(talk, message)
            except PageError as error:
                self.refuse(str(error))
                await connection.close(1002, str(error))
            finally:
                if talk.heard is not None:
                    self.let_go(whole=talk.sent * OUT_FRAME >= talk.speech.shape[0])

    async def _message(self, talk: _Conversation, message: str | bytes) -> None:
        if isinstance(message, str) or message[:1] != AUDIO:
            raise PageError(f"message {message[:1]!r}: only 01 and Opus are understood")
        talk.pending = np.concatenate([talk.pending, talk.reader.feed(message[1:])])
        size = round(FRAME_S * RATE)
        while talk.pending.shape[0] >= size:
            frame, talk.pending = talk.pending[:size], talk.pending[size:]
            talk.frames += 1
            if talk.frames == 1:
                continue  # the model needs one frame to wake up
            self._listen(talk, frame)
            await self._speak(talk)

    def _listen(self, talk: _Conversation, frame: NDArray[np.float32]) -> None:
        loud = float(np.sqrt(np.mean(np.square(frame)))) > LOUD
        if loud or talk.question:
            talk.question.append(frame)
        talk.quiet_s = 0.0 if loud else talk.quiet_s + FRAME_S
        waits = self.quiet_s + self.behaviour.latency_s
        if talk.question and talk.fault is not None and talk.fault[1] is WireFault.SLOW:
            waits += self.behaviour.slow_s
        if talk.question and not loud and talk.quiet_s >= waits:
            self._think(talk)

    def _think(self, talk: _Conversation) -> None:
        if talk.heard is not None:
            self.let_go(whole=True)
        number, fault = talk.fault or self.next_fault()
        talk.fault = None
        clip = Waveform(np.concatenate(talk.question), RATE)
        talk.question.clear()
        talk.heard = Heard(
            number=number, audio=(clip,), before=tuple(talk.turns), path=self.path, headers=talk.headers, fault=fault
        )
        self.keep(talk.heard)
        said: Said = say(talk.heard, behaviour=self.behaviour, rate_hz=OUT_RATE)
        talk.turns += [Before(role="user", audio=clip), Before(role="assistant", audio=said.speech, text=said.text)]
        talk.speech, talk.words, talk.sent = said.speech.samples, [*said.words], 0

    async def _speak(self, talk: _Conversation) -> None:
        block = talk.speech[talk.sent * OUT_FRAME : (talk.sent + 1) * OUT_FRAME]
        fault = talk.heard.fault if talk.heard is not None else None
        if block.shape[0]:
            if talk.sent == (talk.speech.shape[0] // OUT_FRAME) // 2:
                await self._middle(talk, fault)
            talk.sent += 1
            if talk.words:
                await talk.connection.send(TEXT + (" " + talk.words.pop(0)).encode())
        frame = np.zeros(OUT_FRAME, dtype=np.float32)
        frame[: block.shape[0]] = block
        for page in talk.writer.pages(frame):
            await talk.connection.send(AUDIO + page)

    async def _middle(self, talk: _Conversation, fault: WireFault | None) -> None:
        if fault is WireFault.DROPPED:
            raise Dropped
        if fault is WireFault.STALLED:
            await asyncio.sleep(self.behaviour.stalled_s)
            raise Dropped
        if fault is WireFault.MALFORMED:
            await talk.connection.send(AUDIO + b"this is not Ogg at all, and it is long enough for a header")
