"""Which turn is asked next: by rank among those that are due, at the pace and within the budget that is allowed."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator

from s2s_arena.answer.dialogues import Dialogue
from s2s_arena.answer.pacing import Pacer


class Feed(Iterator[Dialogue]):
    """The dialogues whose next turn is to be asked, one after the other; taking one waits until it may be asked.

    A dialogue comes back by `add` when its next turn is due, or the same turn again later; `leave` when nothing more
    is to be asked of it. The feed ends when every dialogue has left, or when it is closed. Waiting for one request
    holds up no other: what is not due yet lies aside.

    Args:
        size: How many dialogues there will be.
        pacer: How often one may start.
        may_start: Asked before each; when it says no, the feed is closed.
        unsettled: How many may have started and not `ended`, so that what they cost is known soon; None for no limit.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        size: int,
        *,
        pacer: Pacer,
        may_start: Callable[[Dialogue], bool],
        unsettled: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._left = size
        self._pacer = pacer
        self._may_start = may_start
        self._unsettled = unsettled
        self._running = 0
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = False
        self._count = itertools.count()
        self._ready: list[tuple[tuple[int, int], int, Dialogue]] = []
        self._later: list[tuple[float, int, Dialogue]] = []

    def add(self, dialogue: Dialogue, *, after_s: float = 0.0) -> None:
        """Its next turn is to be asked, after so many seconds."""
        with self._changed:
            if after_s > 0:
                heapq.heappush(self._later, (self._clock() + after_s, next(self._count), dialogue))
            else:
                heapq.heappush(self._ready, (dialogue.rank, next(self._count), dialogue))
            self._changed.notify_all()

    def leave(self) -> None:
        """One dialogue has nothing more to be asked."""
        with self._changed:
            self._left -= 1
            self._changed.notify_all()

    def ended(self, *, tokens: int | None = None) -> None:
        """A request has come back, and what it took, if that is known."""
        with self._changed:
            self._running -= 1
            self._pacer.end(self._clock(), tokens=tokens)
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing further is to be asked."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __next__(self) -> Dialogue:
        with self._changed:
            while not self._closed and self._left > 0:
                now = self._clock()
                while self._later and self._later[0][0] <= now:
                    _, count, dialogue = heapq.heappop(self._later)
                    heapq.heappush(self._ready, (dialogue.rank, count, dialogue))
                wait_s = self._later[0][0] - now if self._later else None
                if self._ready and (self._unsettled is None or self._running < self._unsettled):
                    pause_s = self._pacer.wait_s(now)
                    if pause_s <= 0:
                        return self._start(now)
                    wait_s = pause_s if wait_s is None else min(wait_s, pause_s)
                self._changed.wait(wait_s)
        raise StopIteration

    def _start(self, now: float) -> Dialogue:
        dialogue = heapq.heappop(self._ready)[2]
        if not self._may_start(dialogue):
            self._closed = True
            self._changed.notify_all()
            raise StopIteration
        self._running += 1
        self._pacer.start(now)
        return dialogue
