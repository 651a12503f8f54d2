"""An executor of threads: overlaps waiting inside one process."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class ThreadsExecutor:
    """Implements `protocols.Executor`.

    The threads are daemons, so that Ctrl-C ends the program without waiting for an answer that may take minutes;
    work that had not come back is simply done again by the next run.
    """

    def map(self, work: Callable[[T], U], items: Iterable[T], *, concurrency: int = 1) -> Iterator[tuple[T, U]]:
        """(item, result) in order of completion.

        A free place takes the next item itself, whether or not the caller has looked at the last result, so that a
        slow caller does not leave places empty; it is at most `concurrency` results behind. Items are taken by one
        thread at a time, and taking one may wait. When `work` raises, nothing further is started, what is
        running is waited for, its results are given, and then the first exception is raised. When the caller stops
        (an exception, Ctrl-C, `close()`), nothing further is started and nothing is waited for.

        Raises:
            ValueError: `concurrency` is below 1.
        """
        if concurrency < 1:
            raise ValueError(f"concurrency {concurrency}: at least 1 is needed")
        if concurrency == 1:
            return ((item, work(item)) for item in items)
        return _Crew(work, iter(items), concurrency).results()


class _Crew(Generic[T, U]):
    def __init__(self, work: Callable[[T], U], items: Iterator[T], concurrency: int) -> None:
        self._work = work
        self._items = items
        self._concurrency = concurrency
        self._taking = threading.Lock()
        self._room = threading.Semaphore(2 * concurrency)  # results that run, or wait for the caller
        self._done: queue.SimpleQueue[tuple[T, U] | BaseException | None] = queue.SimpleQueue()
        self._stopped = False
        self._started = 0

    def results(self) -> Iterator[tuple[T, U]]:
        failed: BaseException | None = None
        ended = 0
        self._start()
        try:
            while ended < self._started:
                result = self._done.get()
                if result is None:
                    ended += 1
                elif isinstance(result, BaseException):
                    failed = failed or result
                else:
                    yield result
                    self._room.release()
        finally:
            self._stopped = True
            self._room.release(2 * self._concurrency)
        if failed is not None:
            raise failed

    def _start(self) -> None:
        self._started += 1
        threading.Thread(target=self._serve, name=f"s2s-arena-{self._started}", daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                self._room.acquire()
                with self._taking:
                    if self._stopped:
                        return
                    try:
                        item = next(self._items)
                    except StopIteration:
                        self._stopped = True
                        return
                    # Each item brings one more thread, as long as there may be something for it to do.
                    if self._started < self._concurrency:
                        self._start()
                self._done.put((item, self._work(item)))
        except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
            self._stopped = True
            self._done.put(error)
        finally:
            self._room.release()  # the next one may be waiting to learn that it is over
            self._done.put(None)
