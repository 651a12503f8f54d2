"""One worker process: started, listened to, and ended; its last lines are kept."""

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from s2s_arena.errors import InfrastructureError, MissingError
from s2s_arena.records.systems import Setting

PROTOCOL = 1
SDK = Path(__file__).with_name("sdk.py")
LAST_LINES = 20
SHOWN_LINES = 3
BEATS_MISSED_S = 30.0  # a worker says every 2 s that it lives

Message = Mapping[str, object]


class WorkerProcess:
    """A running worker. Messages come and go as JSON lines over two pipes that are neither standard output nor error.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        name: What messages call it.
        settings: Handed to it.
        start_s: How long it may take until it is ready.
        gpu: The only one that it is to see; None for all of them.

    Raises:
        MissingError: The program is not there, the worker says that something it needs is not, or it speaks another
            version of the protocol.
        InfrastructureError: It died or said nothing sensible before it was ready.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        name: str,
        settings: Mapping[str, Setting],
        start_s: float,
        gpu: str | None = None,
    ) -> None:
        self._name = name
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._heard_at = time.monotonic()
        self._ended = False
        its_in, our_out = os.pipe()
        our_in, its_out = os.pipe()
        environment = {
            **os.environ,
            "S2S_ARENA_WORKER_IN": str(its_in),
            "S2S_ARENA_WORKER_OUT": str(its_out),
            "S2S_ARENA_WORKER_SETTINGS": json.dumps(dict(settings)),
            "S2S_ARENA_WORKER_SDK": str(SDK),
            "PYTHONUNBUFFERED": "1",
            **({} if gpu is None else {"CUDA_VISIBLE_DEVICES": gpu}),
        }
        try:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(its_in, its_out),
                start_new_session=True,
            )
        except OSError as error:
            os.close(our_out)
            os.close(our_in)
            raise MissingError(f"worker {name}: {command[0]} cannot be started ({error.strerror})") from error
        finally:
            os.close(its_in)
            os.close(its_out)
        self._out = os.fdopen(our_out, "w", encoding="utf-8")
        self._in = os.fdopen(our_in, "rb")
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._keep_lines, self._listen)]
        for thread in self._threads:
            thread.start()
        try:
            self.ready = self._greeting(time.monotonic() + start_s)
        except BaseException:
            self.end()
            raise

    @property
    def alive(self) -> bool:
        """Whether it still runs and can be asked."""
        return not self._ended and self._process.poll() is None

    @property
    def last_lines(self) -> tuple[str, ...]:
        """What it printed last, on standard output and error."""
        return tuple(self._lines)

    def send(self, message: Message) -> None:
        """Give it a message; InfrastructureError if it is gone."""
        try:
            self._out.write(json.dumps(dict(message)) + "\n")
            self._out.flush()
        except (OSError, ValueError) as error:
            raise self.gone() from error

    def receive(self, deadline: float) -> Message | None:
        """Its next message, or None if there is none until then (`time.monotonic`).

        Raises:
            InfrastructureError: It died, went silent, or wrote something that is no message.
        """
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = self._messages.get(timeout=min(left, 1.0))
            except queue.Empty:
                if time.monotonic() - self._heard_at > BEATS_MISSED_S:
                    raise InfrastructureError(
                        f"worker {self._name}: not heard of for {BEATS_MISSED_S:g} s{self._said()}"
                    ) from None
                continue
            if message is None:
                raise self.gone()
            if "garbage" in message:
                raise InfrastructureError(
                    f"worker {self._name}: wrote {message['garbage']!r}, which is no message{self._said()}"
                )
            if message.get("type") != "beat":
                return message
        return None

    def gone(self) -> InfrastructureError:
        """The error that says that it died, with its last lines."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._threads[0].join(2)
        return InfrastructureError(f"worker {self._name}: ended with status {self._process.poll()}{self._said()}")

    def end(self) -> None:
        """Stop it and everything it started."""
        self._ended = True
        with contextlib.suppress(OSError):
            self._out.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        for thread in self._threads:
            thread.join(2)
        self._in.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    # ------------------------------------------------------------------------------------------ inside

    def _greeting(self, deadline: float) -> Message:
        message = self.receive(deadline)
        if message is None:
            raise InfrastructureError(f"worker {self._name}: not ready in its time{self._said()}")
        if message.get("type") == "missing":
            raise MissingError(f"worker {self._name}: {str(message.get('message', ''))[:500]}")
        if message.get("type") != "ready":
            raise InfrastructureError(f"worker {self._name}: {message.get('type')!r} before it was ready{self._said()}")
        if message.get("protocol") != PROTOCOL:
            raise MissingError(
                f"worker {self._name}: speaks protocol {message.get('protocol')!r}, {PROTOCOL} is needed; "
                "copy the present sdk.py beside it"
            )
        return message

    def _listen(self) -> None:
        for line in self._in:
            self._heard_at = time.monotonic()
            try:
                message = json.loads(line)
            except ValueError:
                message = None
            self._messages.put(message if isinstance(message, dict) else {"garbage": line[:80]})
        self._messages.put(None)

    def _keep_lines(self) -> None:
        for line in self._process.stdout or ():
            self._lines.append(line.decode("utf-8", "replace").rstrip())

    def _said(self) -> str:
        lines = [line for line in self._lines if line.strip()][-SHOWN_LINES:]
        return f"; its last lines: {' | '.join(lines)}" if lines else "; it printed nothing"
