"""A store in a PostgreSQL database, for several processes and machines; audio is in a folder that all of them see."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Insert, Table, create_engine, event, make_url
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import ArgumentError, DBAPIError

from s2s_arena.errors import ConflictError, MissingError, StoreError, WorkspaceError
from s2s_arena.protocols import SharedShelf
from s2s_arena.store.audio_files import AudioFiles
from s2s_arena.store.postgresql_shelf import PostgresqlShelf
from s2s_arena.store.sql import SqlStore

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")

_BUSY_S = 30
_TURN, _SEAT = 0x53325341, 0x53325400  # advisory locks: of those that write, and the first of those that serve
_SEATS = 64


class PostgresqlStore(SqlStore):
    """Implements `protocols.Store`; any number of processes write, one after another.

    Passwords are found as every program of PostgreSQL finds them: PGPASSWORD, PGPASSFILE, ~/.pgpass, or in the URL.

    Args:
        url: `postgresql://USER@HOST/DATABASE`, with libpq's options after `?`.
        audio: The folder of audio; made when the first audio is kept.

    Raises:
        MissingError: The extra `postgres` is not installed.
        WorkspaceError: It is no such URL, the database cannot be reached, is of another program or a newer schema.
    """

    def __init__(self, url: str, *, audio: Path) -> None:
        parsed = _parsed(url)
        self._place = _shown(parsed)
        try:
            engine = _engine(parsed)
        except ImportError as error:
            raise MissingError(
                f"store {self._place}: psycopg is not installed; run pip install 's2s-arena[postgres]'"
            ) from error
        super().__init__(engine, name=self._place, files=AudioFiles(audio))

    @contextmanager
    def seat(self) -> Iterator[int]:
        with self._reading() as connection:
            taking = "SELECT pg_try_advisory_lock(%s, hashtext(current_schema()))"
            place = next((n for n in range(_SEATS) if connection.exec_driver_sql(taking, (_SEAT + n,)).scalar()), None)
            if place is None:
                raise WorkspaceError(f"{self._place}: {_SEATS} servers serve it already; stop one of them first")
            connection.commit()  # the lock is the session's and lasts as long as this connection
            try:
                yield place
            finally:
                # Given up in words: the server ends a closed session some time later. A lost one has let go of it.
                with suppress(DBAPIError):
                    giving = "SELECT pg_advisory_unlock(%s, hashtext(current_schema()))"
                    connection.exec_driver_sql(giving, (_SEAT + place,))
                    connection.commit()
                if not connection.invalidated:
                    connection.detach()  # closed, not given back to the pool

    def shelf(self) -> SharedShelf:
        return PostgresqlShelf(self._engine, translated=self._translated)

    def _insert_unless_there(self, table: Table) -> Insert:
        return insert(table).on_conflict_do_nothing(index_elements=["key"])

    def _told(self, error: DBAPIError) -> StoreError | WorkspaceError:
        return _told(self._place, error)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        # The message must not show the URL: it may hold a password.
        raise WorkspaceError(
            "store postgresql://...: not a database URL; write postgresql://USER@HOST/DATABASE"
        ) from None
    if not parsed.database:
        raise WorkspaceError(f"store {_shown(parsed)}: no database named; write postgresql://USER@HOST/DATABASE")
    return parsed


def _shown(url: URL) -> str:
    """The URL without password and options."""
    host = url.host or ""
    if not host and isinstance(socket := url.query.get("host"), str):
        host = socket
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{host}{port}/{url.database or ''}"


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",  # each statement after the lock sees what was committed before it
        pool_size=4,
        max_overflow=60,
        pool_pre_ping=True,  # connections that a restart of the server cut are made anew
        connect_args={"connect_timeout": 10},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.autocommit = True
        connection.execute("SET synchronous_commit = on")  # a vote is acknowledged when it is on the disk
        connection.execute(f"SET lock_timeout = '{_BUSY_S}s'")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")

    return engine


def _told(place: str, error: DBAPIError) -> StoreError | WorkspaceError:
    state: str = getattr(error.orig, "sqlstate", None) or ""
    said = (str(error.orig).strip() or "no reason given").splitlines()[0]
    if state == "23505":  # unique_violation
        return ConflictError(f"{place}: another writer recorded the same event first; read the events again")
    if state == "53100":
        return StoreError(
            f"{place}: the server's disk is full; free some space and run the same command again: nothing is lost"
        )
    if state == "55P03":
        return StoreError(f"{place}: another process has been writing for {_BUSY_S} s; wait for it or stop it")
    if state == "42501" or state == "25006":
        return WorkspaceError(f"{place}: cannot be written ({said}); ask for the right to, or name another database")
    if state == "3D000" or ("does not exist" in said and not state):
        return WorkspaceError(f"{place}: {said}; make it with createdb, or name another one")
    if state.startswith("28") or "password" in said or "authentication" in said:
        return WorkspaceError(f"{place}: {said}; set PGPASSWORD or ~/.pgpass")
    if not state or error.connection_invalidated or state.startswith(("08", "57P")):
        return StoreError(
            f"{place}: the server cannot be reached ({said}); see that it runs, then run the same command again: "
            "what was finished is kept"
        )
    return StoreError(f"{place}: {said}; run the same command again, and restore a backup if it stays so")
