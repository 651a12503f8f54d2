"""Small things that may change, in tables of a PostgreSQL database beside the records: what all its servers share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    MetaData,
    Sequence,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from s2s_arena.protocols import Row

_TURN = 0x53325342  # advisory lock of those that change the shelf
_METADATA = MetaData()
_CHANGES = Sequence("shelf_changes", metadata=_METADATA)
_KEPT = Table(
    "shelf",
    _METADATA,
    Column("table", String(collation="C"), primary_key=True),
    Column("key", String(collation="C"), primary_key=True),  # ranges of keys are ranges of bytes
    Column("came", BigInteger, nullable=False),  # number of the change that brought the key
    Column("changed", BigInteger, nullable=False),  # and of the last one
    Column("body", Text, nullable=False),
    Index("ix_shelf_changed", "changed"),
)
_AUDIT = Table(
    "shelf_audit",
    _METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    *(Column(name, Text, nullable=False) for name in ("at", "who", "what", "detail")),
)


class PostgresqlShelf:
    """Implements `protocols.SharedShelf`; any number of processes change it, one after another.

    Args:
        engine: Of the database; whoever made it disposes of it.
        translated: Turns errors of the database into ours.
    """

    def __init__(self, engine: Engine, *, translated: Callable[[], AbstractContextManager[None]]) -> None:
        self._engine, self._translated = engine, translated
        with self._changing() as connection:
            _METADATA.create_all(connection, checkfirst=True)

    def keep(self, *rows: Row) -> None:
        with self._changing() as connection:
            for row in rows:
                self._keep(connection, row)

    def change(self, table: str, key: str, how: Callable[[str | None], str | None]) -> str | None:
        with self._changing() as connection:
            there: str | None = connection.scalar(
                select(_KEPT.c.body).where(_KEPT.c.table == table, _KEPT.c.key == key)
            )
            new = how(there)
            if new is None:
                return there
            self._keep(connection, (table, key, new))
            return new

    def bodies(self, table: str, *, low: str = "", high: str | None = None) -> list[str]:
        asked = select(_KEPT.c.body).where(_KEPT.c.table == table, _KEPT.c.key >= low).order_by(_KEPT.c.came)
        with self._reading() as connection:
            return list(connection.scalars(asked if high is None else asked.where(_KEPT.c.key < high)))

    def drop(self, table: str, *keys: str) -> None:
        with self._changing() as connection:
            connection.execute(_KEPT.delete().where(_KEPT.c.table == table, _KEPT.c.key.in_(keys)))

    def place(self) -> int:
        with self._reading() as connection:
            return connection.scalar(select(func.max(_KEPT.c.changed))) or 0

    def changes(self, after: int, *tables: str) -> tuple[int, list[Row]]:
        asked = select(_KEPT.c.changed, _KEPT.c.table, _KEPT.c.key, _KEPT.c.body).where(
            _KEPT.c.changed > after, _KEPT.c.table.in_(tables)
        )
        with self._reading() as connection:
            found = connection.execute(asked.order_by(_KEPT.c.changed)).all()
        return (found[-1][0] if found else after), [(table, key, body) for _, table, key, body in found]

    def note(self, *, at: str, who: str, what: str, detail: str) -> None:
        with self._changing() as connection:
            connection.execute(_AUDIT.insert(), {"at": at, "who": who, "what": what, "detail": detail})

    def noted(self, *, last: int) -> list[tuple[int, str, str, str, str]]:
        with self._reading() as connection:
            found = connection.execute(select(_AUDIT).order_by(_AUDIT.c.number.desc()).limit(last)).all()
        return [(n, at, who, what, detail) for n, at, who, what, detail in found]

    def close(self) -> None:
        return None

    def _keep(self, connection: Connection, row: Row) -> None:
        table, key, body = row
        # Whoever changes holds the turn, so a change is seen only after all that have smaller numbers.
        number = connection.scalar(select(_CHANGES.next_value()))
        new = insert(_KEPT).values(table=table, key=key, came=number, changed=number, body=body)
        connection.execute(
            new.on_conflict_do_update(
                index_elements=["table", "key"], set_={"changed": new.excluded.changed, "body": new.excluded.body}
            )
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._translated(), self._engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN}, hashtext(current_schema()))")
            yield connection
