"""Makes the tables of a new database, brings an older one up to date, and refuses a newer or a foreign one."""

import sqlite3
import time

from sqlalchemy import Engine, inspect, select

from s2s_arena.errors import WorkspaceError
from s2s_arena.store.tables import METADATA, SCHEMA, SCHEMA_TABLE

_OTHERS_S = 30.0  # how long another process may take to make the same new database
_AGAIN_S = 0.02

_ELSE = {
    "sqlite": "name another folder or move this file away",
    "postgresql": "name another database, or a schema of its own with ?options=-csearch_path%3DNAME",
}


def prepare(engine: Engine, name: str) -> None:
    """Leave the database of that name ready for this version.

    Raises:
        WorkspaceError: It is of a newer schema, or it holds something else.
    """
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        found = connection.scalar(select(SCHEMA_TABLE.c.version_num)) if SCHEMA_TABLE.name in there else None
    if found is None:
        if there - set(METADATA.tables):
            found_there = ", ".join(sorted(there)[:3])
            raise WorkspaceError(
                f"{name}: is a database of another program (tables {found_there}); {_ELSE[engine.dialect.name]}"
            )
        _create(engine)
    elif found == str(SCHEMA):
        if set(METADATA.tables) - there:
            _create(engine)  # a table more needs no migration: nothing that is there changes
    elif not found.isdecimal() or int(found) > SCHEMA:
        raise WorkspaceError(
            f"{name}: has schema {found}, this s2s-arena knows schemas up to {SCHEMA}; "
            "upgrade s2s-arena (pip install -U s2s-arena)"
        )
    else:
        from s2s_arena.store.migrating import upgrade  # noqa: PLC0415  Alembic costs .3 s and is hardly ever needed

        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            upgrade(connection)


def _create(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        # Two processes may both find a new database: the second waits above and finds all made.
        METADATA.create_all(connection, checkfirst=True)
        if connection.scalar(select(SCHEMA_TABLE.c.version_num)) is None:
            connection.execute(SCHEMA_TABLE.insert(), {"version_num": str(SCHEMA)})


def _use_wal(engine: Engine) -> None:
    """Write-ahead logging, which stays with the file; SQLite lets nobody wait who changes it while another does."""
    raw = engine.raw_connection()  # the journal mode cannot change inside a transaction
    last = time.monotonic() + _OTHERS_S
    try:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > last:
                    raise
                time.sleep(_AGAIN_S)
    finally:
        raw.close()
