"""Calls that must come back in time, and calls made a second time when the first is slow."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from s2s_arena.errors import TimedOut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a call led to: a result or what it raised; and whether a second one was made beside it."""

    result: T | None = None
    raised: BaseException | None = None
    hedged: bool = False


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

    def start() -> None:
        threading.Thread(target=serve, name="s2s-arena-answer", daemon=True).start()

    ends = time.monotonic() + seconds
    start()
    running, hedged = 1, False
    while True:
        left = max(0.0, ends - time.monotonic())
        may_hedge = hedge_after_s is not None and not hedged and hedge_after_s < seconds
        try:
            outcome = outcomes.get(timeout=min(left, hedge_after_s) if may_hedge and hedge_after_s else left)
        except queue.Empty:
            if not may_hedge or time.monotonic() >= ends:
                return Outcome(raised=TimedOut(f"no answer within {seconds:g} s"), hedged=hedged)
            start()
            running, hedged = running + 1, True
            continue
        running -= 1
        if outcome.raised is None or not running:
            return Outcome(outcome.result, outcome.raised, hedged)
