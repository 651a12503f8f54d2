"""An executor of threads: overlaps waiting inside one process."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


class ThreadsExecutor:
    """Implements `protocols.Executor`.

    The threads are daemons, so that Ctrl-C ends the program without waiting for an answer that may take minutes;
    work that had not come back is simply done again by the next run.
    """

    def map(self, work: Callable[[T], U], items: Iterable[T], *, concurrency: int = 1) -> Iterator[tuple[T, U]]:
        """(item, result) in order of completion.

        Items are taken one by one as places become free. When `work` raises, nothing further is started, what is
        running is waited for, its results are given, and then the first exception is raised. When the caller stops
        (an exception, Ctrl-C, `close()`), nothing further is started and nothing is waited for.

        Raises:
            ValueError: `concurrency` is below 1.
        """
        if concurrency < 1:
            raise ValueError(f"concurrency {concurrency}: at least 1 is needed")
        if concurrency == 1:
            return ((item, work(item)) for item in items)
        return _overlapped(work, iter(items), concurrency)


def _overlapped(work: Callable[[T], U], items: Iterator[T], concurrency: int) -> Iterator[tuple[T, U]]:
    tasks: queue.SimpleQueue[tuple[T] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[T, U] | BaseException] = queue.SimpleQueue()

    def serve() -> None:
        while (task := tasks.get()) is not None:
            try:
                done.put((task[0], work(task[0])))
            except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
                done.put(error)

    threads = 0
    running = 0
    failed: BaseException | None = None
    try:
        while True:
            while failed is None and running < concurrency:
                try:
                    item = next(items)
                except StopIteration:
                    break
                if running == threads:
                    threading.Thread(target=serve, name=f"s2s-arena-{threads}", daemon=True).start()
                    threads += 1
                tasks.put((item,))
                running += 1
            if not running:
                break
            result = done.get()
            running -= 1
            if isinstance(result, BaseException):
                failed = failed or result
            else:
                yield result
    finally:
        for _ in range(threads):
            tasks.put(None)
    if failed is not None:
        raise failed
