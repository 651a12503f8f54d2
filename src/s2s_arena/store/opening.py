"""Opens a store by where it is: a workspace folder, a database file, a URL, or memory."""

from pathlib import Path

from s2s_arena.errors import WorkspaceError
from s2s_arena.protocols import Store
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.postgresql import SCHEMES, PostgresqlStore
from s2s_arena.store.sqlite import SqliteStore


def open_store(place: str | Path, *, audio: Path | None = None) -> Store:
    """The store at a place; a new one is made where there is none.

    Args:
        place: `memory:`, a workspace folder (its database is `arena.db`), a file ending in `.db`,
            `sqlite:///PATH`, or `postgresql://USER@HOST/DATABASE`.
        audio: Folder of audio; by default `audio/` beside the file. A PostgreSQL database needs it named.

    Raises:
        MissingError: PostgreSQL is named and the extra `postgres` is not installed.
        WorkspaceError: Not a place for a store, or one that cannot be used.
    """
    text = str(place)
    if text in ("memory:", "memory"):
        return MemoryStore()
    if text.startswith("sqlite:///"):
        text = text.removeprefix("sqlite:///")
    elif "://" in text:
        scheme = text.partition("://")[0]
        if scheme not in SCHEMES:
            raise WorkspaceError(
                f"store {scheme}://...: this kind of database is not supported; use a folder, sqlite:///PATH or "
                "postgresql://USER@HOST/DATABASE"
            )
        if audio is None:
            raise WorkspaceError(f"store {scheme}://...: audio is not kept in the database; name a folder for it")
        return PostgresqlStore(text, audio=audio)
    path = Path(text)
    database = path if path.suffix == ".db" else path / "arena.db"
    if database.parent.exists() and not database.parent.is_dir():
        raise WorkspaceError(f"{database.parent}: is a file, a workspace is a folder; name another one")
    return SqliteStore(database, audio=audio or database.parent / "audio")
