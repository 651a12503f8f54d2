"""Moshi: full duplex over one websocket, Opus both ways; there is no end of turn, so silence has to tell."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Samples, Waveform
from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, TimedOut
from s2s_arena.models import settings as read
from s2s_arena.models.parts import Parts
from s2s_arena.models.remote import endpoint as remote
from s2s_arena.models.remote.opus_stream import CLOCK_HZ, OpusReader, OpusWriter
from s2s_arena.models.remote.sockets import Socket, opened
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import Setting

RATE_HZ = 24000
FRAME = 1920  # samples: 80 ms
FRAME_S = FRAME / RATE_HZ
HANDSHAKE, SOUND, TEXT = 0, 1, 2
VOICED_DBFS = -45.0  # louder than this is somebody speaking, not the codec's noise
LEAD_S = 2.0  # how far silence may run ahead of what has come back, when it is not paced by the clock
KEPT_BEFORE_S, KEPT_AFTER_S = 0.1, 0.3  # of silence around the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """When an answer is over.

    Attributes:
        silence_s: After its last sound.
        wait_s: Without any sound after the question.
        longest_s: After the question, whatever is still said.
        pace: 1 speaks in real time; 0 as fast as the server takes it.
    """

    silence_s: float = 3.0
    wait_s: float = 12.0
    longest_s: float = 60.0
    pace: float = 1.0


@dataclass(slots=True)
class _Stream:
    """Both timelines, which run together: what was said to it and what came back."""

    socket: Socket
    writer: OpusWriter
    reader: OpusReader
    who: str
    sent: int = 0  # frames
    begun: float = field(default_factory=time.monotonic)
    came_at: float = field(default_factory=time.monotonic)  # the last message
    sound: list[Samples] = field(default_factory=list)
    heard: int = 0  # samples at 48 kHz
    words: list[tuple[int, str]] = field(default_factory=list)  # where in `heard` they came
    onset: int | None = None  # where in `heard` the answer's first sound lies
    onset_at: float = 0.0
    last_voiced: int = 0
    listens_from: int = 0

    @property
    def sent_s(self) -> float:
        return self.sent * FRAME_S

    @property
    def heard_s(self) -> float:
        return self.heard / CLOCK_HZ

    def listen(self) -> None:
        """From here on, what comes is the answer."""
        self.listens_from = round(self.sent_s * CLOCK_HZ)
        self.onset, self.last_voiced = None, self.listens_from

    def take(self, message: str | bytes) -> None:
        """One message of the server."""
        self.came_at = time.monotonic()
        content = message.encode() if isinstance(message, str) else message
        if not content:
            raise InfrastructureError(f"{self.who}: an empty message")
        if content[0] == SOUND:
            self._hear(self.reader.read(content[1:]))
        elif content[0] == TEXT:
            self.words.append((self.heard, content[1:].decode("utf-8", "replace")))
        elif content[0] != HANDSHAKE:
            raise InfrastructureError(f"{self.who}: a message of unknown kind {content[0]}")

    def _hear(self, samples: Samples) -> None:
        self.sound.append(samples)
        step = CLOCK_HZ // 50
        for at in range(0, samples.size, step):
            piece, place = samples[at : at + step], self.heard + at
            level = 10.0 * np.log10(np.mean(np.square(piece, dtype=np.float64)) + 1e-12)
            if place >= self.listens_from and level > VOICED_DBFS:
                if self.onset is None:
                    self.onset, self.onset_at = place, time.monotonic()
                self.last_voiced = place + piece.size
        self.heard += samples.size


class Moshi:
    """Implements `protocols.Conversant` by a Moshi server: one conversation for each answer, one at a time.

    Args:
        endpoint: Where it is.
        manners: When an answer is over.
    """

    input_rate_hz = RATE_HZ

    def __init__(self, endpoint: remote.Endpoint, *, manners: Manners) -> None:
        self._endpoint = endpoint
        self._manners = manners

    @property
    def identity(self) -> str:
        m = self._manners
        rules = f"silence={m.silence_s:g}, wait={m.wait_s:g}, longest={m.longest_s:g}, pace={m.pace:g}"
        return f"moshi/1({urlsplit(self._endpoint.url).netloc}, {rules})"

    def answer(self, request: Request) -> Answer:
        """Speech for speech, without what it said during the question; see `sockets.opened` for what is raised."""
        who = self._endpoint.name
        writer, reader = OpusWriter(rate_hz=RATE_HZ), OpusReader(who=who)
        with opened(self._endpoint, url=self._endpoint.address(), deadline=self._endpoint.deadline()) as socket:
            stream = _Stream(socket, writer, reader, who)
            self._greet(socket)
            socket.send(bytes([SOUND]) + writer.head())
            stream.begun = time.monotonic()
            for speech in [*(past.user for past in request.history), request.speech]:
                self._say(stream, speech)
                asked_at = time.monotonic()
                self._wait(stream)
        return self._answer(request, stream, asked_at)

    def _greet(self, socket: Socket) -> None:
        # Nothing that is sent before the handshake is heard: the server still serves somebody else.
        message = socket.receive()
        if message != bytes([HANDSHAKE]):
            raise InfrastructureError(f"{self._endpoint.name}: {message!r:.40} came instead of the handshake")

    def _say(self, stream: _Stream, speech: Waveform) -> None:
        samples = resample(speech, RATE_HZ).pcm16()
        padded = np.concatenate([samples, np.zeros(-samples.size % FRAME, dtype=np.int16)])
        for at in range(0, padded.size, FRAME):
            self._frame(stream, padded[at : at + FRAME])
        stream.listen()

    def _wait(self, stream: _Stream) -> None:
        """Silence from us until the answer is over."""
        manners, silence = self._manners, np.zeros(FRAME, dtype=np.int16)
        question_s = stream.listens_from / CLOCK_HZ
        while True:
            quiet_s = stream.heard_s - stream.last_voiced / CLOCK_HZ
            patience_s = manners.wait_s if stream.onset is None else manners.silence_s
            if quiet_s >= patience_s or stream.heard_s - question_s >= manners.longest_s:
                return
            self._frame(stream, silence)
            if time.monotonic() - stream.came_at > self._endpoint.patience_s:
                raise TimedOut(f"{self._endpoint.name}: nothing more came for {self._endpoint.patience_s:g} s")
            if stream.sent_s - stream.heard_s > LEAD_S and self._manners.pace == 0:
                self._receive(stream, within_s=None)

    def _frame(self, stream: _Stream, samples: NDArray[np.int16]) -> None:
        page = stream.writer.write(samples)
        if page:
            stream.socket.send(bytes([SOUND]) + page)
        stream.sent += 1
        due = stream.begun + stream.sent_s * self._manners.pace
        # The server speaks while we do: what comes is taken in until the next frame is due.
        while self._receive(stream, within_s=max(0.0, due - time.monotonic())):
            pass

    def _receive(self, stream: _Stream, *, within_s: float | None) -> bool:
        message = stream.socket.receive(within_s=within_s)
        if message is not None:
            stream.take(message)
        return message is not None

    def _answer(self, request: Request, stream: _Stream, asked_at: float) -> Answer:
        if stream.onset is None:
            raise EmptyAnswer(f"{self._endpoint.name}: nothing was said within {self._manners.wait_s:g} s")
        heard = np.concatenate(stream.sound)
        begin = max(stream.listens_from, stream.onset - round(KEPT_BEFORE_S * CLOCK_HZ))
        longest = stream.listens_from + round(self._manners.longest_s * CLOCK_HZ)
        end = min(longest, stream.last_voiced + round(KEPT_AFTER_S * CLOCK_HZ))
        speech = resample(Waveform(heard[begin:end], CLOCK_HZ), RATE_HZ)
        text = "".join(words for place, words in stream.words if place >= stream.listens_from).strip()
        return Answer(
            speech=speech,
            text=text or None,
            first_audio_s=max(0.0, stream.onset_at - asked_at),
            usage=Usage(audio_in_s=request.speech.duration_s, audio_out_s=speech.duration_s),
            raw={"onset_s": f"{(stream.onset - stream.listens_from) / CLOCK_HZ:.2f}"},
        )


KNOWN = frozenset({"url", "timeout_s", "patience_s", "connect_s", "silence_s", "wait_s", "longest_s", "pace"})


def build(settings: Mapping[str, Setting], parts: Parts) -> Moshi:
    """A system from a card. Settings: url, the times of every remote family, and those of `Manners`."""
    read.check_keys("moshi", settings, known=KNOWN)
    values = {
        key: read.number(settings, key, default)
        for key, default in (("silence_s", 3.0), ("wait_s", 12.0), ("longest_s", 60.0), ("pace", 1.0))
    }
    for key, value in values.items():
        if value < 0 or (value == 0 and key != "pace"):
            raise CardError(f"settings.{key}: {value:g} given, more than 0 needed")
    where = remote.endpoint(
        settings, name="moshi", url="ws://localhost:8998/api/chat", transport="socket", patience_s=20.0
    )
    return Moshi(where, manners=Manners(**values))
