"""The register beside the arena's records: people, studies' conduct, jobs, audit log; one SQLite file that may change.

The arena's own store never overwrites, which is right for votes and wrong for names, links and consent: a name must be
erasable without touching a vote.
"""

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import InputError, WorkspaceError
from s2s_arena.records import codec
from s2s_arena.serve.people.job import Job, Reply
from s2s_arena.serve.people.person import Conduct, Person

Kept = Person | Conduct | Job | Reply
"""What the register keeps, each in a table of its own."""

_TABLE: dict[type, str] = {Person: "people", Conduct: "conduct", Job: "jobs", Reply: "replies"}
_TABLES = """
CREATE TABLE IF NOT EXISTS people (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS conduct (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL
);
"""
_KEEP = "INSERT INTO {} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log."""

    number: int
    at: str
    who: str
    what: str
    detail: str


class Register:
    """People and conduct by key; safe to use from several threads.

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
            self._db.executescript(_TABLES)
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"{path}: the register cannot be opened ({error}); check the file and its folder"
            ) from error

    def keep(self, *records: Kept) -> None:
        """Write records, all or none; the same key again replaces."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for record in records:
                    self._db.execute(_KEEP.format(_TABLE[type(record)]), (record.key, codec.encode(record)))
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def people(self) -> Iterator[Person]:
        """Everybody, in the order in which they came."""
        yield from (codec.decode(Person, body) for body in self._bodies("SELECT body FROM people ORDER BY rowid"))

    def person(self, id: str) -> Person | None:
        """One person, or None."""
        found = self._bodies("SELECT body FROM people WHERE key = ?", id)
        return codec.decode(Person, found[0]) if found else None

    def conducts(self) -> Iterator[Conduct]:
        """Every study that people vote in."""
        yield from (codec.decode(Conduct, body) for body in self._bodies("SELECT body FROM conduct ORDER BY rowid"))

    def conduct(self, study: str) -> Conduct:
        """How one study is conducted.

        Raises:
            InputError: People do not vote in it.
        """
        found = self._bodies("SELECT body FROM conduct WHERE key = ?", study)
        if not found:
            known = ", ".join(c.study for c in self.conducts()) or "none"
            raise InputError(f"study '{study}': not open to people; known: {known}; run s2s-arena study create")
        return codec.decode(Conduct, found[0])

    def jobs(self) -> Iterator[Job]:
        """All work on suites that people were asked to do."""
        yield from (codec.decode(Job, body) for body in self._bodies("SELECT body FROM jobs ORDER BY rowid"))

    def job(self, name: str) -> Job:
        """One job.

        Raises:
            InputError: There is none of that name.
        """
        found = self._bodies("SELECT body FROM jobs WHERE key = ?", name)
        if not found:
            raise InputError(f"job '{name}': there is none of that name; make it on the desk")
        return codec.decode(Job, found[0])

    def replies(self, job: str, *, person: str | None = None) -> Iterator[Reply]:
        """What people, or one person, said about a job's items."""
        start = f"{job}/" if person is None else f"{job}/{person}/"
        # "0" follows "/": the range holds every key that begins so.
        query = "SELECT body FROM replies WHERE key >= ? AND key < ? ORDER BY rowid"
        yield from (codec.decode(Reply, body) for body in self._bodies(query, start, start[:-1] + "0"))

    def reply(self, key: str) -> Reply | None:
        """One reply, or None."""
        found = self._bodies("SELECT body FROM replies WHERE key = ?", key)
        return codec.decode(Reply, found[0]) if found else None

    def forget(self, *replies: Reply) -> None:
        """Remove replies that were taken back."""
        with self._lock, self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM replies WHERE key = ?", [(reply.key,) for reply in replies])
            self._db.execute("COMMIT")

    def audit(self, *, at: str, who: str, what: str, detail: str = "") -> None:
        """Add a line to the audit log."""
        with self._lock, self._translated():
            self._db.execute("INSERT INTO audit (at, who, what, detail) VALUES (?, ?, ?, ?)", (at, who, what, detail))

    def audited(self, *, last: int = 200) -> tuple[Entry, ...]:
        """The last lines of the audit log, newest first."""
        with self._lock, self._translated():
            rows = self._db.execute(
                "SELECT number, at, who, what, detail FROM audit ORDER BY number DESC LIMIT ?", (last,)
            ).fetchall()
        return tuple(Entry(number=n, at=at, who=who, what=what, detail=detail) for n, at, who, what, detail in rows)

    def backup(self, path: Path) -> None:
        """A consistent copy, while others write."""
        with self._lock, self._translated():
            copy = sqlite3.connect(path)
            try:
                self._db.backup(copy)
            finally:
                copy.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _bodies(self, query: str, *values: str) -> list[str]:
        with self._lock, self._translated():
            return [row[0] for row in self._db.execute(query, values).fetchall()]

    def _translated(self) -> "_Translated":
        return _Translated(self._path)


class _Translated:
    def __init__(self, path: Path | str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise WorkspaceError(
                f"{self._path}: {error}; check the disk, and restore a backup if it stays so"
            ) from error
