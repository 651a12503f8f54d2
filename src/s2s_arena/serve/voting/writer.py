"""One thread that writes votes in groups: all that waits goes into one transaction, and each waits for its own."""

import asyncio
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from s2s_arena.errors import ArenaError, StoreError
from s2s_arena.protocols import Committer, Record, Store
from s2s_arena.records.verdicts import Event

LARGEST = 256  # jobs in one transaction


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    records: tuple[Record, ...]
    events: tuple[Event, ...]
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[tuple[Event, ...]]"


_Told = tuple[_Job, tuple[Event, ...] | ArenaError]


class Writer:
    """Writes records, then events, durably and in the order given.

    A commit costs the same for one vote as for a hundred, so a crowd is served as fast as one person: while one group
    goes to the disk, the next one gathers.

    Args:
        store: Where to. What `Store.put` and `Store.append` return from is on the disk (SQLite: WAL, synchronous=FULL).
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="vote-writer", daemon=True)
        self._thread.start()

    def write(
        self, records: Sequence[Record] = (), events: Sequence[Event] = ()
    ) -> "asyncio.Future[tuple[Event, ...]]":
        """Completes when all is on the disk, with the events as numbered. Called in an event loop.

        Raises (in the future):
            ConflictError: An event's id or revision is taken by another content.
            StoreError: It could not be written; nothing of this job is stored.
        """
        loop = asyncio.get_running_loop()
        job = _Job(tuple(records), tuple(events), loop, loop.create_future())
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Write what waits, and stop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch: list[_Job] = []
            job = self._jobs.get()
            while job is not None:
                batch.append(job)
                if len(batch) == LARGEST:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if batch:
                _tell(self._written(batch))
            if job is None:
                return

    def _written(self, batch: Sequence[_Job]) -> list[_Told]:
        records = [record for job in batch for record in job.records]
        events = [event for job in batch for event in job.events]
        try:
            stored = iter(self._commit(records, events))
        except Exception as error:  # noqa: BLE001  the thread must outlive any fault; whoever waits is told
            if len(batch) == 1:
                told = error if isinstance(error, ArenaError) else StoreError(f"writing failed: {error}; try again")
                return [(batch[0], told)]
            # One bad vote must not keep the others out.
            return [told for job in batch for told in self._written([job])]
        return [(job, tuple(next(stored) for _ in job.events)) for job in batch]

    def _commit(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[Event, ...]:
        if isinstance(self._store, Committer):
            return self._store.commit(records, events)
        self._store.put(*records)
        return self._store.append(*events)


def _tell(told: Sequence[_Told]) -> None:
    """Complete the futures of a group, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Told]] = {}
    for one in told:
        by_loop.setdefault(one[0].loop, []).append(one)
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(_complete, some)
        except RuntimeError:  # the loop has ended, and with it all that waited
            continue


def _complete(told: Sequence[_Told]) -> None:
    for job, outcome in told:
        if job.done.cancelled():
            continue
        if isinstance(outcome, ArenaError):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)
