"""One thread that writes votes in groups: all that waits goes into one transaction, and each waits for its own."""

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from s2s_arena.errors import ArenaError, StoreError
from s2s_arena.protocols import Record, Store
from s2s_arena.records.verdicts import Event

LARGEST = 256  # jobs in one transaction


@dataclass(frozen=True, slots=True)
class _Job:
    records: tuple[Record, ...]
    events: tuple[Event, ...]
    done: "Future[tuple[Event, ...]]" = field(default_factory=Future)


class Writer:
    """Writes records, then events, durably and in the order given.

    A commit costs the same for one vote as for a hundred, so a crowd is served as fast as one person.

    Args:
        store: Where to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="vote-writer", daemon=True)
        self._thread.start()

    def write(self, records: Sequence[Record] = (), events: Sequence[Event] = ()) -> "Future[tuple[Event, ...]]":
        """Completes when all is on the disk, with the events as numbered.

        Raises (in the future):
            ConflictError: An event's id or revision is taken by another content.
            StoreError: It could not be written; nothing of this job is stored.
        """
        job = _Job(tuple(records), tuple(events))
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Write what waits, and stop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._jobs.get()
            batch: list[_Job] = []
            job = first
            while job is not None:
                batch.append(job)
                if len(batch) == LARGEST:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._write(batch)
            if job is None:
                return

    def _write(self, batch: Sequence[_Job]) -> None:
        try:
            self._store.put(*(record for job in batch for record in job.records))
            stored = iter(self._store.append(*(event for job in batch for event in job.events)))
        except Exception as error:  # noqa: BLE001  the thread must outlive any fault; whoever waits is told
            if len(batch) == 1:
                told = error if isinstance(error, ArenaError) else StoreError(f"writing failed: {error}; try again")
                batch[0].done.set_exception(told)
                return
            for job in batch:  # one bad vote must not keep the others out
                self._write([job])
            return
        for job in batch:
            job.done.set_result(tuple(next(stored) for _ in job.events))
