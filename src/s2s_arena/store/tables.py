"""The tables of the SQL stores, made from `kinds.KINDS`: a key, the fields that filter, and the record as JSON."""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from s2s_arena.store.kinds import KINDS, Kind

SCHEMA = 1
"""The schema this version writes; one more for every migration in store/migrations/versions."""

METADATA = MetaData()


def _table(kind: Kind) -> Table:
    indexed: list[Column[str] | Column[int]] = [Column(name, String, nullable=False) for name in kind.texts]
    indexed += [Column(name, Integer, nullable=False) for name in kind.numbers]
    return Table(
        kind.table,
        METADATA,
        Column("seq", Integer, primary_key=True, autoincrement=True),  # the order in which records were put
        Column("key", String, nullable=False, unique=True),
        *indexed,
        Column("body", Text, nullable=False),
        *(Index(f"ix_{kind.table}_{name}", name) for name in kind.fields),
    )


RECORDS: dict[str, Table] = {kind.table: _table(kind) for kind in KINDS}

EVENTS = Table(
    "events",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, unique=True),
    Column("study", String, nullable=False, index=True),
    Column("match", String, nullable=False),
    Column("judge", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # Check-then-insert loses races; the database itself refuses a second event at the same place.
    UniqueConstraint("match", "judge", "revision"),
)

SCHEMA_TABLE = Table("arena_schema", METADATA, Column("version_num", String(32), primary_key=True))
"""Read and written by Alembic too (its `version_table`)."""
