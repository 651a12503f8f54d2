"""The shelf of a workspace that one machine serves: people, conduct, jobs and replies in one SQLite file."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from s2s_arena.errors import WorkspaceError
from s2s_arena.protocols import Row, Shelf

TABLES = ("people", "conduct", "jobs", "replies", "held", "heard", "sent", "notices")
_MADE = "".join(f"CREATE TABLE IF NOT EXISTS {name} (key TEXT PRIMARY KEY, body TEXT NOT NULL);" for name in TABLES)
_AUDIT = """
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL
);
"""
_KEEP = "INSERT INTO {} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body"


class SqliteShelf:
    """Implements `protocols.Shelf`; safe to use from several threads.

    Args:
        path: The SQLite file; made if it is not there. `:memory:` for tests.

    Raises:
        WorkspaceError: It cannot be opened, or is no such file.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_MADE + _AUDIT)
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"{path}: the register cannot be opened ({error}); check the file and its folder"
            ) from error

    def keep(self, *rows: Row) -> None:
        with self._changing():
            for table, key, body in rows:
                self._db.execute(_KEEP.format(_known(table)), (key, body))

    def change(self, table: str, key: str, how: Callable[[str | None], str | None]) -> str | None:
        with self._changing():
            found = self._db.execute(f"SELECT body FROM {_known(table)} WHERE key = ?", (key,)).fetchone()
            there = found[0] if found else None
            new = how(there)
            if new is None:
                return there
            self._db.execute(_KEEP.format(table), (key, new))
            return new

    def bodies(self, table: str, *, low: str = "", high: str | None = None) -> list[str]:
        query, values = f"SELECT body FROM {_known(table)} WHERE key >= ?", [low]
        if high is not None:
            query, values = f"{query} AND key < ?", [low, high]
        with self._lock, self._translated():
            return [row[0] for row in self._db.execute(f"{query} ORDER BY rowid", values).fetchall()]

    def drop(self, table: str, *keys: str) -> None:
        with self._changing():
            self._db.executemany(f"DELETE FROM {_known(table)} WHERE key = ?", [(key,) for key in keys])

    def note(self, *, at: str, who: str, what: str, detail: str) -> None:
        with self._lock, self._translated():
            self._db.execute("INSERT INTO audit (at, who, what, detail) VALUES (?, ?, ?, ?)", (at, who, what, detail))

    def noted(self, *, last: int) -> list[tuple[int, str, str, str, str]]:
        query = "SELECT number, at, who, what, detail FROM audit ORDER BY number DESC LIMIT ?"
        with self._lock, self._translated():
            return self._db.execute(query, (last,)).fetchall()

    def rows(self) -> list[Row]:
        """Everything, table by table."""
        with self._lock, self._translated():
            return [
                (table, key, body)
                for table in TABLES
                for key, body in self._db.execute(f"SELECT key, body FROM {table} ORDER BY rowid").fetchall()
            ]

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"{self._path}: {error}; check the disk, and restore a backup if it stays so"
            ) from error


def _known(table: str) -> str:
    if table not in TABLES:
        raise KeyError(table)
    return table


def moved(old: SqliteShelf, new: Shelf) -> None:
    """Put everything of a file on another shelf, where what is there already stays; then close the file."""
    for table, key, body in old.rows():
        new.change(table, key, partial(_unless_there, body))
    for _, at, who, what, detail in reversed(old.noted(last=1_000_000)):
        new.note(at=at, who=who, what=what, detail=detail)
    old.close()


def _unless_there(body: str, there: str | None) -> str | None:
    return body if there is None else None
