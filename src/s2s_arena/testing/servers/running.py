"""A loopback server's life: an event loop in a thread of its own, one free port, started and stopped by `with`."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from s2s_arena.testing.servers.behaviour import Behaviour, WireFault
from s2s_arena.testing.servers.heard import Heard

HOST = "127.0.0.1"
KEY = "loopback-key"


class Listening(Protocol):
    """A listening socket with all that came of it."""

    def close(self) -> None:
        """Accept nobody any more."""
        ...

    async def wait_closed(self) -> None:
        """Until everything is closed."""
        ...


class LoopbackServer:
    """A server on 127.0.0.1.

    Args:
        behaviour: How it answers.
        key: The key that clients must present; None accepts everyone.
        port: 0 takes a free one.

    Attributes:
        heard: The questions, in the order in which they were complete.
        refused: What was wrong with requests that were not understood, one line each.
        most_in_flight: The highest number of questions that were open at once.
        finished: Questions whose answer was sent to its end.
    """

    scheme = "http"
    path = "/"
    faults: frozenset[WireFault] = frozenset()

    def __init__(self, *, behaviour: Behaviour | None = None, key: str | None = KEY, port: int = 0) -> None:
        self.behaviour = behaviour or Behaviour()
        self.key = key
        self.heard: deque[Heard] = deque(maxlen=self.behaviour.keep)
        self.refused: deque[str] = deque(maxlen=1000)
        self.most_in_flight = 0
        self.finished = 0
        self._asked = 0
        self._in_flight = 0
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    @property
    def port(self) -> int:
        """Where it listens, once started."""
        return self._port

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{HOST}:{self._port}"

    @property
    def url(self) -> str:
        """Where questions are put."""
        return self.origin + self.path

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=type(self).__name__, daemon=True)
        self._thread.start()
        ready.wait(60.0)
        if self._failure is not None:
            raise self._failure
        if self._stop is None:
            raise TimeoutError(f"{type(self).__name__} did not start within 60 s")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop, stop, thread = self._loop, self._stop, self._thread
        if loop is None or stop is None or thread is None:
            return
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10.0)

    def last(self) -> Heard:
        """The last question."""
        return self.heard[-1]

    def texts(self) -> Sequence[str]:
        """What was refused, for messages of failing tests."""
        return tuple(self.refused)

    async def listen(self) -> Listening:
        """Start listening and set the port."""
        raise NotImplementedError

    def _run(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self._live(ready))
        except Exception as error:  # noqa: BLE001  it is raised again in the thread that started us
            self._failure = error
        finally:
            ready.set()

    async def _live(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self.listen()
        except OSError as error:
            self._failure = error
            return
        finally:
            ready.set()
        await self._stop.wait()
        # Whoever is still being answered, or stalled, is let go: nobody waits for a rehearsal.
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()

    # ------------------------------------------------------------------------------------ one question

    def next_fault(self) -> tuple[int, WireFault | None]:
        """The number of the next question and what goes wrong with it.

        Raises:
            ValueError: The script asks for a fault that this wire does not have.
        """
        number = self._asked
        self._asked += 1
        fault = self.behaviour.script(number)
        if fault is not None and fault not in self.faults:
            raise ValueError(f"{type(self).__name__}: the fault {fault} does not exist on this wire")
        return number, fault

    def keep(self, heard: Heard) -> None:
        """Remember a question that is now being answered."""
        self.heard.append(heard)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def let_go(self, *, whole: bool) -> None:
        """A question is no longer being answered."""
        self._in_flight -= 1
        self.finished += whole

    def refuse(self, why: str) -> None:
        """Remember what was not understood."""
        self.refused.append(why)
