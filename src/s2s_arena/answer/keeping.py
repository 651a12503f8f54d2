"""Replies -> records on disk: audio written by several threads at once, records in one transaction as they gather."""

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from s2s_arena.answer.asking import Reply
from s2s_arena.answer.dialogues import Dialogue
from s2s_arena.protocols import Record, Store
from s2s_arena.records.speech import AudioRef

WRITERS = 16  # a disk takes its time for each file, and many at once
BATCH = 256  # replies in one transaction, at most
GATHER_S = 0.1  # a transaction costs the processor as much as an answer: it waits this long for more to go into it


@dataclass(frozen=True, slots=True)
class Finished:
    """A reply whose audio, if it has any, is on the disk."""

    dialogue: Dialogue
    reply: Reply
    speech: AudioRef | None


class Keeper(contextlib.AbstractContextManager["Keeper"]):
    """Keeps what systems answered while others still answer.

    With one request at a time each reply is on the disk before the next question. Otherwise the audio is written by
    a few threads, and one thread puts what gathers in a moment into the store, all in one transaction. At most a few
    hundred replies are held in memory; then `keep` waits.

    Args:
        store: Where to.
        concurrency: Requests in flight.
        records: The records of a finished reply.
        kept: Told in order, once they are kept; always by one thread at a time.
        stop: Called when the store fails; `keep` then raises what it raised.
    """

    def __init__(
        self,
        store: Store,
        *,
        concurrency: int,
        records: Callable[[Finished], Sequence[Record]],
        kept: Callable[[Finished], None],
        stop: Callable[[], None],
    ) -> None:
        self._store = store
        self._records = records
        self._kept = kept
        self._stop = stop
        self._failed: BaseException | None = None
        self._ready: queue.SimpleQueue[Finished | None] = queue.SimpleQueue()
        self._writers: ThreadPoolExecutor | None = None
        if concurrency > 1:
            writers = min(WRITERS, concurrency)
            self._last = threading.Event()
            self._room = threading.Semaphore(4 * writers)
            self._writers = ThreadPoolExecutor(writers, thread_name_prefix="s2s-arena-audio")
            self._committer = threading.Thread(target=self._commit_all, name="s2s-arena-keeper", daemon=True)
            self._committer.start()

    def keep(self, dialogue: Dialogue, reply: Reply) -> None:
        """Keep one reply.

        Raises:
            StoreError: It, or one before it, could not be written.
        """
        if self._writers is None:
            self._commit([self._written(dialogue, reply)])
            return
        self._room.acquire()
        self._raise()
        self._writers.submit(self._write, dialogue, reply)

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        """Wait until all that was given is on the disk; raises as `keep`."""
        if self._writers is not None:
            self._writers.shutdown()
            self._last.set()
            self._ready.put(None)
            self._committer.join()
        if raised is None:
            self._raise()

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _written(self, dialogue: Dialogue, reply: Reply) -> Finished:
        return Finished(dialogue, reply, self._store.put_audio(reply.answer.speech) if reply.answer else None)

    def _write(self, dialogue: Dialogue, reply: Reply) -> None:
        try:
            self._ready.put(self._written(dialogue, reply))
        except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
            self._fail(error)
            self._room.release()

    def _commit_all(self) -> None:
        over = False
        while not over:
            batch: list[Finished] = []
            first = self._ready.get()
            if first is None:
                return
            batch.append(first)
            # Looking at each that comes would wake this thread as often as there are answers.
            self._last.wait(GATHER_S)
            with contextlib.suppress(queue.Empty):
                while len(batch) < BATCH:
                    more = self._ready.get_nowait()
                    if more is None:
                        over = True
                        break
                    batch.append(more)
            try:
                if self._failed is None:
                    self._commit(batch)
            except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
                self._fail(error)
            finally:
                self._room.release(len(batch))

    def _commit(self, batch: Sequence[Finished]) -> None:
        self._store.put(*(record for finished in batch for record in self._records(finished)))
        for finished in batch:
            self._kept(finished)

    def _fail(self, error: BaseException) -> None:
        self._failed = self._failed or error
        self._stop()
