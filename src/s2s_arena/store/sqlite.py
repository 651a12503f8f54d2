"""The default store: one SQLite file (WAL, synchronous=FULL) and a folder of audio beside it."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from s2s_arena.errors import ConflictError, StoreError, WorkspaceError
from s2s_arena.store.audio_files import AudioFiles
from s2s_arena.store.disks import refuse_network_disk
from s2s_arena.store.sql import SqlStore

_BUSY_S = 30


class SqliteStore(SqlStore):
    """Implements `protocols.Store`; one process writes, any number read; safe to use from several threads.

    Args:
        database: The SQLite file; made if it is not there.
        audio: The folder of audio; made when the first audio is kept.

    Raises:
        WorkspaceError: The file is no workspace, is of a newer schema, lies on a network disk, or cannot be written.
    """

    def __init__(self, database: Path, *, audio: Path) -> None:
        self.database = database
        refuse_network_disk(database)
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"{database.parent}: cannot be made ({error.strerror}); choose another folder"
            ) from error
        super().__init__(_engine(database), name=str(database), files=AudioFiles(audio))

    def _insert_unless_there(self, table: Table) -> Insert:
        return insert(table).on_conflict_do_nothing(index_elements=["key"])

    def _told(self, error: DBAPIError) -> StoreError | WorkspaceError:
        return _told(self.database, error)


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
