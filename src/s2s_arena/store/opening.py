"""Opens a store by where it is: a workspace folder, a database file, a URL, or memory."""

from pathlib import Path

from s2s_arena.errors import WorkspaceError
from s2s_arena.protocols import Store
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.sqlite import SqliteStore


def open_store(place: str | Path, *, audio: Path | None = None) -> Store:
    """The store at a place; a new one is made where there is none.

    Args:
        place: `memory:`, a workspace folder (its database is `arena.db`), a file ending in `.db`, or
            `sqlite:///PATH`.
        audio: Folder of audio; by default `audio/` beside the database.

    Raises:
        WorkspaceError: Not a place for a store, or one that cannot be used.
    """
    text = str(place)
    if text in ("memory:", "memory"):
        return MemoryStore()
    if text.startswith("sqlite:///"):
        text = text.removeprefix("sqlite:///")
    elif "://" in text:
        scheme = text.partition("://")[0]
        raise WorkspaceError(
            f"store {scheme}://...: this kind of database is not supported; use a folder or sqlite:///PATH"
        )
    path = Path(text)
    database = path if path.suffix == ".db" else path / "arena.db"
    if database.parent.exists() and not database.parent.is_dir():
        raise WorkspaceError(f"{database.parent}: is a file, a workspace is a folder; name another one")
    return SqliteStore(database, audio=audio or database.parent / "audio")
