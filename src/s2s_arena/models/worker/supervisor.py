"""A system in a process of its own: one worker, or one for each GPU, restarted with back-off when it fails."""

import contextlib
import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import EmptyAnswer, InfrastructureError, MissingError, Refused, SystemFailure, TimedOut
from s2s_arena.models.worker.gpus import Seat
from s2s_arena.models.worker.process import Message, WorkerProcess
from s2s_arena.models.worker.reading import reading, to_read, whole
from s2s_arena.models.worker.speaking import spoken, to_speak
from s2s_arena.protocols import Answer, HeardMessage, Reading, Request
from s2s_arena.records.responses import Usage
from s2s_arena.records.speech import Delivery, Traits

T = TypeVar("T")

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STARTS = 3
FRUITLESS = 6


class Worker:
    """Implements `protocols.Conversant` by a worker; one request at a time, from any thread. Judges read, voices speak.

    A worker that dies, hangs or answers for another request is ended and started afresh for the next request, after
    1, 2, 4 ... s as long as it goes on failing. What it was asked then is an infrastructure failure with its last
    lines; what it could not finish in its time is TimedOut. One that has never started in `STARTS` attempts, or never
    answered in `FRUITLESS`, is MissingError, which ends the run: no further request would fare better.

    Args:
        start: Starts one.
        name: Part of the identity.
        version: Part of the identity: of the card.
        request_s: How long one request may take.
        seat: The GPU it sits on, if it needs one for itself.
        clock: Seconds that never go back.
        sleep: Waits.
    """

    def __init__(
        self,
        start: Callable[[], WorkerProcess],
        *,
        name: str,
        version: str,
        request_s: float,
        seat: Seat | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._start = start
        self._name = name
        self._version = version
        self._request_s = request_s
        self._seat = seat
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._running: WorkerProcess | None = None
        self._failures = 0
        self._not_before = 0.0
        self._ever_ready = False
        self._ever_answered = False

    @property
    def identity(self) -> str:
        return f"worker/1({self._name}, {self._version})"

    def answer(self, request: Request) -> Answer:
        return self._once(lambda process, folder: self._asked(process, request, folder))

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """Implements `protocols.AudioReader` by a worker that reads: a judge in a process of its own."""

        def ask(process: WorkerProcess, folder: Path) -> Reading:
            message = to_read(
                messages, folder=folder, seed=seed, temperature=temperature, max_tokens=max_tokens, schema=schema
            )
            told = self._reply(process, message, kind="reply")
            heard_s = sum(part.duration_s for m in messages for part in m.parts if isinstance(part, Waveform))
            return reading(told, worker=self._name, model=_called(process), heard_s=heard_s)

        return self._once(ask)

    def capabilities(self) -> frozenset[str]:
        """What it said that it can do when it was ready; it is started if it does not run."""
        return self._once(lambda process, _: _able(process))

    def speak(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words spoken by a worker that is a voice; what it cannot say is SystemFailure or AudioError."""

        def ask(process: WorkerProcess, folder: Path) -> Waveform:
            out = folder / "speech.wav"
            message = to_speak(
                text, language=language, delivery=delivery, traits=traits, speed=speed, seed=seed, out=out
            )
            return spoken(self._reply(process, message, kind="spoken"), out=out, worker=self._name)

        return self._once(ask)

    def _once(self, ask: Callable[[WorkerProcess, Path], T]) -> T:
        place = contextlib.nullcontext() if self._seat is None else self._seat.taken(self)
        with place, self._lock, tempfile.TemporaryDirectory(prefix="s2s-arena-") as folder:
            process = self._worker()
            try:
                done = ask(process, Path(folder))
            except (InfrastructureError, TimedOut) as error:
                self._drop()
                if isinstance(error, TimedOut) or self._ever_answered or self._failures < FRUITLESS:
                    raise
                raise MissingError(f"{error}; it answered nothing in {FRUITLESS} attempts, mend it first") from error
            except SystemFailure:
                self._ever_answered = True
                raise
            self._failures, self._ever_answered = 0, True
            return done

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._running is not None:
                self._running.end()
                self._running = None
        if self._seat is not None:
            self._seat.leave(self)

    def _worker(self) -> WorkerProcess:
        if self._running is not None and not self._running.alive:
            self._drop()
        if self._running is None:
            if (wait_s := self._not_before - self._clock()) > 0:
                self._sleep(wait_s)
            try:
                self._running = self._start()
            except InfrastructureError as error:
                self._drop()
                if not self._ever_ready and self._failures >= STARTS:
                    raise MissingError(f"{error}; it never started in {STARTS} attempts, mend it first") from error
                raise
            self._ever_ready = True
        return self._running

    def _drop(self) -> None:
        if self._running is not None:
            self._running.end()
            self._running = None
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**self._failures)
        self._failures += 1
        self._not_before = self._clock() + wait_s

    def _asked(self, process: WorkerProcess, request: Request, folder: Path) -> Answer:
        out = folder / "answer.wav"
        history = [
            {
                "user": _wav(past.user, folder / f"user{n}.wav"),
                "answer": _wav(past.answer.speech, folder / f"answer{n}.wav"),
                "text": past.answer.text or "",
            }
            for n, past in enumerate(request.history)
        ]
        speech = _wav(request.speech, folder / "speech.wav")
        told = self._reply(
            process,
            {
                "type": "ask",
                "speech": speech,
                "history": history,
                "out": str(out),
                "seed": request.seed,
                "turn": request.turn,
            },
            kind="answer",
        )
        if told.get("refused"):
            raise Refused(f"worker {self._name}: {str(told['refused'])[:200]}")
        if not out.is_file():
            raise EmptyAnswer(f"worker {self._name}: it wrote no {out.name}")
        spoken = files.read(out, name=f"answer of worker {self._name}")
        usage = Usage(
            tokens_in=whole(told, "tokens_in"),
            tokens_out=whole(told, "tokens_out"),
            audio_in_s=request.speech.duration_s,
            audio_out_s=spoken.duration_s,
        )
        text, first = told.get("text"), told.get("first_audio_s")
        return Answer(
            speech=spoken,
            text=text if isinstance(text, str) and text else None,
            first_audio_s=float(first) if isinstance(first, (int, float)) else None,
            usage=usage,
            raw={"worker": _called(process)},
        )

    def _reply(self, process: WorkerProcess, message: Message, *, kind: str) -> Message:
        """What it says to a message; errors of its own are SystemFailure."""
        id = uuid.uuid4().hex
        process.send({**message, "id": id})
        told = process.receive(time.monotonic() + self._request_s)
        if told is None:
            raise TimedOut(f"worker {self._name}: no answer within {self._request_s:g} s")
        if told.get("id") != id or told.get("type") not in (kind, "error"):
            raise InfrastructureError(
                f"worker {self._name}: {told.get('type')!r} for request {str(told.get('id'))[:40]!r}, "
                f"which is not the one it was asked; it was started afresh"
            )
        if told["type"] == "error":
            raise SystemFailure(f"worker {self._name}: {str(told.get('message', ''))[:200]}")
        return told


class Workers:
    """Implements `protocols.Conversant` by several workers of one system: as many requests at a time.

    Args:
        workers: All alike.
    """

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._all = tuple(workers)
        # In turn, so that one that fails and has to wait does not get every request.
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._all:
            self._idle.put(worker)

    @property
    def identity(self) -> str:
        return self._all[0].identity

    def answer(self, request: Request) -> Answer:
        with self._any() as worker:
            return worker.answer(request)

    def capabilities(self) -> frozenset[str]:
        """As `Worker.capabilities`: all are alike."""
        with self._any() as worker:
            return worker.capabilities()

    def speak(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """As `Worker.speak`, by whichever is idle."""
        with self._any() as worker:
            return worker.speak(text, language=language, delivery=delivery, traits=traits, speed=speed, seed=seed)

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """As `Worker.read`, by whichever is idle."""
        with self._any() as worker:
            return worker.read(messages, seed=seed, temperature=temperature, max_tokens=max_tokens, schema=schema)

    def close(self) -> None:
        """End them all."""
        for worker in self._all:
            worker.close()

    @contextlib.contextmanager
    def _any(self) -> Iterator[Worker]:
        worker = self._idle.get()
        try:
            yield worker
        finally:
            self._idle.put(worker)


def _wav(speech: Waveform, path: Path) -> str:
    path.write_bytes(files.encode_wav(speech))
    return str(path)


def _called(process: WorkerProcess) -> str:
    return f"{process.ready.get('name')} {process.ready.get('version')}"


def _able(process: WorkerProcess) -> frozenset[str]:
    told = process.ready.get("capabilities")
    return frozenset(str(name) for name in told) if isinstance(told, list) else frozenset()
