"""What stores on a database share: a table for each kind of record, events in one order, audio in a folder."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, Insert, Row, Select, Table, func, literal, select, union_all
from sqlalchemy.exc import DBAPIError

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import ArenaError, InputError, StoreError
from s2s_arena.protocols import Mark, News, R, Record
from s2s_arena.records import codec
from s2s_arena.records.identity import AudioHash, StudyName
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.verdicts import Event
from s2s_arena.store.audio_files import AudioFiles
from s2s_arena.store.kinds import kind_of
from s2s_arena.store.log import settle
from s2s_arena.store.schema import prepare
from s2s_arena.store.tables import EVENTS, RECORDS

T = TypeVar("T")

_PAGE = 1000  # rows read at a time, so that a slow reader never holds a snapshot open
_AT_ONCE = 500  # values looked up in one statement


class SqlStore(ABC):
    """Implements `protocols.Store`, `Committer` and `Followed` on an engine; safe to use from several threads.

    A subclass begins transactions: those that write (option `writes`) follow one another, whoever writes, so that
    events are numbered without gaps and nobody reads a number before a smaller one.

    Args:
        engine: Of the database; disposed of when the store is closed or cannot be opened.
        name: Of the database, in messages; never with a password.
        files: The audio.

    Raises:
        WorkspaceError: The database is of another program or of a newer schema, or cannot be used.
    """

    def __init__(self, engine: Engine, *, name: str, files: AudioFiles) -> None:
        self.name = name
        self.files = files
        self._engine = engine
        self._write_lock = threading.Lock()
        try:
            with self._translated():
                prepare(engine, name)
        except BaseException:
            engine.dispose()
            raise
        files.sweep()

    def put(self, *records: Record) -> int:
        rows = _by_table(records)
        if not rows:
            return 0
        with self._writing() as connection:
            return self._put(connection, rows)

    def get(self, kind: type[R], key: str) -> R | None:
        table = RECORDS[kind_of(kind).table]
        with self._reading() as connection:
            body = connection.scalar(select(table.c.body).where(table.c.key == key))
        return None if body is None else self._decoded(kind, body)

    def all(self, kind: type[R], **where: str | int) -> Iterator[R]:
        table = RECORDS[kind_of(kind).table]
        chosen = [table.c[field] == value for field, value in kind_of(kind).checked(where).items()]
        rows = self._rows(select(table.c.seq, table.c.body).where(*chosen), table.c.seq)
        return (self._decoded(kind, row.body) for row in rows)

    def keys(self, kind: type[R], **where: str | int) -> set[str]:
        table = RECORDS[kind_of(kind).table]
        chosen = [table.c[field] == value for field, value in kind_of(kind).checked(where).items()]
        with self._reading() as connection:
            return set(connection.scalars(select(table.c.key).where(*chosen)))

    def append(self, *events: Event) -> tuple[Event, ...]:
        if not events:
            return ()
        with self._writing() as connection:
            return self._append(connection, events)

    def commit(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[Event, ...]:
        rows = _by_table(records)
        if not rows and not events:
            return ()
        with self._writing() as connection:
            self._put(connection, rows)
            return self._append(connection, events)

    def events(self, *, study: StudyName | None = None, after: int = 0, up_to: int | None = None) -> Iterator[Event]:
        chosen = [] if study is None else [EVENTS.c.study == study]
        rows = self._rows(
            select(EVENTS.c.number, EVENTS.c.body).where(*chosen), EVENTS.c.number, after=after, up_to=up_to
        )
        return (self._decoded(Event, row.body) for row in rows)

    def mark(self, *kinds: type[Record]) -> Mark:
        tables = {kind: RECORDS[kind_of(kind).table] for kind in kinds}
        ends = [select(func.max(table.c.seq)).scalar_subquery() for table in tables.values()]
        with self._reading() as connection:
            last = connection.execute(select(select(func.max(EVENTS.c.number)).scalar_subquery(), *ends)).one()
        return Mark(last[0] or 0, {kind: last[n] or 0 for n, kind in enumerate(tables, start=1)})

    def news(self, since: Mark) -> News:
        with self._reading() as connection:
            return self._news(connection, since)

    @contextmanager
    def turn(self, since: Mark) -> Iterator[SqlTurn]:
        with self._writing() as connection:
            yield SqlTurn(self, connection, since)

    def put_audio(self, wave: Waveform, *, original: bytes | None = None) -> AudioRef:
        return self.files.put(wave, original=original)

    def audio(self, hash: AudioHash) -> Waveform:
        return self.files.get(hash)

    def erase_audio(self, hash: AudioHash, *, original: str | None = None) -> bool:
        return self.files.erase(hash, original=original)

    def original(self, sha256: str) -> bytes:
        """The bytes that a user gave, as they were; StoreError if they are missing or damaged."""
        return self.files.original(sha256)

    def close(self) -> None:
        self._engine.dispose()

    # ---------------------------------------------------------------------- what databases do differently

    @abstractmethod
    def _insert_unless_there(self, table: Table) -> Insert:
        """An insert that leaves a row alone whose key is there."""

    @abstractmethod
    def _told(self, error: DBAPIError) -> ArenaError:
        """What a fault of the database means to a user."""

    # ------------------------------------------------------------------------------------------ inside

    def _news(self, connection: Connection, since: Mark) -> News:
        # One statement, so that all is as of one moment, whoever writes meanwhile.
        asked = [select(literal(-1).label("kind"), EVENTS.c.number, EVENTS.c.body).where(EVENTS.c.number > since.event)]
        for n, (kind, after) in enumerate(since.records.items()):
            table = RECORDS[kind_of(kind).table]
            asked.append(select(literal(n), table.c.seq, table.c.body).where(table.c.seq > after))
        found = sorted(connection.execute(union_all(*asked)).all(), key=lambda row: (row[0], row[1]))
        kinds, places = tuple(since.records), dict(since.records)
        records = []
        for kind, place, body in found:
            if kind >= 0:
                records.append(self._decoded(kinds[kind], body))
                places[kinds[kind]] = place
        events = tuple(self._decoded(Event, body) for kind, _, body in found if kind < 0)
        return News(tuple(records), events, Mark(events[-1].number or 0 if events else since.event, places))

    def _put(self, connection: Connection, rows: Mapping[str, list[dict[str, Any]]]) -> int:
        new = 0
        for table, values in rows.items():
            before = connection.scalar(select(func.max(RECORDS[table].c.seq))) or 0
            connection.execute(self._insert_unless_there(RECORDS[table]), values)
            counted = select(func.count()).where(RECORDS[table].c.seq > before)
            new += connection.scalar(counted) or 0
        return new

    def _append(self, connection: Connection, events: Sequence[Event]) -> tuple[Event, ...]:
        if not events:
            return ()
        same_id = _looked_up(connection, select(EVENTS.c.body), EVENTS.c.id, {event.id for event in events})
        stored = {event.id: event for event in (self._decoded(Event, row.body) for row in same_id)}
        places = select(EVENTS.c.match, EVENTS.c.judge, EVENTS.c.revision)
        same_match = _looked_up(connection, places, EVENTS.c.match, {event.match for event in events})
        taken = {(row.match, row.judge, row.revision) for row in same_match}
        last = connection.scalar(select(func.max(EVENTS.c.number))) or 0
        settled, new = settle(events, stored=stored.get, taken=lambda *place: place in taken, last=last)
        if new:
            connection.execute(EVENTS.insert(), [_row(event) for event in new])
        return settled

    def _rows(
        self, query: Select[Any], by: Column[Any], *, after: int = 0, up_to: int | None = None
    ) -> Iterator[Row[Any]]:
        """Rows in order, page by page, of those that are there now."""
        with self._reading() as connection:
            end = connection.scalar(select(func.max(by))) or 0
        if up_to is not None:
            end = min(end, up_to)

        def pages() -> Iterator[Row[Any]]:
            last = after
            while True:
                page = query.where(by > last, by <= end).order_by(by).limit(_PAGE)
                with self._reading() as connection:
                    rows = connection.execute(page).all()
                yield from rows
                if len(rows) < _PAGE:
                    return
                last = rows[-1][0]

        return pages()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with (
            self._write_lock,
            self._translated(),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._told(error) from error

    def _decoded(self, kind: type[T], body: str) -> T:
        try:
            return codec.decode(kind, body)
        except InputError as error:
            raise StoreError(f"{self.name}: a damaged record ({error}); restore a backup") from error


class SqlTurn:
    """Implements `protocols.Turn` in an open transaction that writes."""

    def __init__(self, store: SqlStore, connection: Connection, since: Mark) -> None:
        self._store, self._connection = store, connection
        self.news = store._news(connection, since)

    def write(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[tuple[Event, ...], Mark]:
        mark, places = self.news.mark, dict(self.news.mark.records)
        for table, values in _by_table(records).items():
            self._connection.execute(self._store._insert_unless_there(RECORDS[table]), values)
        for kind in {type(record) for record in records} & places.keys():
            places[kind] = self._connection.scalar(select(func.max(RECORDS[kind_of(kind).table].c.seq))) or 0
        stored = self._store._append(self._connection, events)
        return stored, Mark(max([mark.event, *(event.number or 0 for event in stored)]), places)


def _by_table(records: Iterable[Record]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        kind = kind_of(type(record))
        row = {"key": record.key, **kind.indexed(record), "body": codec.encode(record)}
        rows.setdefault(kind.table, []).append(row)
    return rows


def _looked_up(
    connection: Connection, query: Select[Any], by: Column[Any], values: Iterable[str]
) -> Iterator[Row[Any]]:
    wanted: Sequence[str] = sorted(values)
    for start in range(0, len(wanted), _AT_ONCE):
        yield from connection.execute(query.where(by.in_(wanted[start : start + _AT_ONCE])))


def _row(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "id": event.id,
        "study": event.study,
        "match": event.match,
        "judge": event.judge,
        "revision": event.revision,
        "body": codec.encode(event),
    }
