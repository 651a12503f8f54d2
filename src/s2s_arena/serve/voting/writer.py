"""One thread that reads and writes the log in groups: all that waits goes into one turn, and each waits for its own."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from s2s_arena.errors import ArenaError, ConflictError, StoreError
from s2s_arena.protocols import Followed, Mark, News, Record, Row
from s2s_arena.records.matches import Round
from s2s_arena.records.scores import Assignment
from s2s_arena.records.verdicts import Event

LARGEST = 256  # jobs in one turn
MOST_NAMES = 100_000  # whom others wrote about, remembered before what is old is dropped


class Moved(ConflictError):
    """Somebody else wrote about the same person, match or round meanwhile: decide again on what there is now."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    records: tuple[Record, ...]
    events: tuple[Event, ...]
    about: frozenset[str]
    seen: int
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[tuple[Event, ...]]"


_Told = tuple[_Job, tuple[Event, ...] | ArenaError]


class Writer:
    """Writes records, then events, durably and in the order given, and hands on everything that anybody stored.

    A turn costs the same for one vote as for a hundred, so a crowd is served as fast as one person: while one group
    goes to the disk, the next one gathers. `took` is told of the whole log in its order, one's own part and that of
    others alike, and always before those who wait are answered. A decision that rests on what others have changed
    since is not written: whoever made it is told `Moved`, knows all by then, and decides again.

    Args:
        store: Where to. What a turn wrote is on the disk when it ends (SQLite: WAL, synchronous=FULL).
        since: Up to where it was read before; all later news is handed on.
        took: Called in the event loop with news, and with changes of the shelf.
        changes: Reads what others changed on the shelf; None where nobody else does.
    """

    def __init__(
        self,
        store: Followed,
        *,
        since: Mark,
        took: Callable[[News, Sequence[Row]], None],
        changes: Callable[[], Sequence[Row]] | None = None,
    ) -> None:
        self._store, self._mark, self._took, self._changes = store, since, took, changes
        self._told = 0  # news handed on, as the thread counts them
        self.seen = 0  # and as the event loop does
        self._moved: dict[str, int] = {}  # name -> the last news in which others wrote about it
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="vote-writer", daemon=True)
        self._thread.start()

    def write(
        self,
        records: Sequence[Record] = (),
        events: Sequence[Event] = (),
        *,
        about: Iterable[str] = (),
        as_of: int | None = None,
    ) -> "asyncio.Future[tuple[Event, ...]]":
        """Completes when all is on the disk and was handed on, with the events as numbered. Called in an event loop.

        Args:
            records: To keep.
            events: To append.
            about: Judges, matches and rounds (`round_of`) on which the decision to write this rests.
            as_of: `seen` when that decision began; now by default.

        Raises (in the future):
            Moved: Others wrote about one of them after what had been handed on; nothing of this job is stored.
            ConflictError: An event's id or revision is taken by another content.
            StoreError: It could not be written; nothing of this job is stored.
        """
        loop = asyncio.get_running_loop()
        seen = self.seen if as_of is None else as_of
        job = _Job(tuple(records), tuple(events), frozenset(about), seen, loop, loop.create_future())
        self._jobs.put(job)
        return job.done

    def read(self) -> "asyncio.Future[tuple[Event, ...]]":
        """Completes when everything stored before this was asked for was handed on."""
        return self.write()

    def close(self) -> None:
        """Write what waits, and stop."""
        self._jobs.put(None)
        self._thread.join()

    # ---------------------------------------------------------------------------------------- the thread

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
                self._settle(batch)
            if job is None:
                return

    def _settle(self, batch: Sequence[_Job]) -> None:
        try:
            news, told = self._stored(batch)
            asked = any(not (job.records or job.events) for job in batch)
            changed = self._changes() if asked and self._changes is not None else ()
        except Exception as error:  # noqa: BLE001  the thread must outlive any fault; whoever waits is told
            if len(batch) == 1:
                said = error if isinstance(error, ArenaError) else StoreError(f"writing failed: {error}; try again")
                self._tell(None, (), [(batch[0], said)])
                return
            for job in batch:  # one bad vote must not keep the others out
                self._settle([job])
            return
        self._tell(news, changed, told)

    def _stored(self, batch: Sequence[_Job]) -> tuple[News, list[_Told]]:
        writing = [job for job in batch if job.records or job.events]
        if not writing:
            news = self._store.news(self._mark)
            self._heed(news)
            self._mark = news.mark
            return news, [(job, ()) for job in batch]
        with self._store.turn(self._mark) as turn:
            self._heed(turn.news)
            good = [job for job in writing if not self._late(job)]
            records = [record for job in good for record in job.records]
            stored, mark = turn.write(records, [event for job in good for event in job.events])
        self._mark = mark
        numbered = iter(stored)
        outcomes: dict[_Job, tuple[Event, ...]] = {job: tuple(next(numbered) for _ in job.events) for job in good}
        late = Moved("somebody else was first; reload the page")
        told: list[_Told] = [(job, outcomes.get(job, late if job in writing else ())) for job in batch]
        return News((*turn.news.records, *records), (*turn.news.events, *stored), mark), told

    def _heed(self, news: News) -> None:
        number = self._told + 1
        for record in news.records:
            if isinstance(record, Assignment):
                self._moved[record.judge] = self._moved[record.match] = number
            elif isinstance(record, Round):
                self._moved[round_of(record.study)] = number
        for event in news.events:
            self._moved[event.judge] = number
        if len(self._moved) > MOST_NAMES:
            self._moved = {name: then for name, then in self._moved.items() if then > number - 1000}

    def _late(self, job: _Job) -> bool:
        return any(self._moved.get(name, 0) > job.seen for name in job.about)

    def _tell(self, news: News | None, changed: Sequence[Row], told: Sequence[_Told]) -> None:
        """Hand on, and complete the futures of a group, waking the event loop once."""
        if news is not None:
            self._told += 1
        try:
            told[0][0].loop.call_soon_threadsafe(self._complete, self._told, news, changed, told)
        except RuntimeError:  # the loop has ended, and with it all that waited
            return

    # ------------------------------------------------------------------------------------- the event loop

    def _complete(self, number: int, news: News | None, changed: Sequence[Row], told: Sequence[_Told]) -> None:
        self.seen = number
        try:
            if news is not None:
                self._took(news, changed)
        finally:
            for job, outcome in told:
                if job.done.cancelled():
                    continue
                if isinstance(outcome, ArenaError):
                    job.done.set_exception(outcome)
                else:
                    job.done.set_result(outcome)


def round_of(study: str) -> str:
    """What the drawing of a study's next round rests on."""
    return f"round/{study}"
