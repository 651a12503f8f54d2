"""Calls that must come back in time, and calls made a second time when the first is slow."""

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from s2s_arena.errors import TimedOut

T = TypeVar("T")

IDLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a call led to: a result or what it raised; and whether a second one was made beside it."""

    result: T | None = None
    raised: BaseException | None = None
    hedged: bool = False


class _Callers:
    """Threads that make calls, each one after the other: a new thread for every call costs as much as sending it.

    They are daemons; one that has had nothing to do for `IDLE_S` ends.
    """

    def __init__(self) -> None:
        self._idle: deque[queue.SimpleQueue[Callable[[], None]]] = deque()
        self._process = 0

    def start(self, call: Callable[[], None]) -> None:
        """Make the call, now, in a thread that makes no other meanwhile."""
        if self._process != os.getpid():
            # Threads do not survive a fork: those that wait belong to the parent.
            self._idle, self._process = deque(), os.getpid()
        try:
            calls = self._idle.pop()
        except IndexError:
            calls = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(calls,), name="s2s-arena-answer", daemon=True).start()
        calls.put(call)

    def _serve(self, calls: "queue.SimpleQueue[Callable[[], None]]") -> None:
        while True:
            try:
                call = calls.get(timeout=IDLE_S)
            except queue.Empty:
                try:
                    self._idle.remove(calls)
                except ValueError:
                    continue  # somebody has taken it in this moment, and its call is on the way
                return
            call()
            del call
            self._idle.append(calls)


_CALLERS = _Callers()


def call_within(work: Callable[[], T], seconds: float, *, hedge_after_s: float | None = None) -> Outcome[T]:
    """What `work` gives or raises; TimedOut if it does not come back within `seconds`.

    Python cannot stop a call from outside: one that is late is left behind in a daemon thread, and its result is
    thrown away.

    Args:
        work: The call.
        seconds: From now, all together.
        hedge_after_s: If nothing has come back by then, call once more and take what comes first; a call that
            raises waits for the other.
    """
    outcomes: queue.SimpleQueue[Outcome[T]] = queue.SimpleQueue()

    def serve() -> None:
        try:
            outcomes.put(Outcome(work()))
        except BaseException as error:  # noqa: BLE001  it is handed to the caller's thread
            outcomes.put(Outcome(raised=error))

    ends = time.monotonic() + seconds
    _CALLERS.start(serve)
    running, hedged = 1, False
    while True:
        left = max(0.0, ends - time.monotonic())
        may_hedge = hedge_after_s is not None and not hedged and hedge_after_s < seconds
        try:
            outcome = outcomes.get(timeout=min(left, hedge_after_s) if may_hedge and hedge_after_s else left)
        except queue.Empty:
            if not may_hedge or time.monotonic() >= ends:
                return Outcome(raised=TimedOut(f"no answer within {seconds:g} s"), hedged=hedged)
            _CALLERS.start(serve)
            running, hedged = running + 1, True
            continue
        running -= 1
        if outcome.raised is None or not running:
            return Outcome(outcome.result, outcome.raised, hedged)
