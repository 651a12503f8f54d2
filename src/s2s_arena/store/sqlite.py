"""The default store: one SQLite file (WAL, synchronous=FULL) and a folder of audio beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import ConflictError, InputError, StoreError, WorkspaceError
from s2s_arena.protocols import R, Record
from s2s_arena.records import codec
from s2s_arena.records.identity import AudioHash, StudyName
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.verdicts import Event
from s2s_arena.store.audio_files import AudioFiles
from s2s_arena.store.disks import refuse_network_disk
from s2s_arena.store.kinds import kind_of
from s2s_arena.store.log import settle
from s2s_arena.store.schema import prepare
from s2s_arena.store.tables import EVENTS, RECORDS

T = TypeVar("T")

_BUSY_S = 30
_PAGE = 1000  # rows read at a time, so that a slow reader never holds a snapshot open


class SqliteStore:
    """Implements `protocols.Store`; one process writes, any number read; safe to use from several threads.

    Args:
        database: The SQLite file; made if it is not there.
        audio: The folder of audio; made when the first audio is kept.

    Raises:
        WorkspaceError: The file is no workspace, is of a newer schema, lies on a network disk, or cannot be written.
    """

    def __init__(self, database: Path, *, audio: Path) -> None:
        self.database = database
        self.files = AudioFiles(audio)
        self._write_lock = threading.Lock()
        refuse_network_disk(database)
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"{database.parent}: cannot be made ({error.strerror}); choose another folder"
            ) from error
        self._engine = _engine(database)
        try:
            with self._translated():
                prepare(self._engine, database)
        except BaseException:
            self._engine.dispose()
            raise
        self.files.sweep()

    def put(self, *records: Record) -> int:
        rows: dict[str, list[dict[str, Any]]] = {}
        for record in records:
            kind = kind_of(type(record))
            row = {"key": record.key, **kind.indexed(record), "body": codec.encode(record)}
            rows.setdefault(kind.table, []).append(row)
        if not rows:
            return 0
        new = 0
        with self._writing() as connection:
            for table, values in rows.items():
                before = connection.scalar(select(func.max(RECORDS[table].c.seq))) or 0
                connection.execute(insert(RECORDS[table]).on_conflict_do_nothing(index_elements=["key"]), values)
                counted = select(func.count()).where(RECORDS[table].c.seq > before)
                new += connection.scalar(counted) or 0
        return new

    def get(self, kind: type[R], key: str) -> R | None:
        table = RECORDS[kind_of(kind).table]
        with self._reading() as connection:
            body = connection.scalar(select(table.c.body).where(table.c.key == key))
        return None if body is None else self._decoded(kind, body)

    def all(self, kind: type[R], **where: str | int) -> Iterator[R]:
        table = RECORDS[kind_of(kind).table]
        chosen = [table.c[field] == value for field, value in kind_of(kind).checked(where).items()]
        with self._reading() as connection:
            end = connection.scalar(select(func.max(table.c.seq))) or 0

        def pages() -> Iterator[R]:
            seq = 0
            while True:
                page = select(table.c.seq, table.c.body).where(table.c.seq > seq, table.c.seq <= end, *chosen)
                with self._reading() as connection:
                    rows = connection.execute(page.order_by(table.c.seq).limit(_PAGE)).all()
                for row in rows:
                    yield self._decoded(kind, row.body)
                if len(rows) < _PAGE:
                    return
                seq = rows[-1].seq

        return pages()

    def keys(self, kind: type[R], **where: str | int) -> set[str]:
        table = RECORDS[kind_of(kind).table]
        chosen = [table.c[field] == value for field, value in kind_of(kind).checked(where).items()]
        with self._reading() as connection:
            return set(connection.scalars(select(table.c.key).where(*chosen)))

    def append(self, *events: Event) -> tuple[Event, ...]:
        if not events:
            return ()
        with self._writing() as connection:

            def stored(id: str) -> Event | None:
                row = connection.execute(select(EVENTS).where(EVENTS.c.id == id)).one_or_none()
                return None if row is None else self._event(row)

            def taken(match: str, judge: str, revision: int) -> bool:
                place = (EVENTS.c.match == match, EVENTS.c.judge == judge, EVENTS.c.revision == revision)
                return connection.scalar(select(func.count()).select_from(EVENTS).where(*place)) != 0

            last = connection.scalar(select(func.max(EVENTS.c.number))) or 0
            settled, new = settle(events, stored=stored, taken=taken, last=last)
            if new:
                connection.execute(EVENTS.insert(), [_row(event) for event in new])
        return settled

    def events(self, *, study: StudyName | None = None, after: int = 0, up_to: int | None = None) -> Iterator[Event]:
        chosen = [] if study is None else [EVENTS.c.study == study]
        with self._reading() as connection:
            end = connection.scalar(select(func.max(EVENTS.c.number))) or 0
        if up_to is not None:
            end = min(end, up_to)

        def pages() -> Iterator[Event]:
            number = after
            while True:
                page = select(EVENTS).where(EVENTS.c.number > number, EVENTS.c.number <= end, *chosen)
                with self._reading() as connection:
                    rows = connection.execute(page.order_by(EVENTS.c.number).limit(_PAGE)).all()
                yield from (self._event(row) for row in rows)
                if len(rows) < _PAGE:
                    return
                number = rows[-1].number

        return pages()

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

    # ------------------------------------------------------------------------------------------ inside

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
            raise _told(self.database, error) from error

    def _decoded(self, kind: type[T], body: str) -> T:
        try:
            return codec.decode(kind, body)
        except InputError as error:
            raise StoreError(f"{self.database}: a damaged record ({error}); restore a backup") from error

    def _event(self, row: Row[Any]) -> Event:
        return self._decoded(Event, row.body)


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


def _engine(database: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{database}",
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=60,
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        connection.execute(f"PRAGMA busy_timeout={_BUSY_S * 1000}")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writing one ignores busy_timeout.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _told(database: Path, error: DBAPIError) -> StoreError | WorkspaceError:
    said = str(error.orig)
    if "UNIQUE constraint failed: events" in said:
        return ConflictError(f"{database}: another writer recorded the same event first; read the events again")
    if "full" in said:
        return StoreError(
            f"{database}: the disk is full; free some space and run the same command again: nothing is lost"
        )
    if "disk I/O error" in said:
        return StoreError(
            f"{database}: the disk refused to write; check its space and health, then run the same command again"
        )
    if "readonly" in said or "unable to open" in said:
        return WorkspaceError(f"{database}: cannot be written ({said}); make its folder writable or choose another one")
    if "not a database" in said:
        return WorkspaceError(f"{database}: is not a workspace database; name another folder or move this file away")
    if "malformed" in said or "corrupt" in said:
        return StoreError(f"{database}: is damaged ({said}); restore a backup")
    if "locked" in said or "busy" in said:
        return StoreError(f"{database}: another process has been writing for {_BUSY_S} s; wait for it or stop it")
    return StoreError(f"{database}: {said}; run the same command again, and restore a backup if it stays so")
