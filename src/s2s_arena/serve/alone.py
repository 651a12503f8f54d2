"""One server on a workspace: a second one would give out the same tasks and not know of the first one's votes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from s2s_arena.errors import WorkspaceError

try:
    import fcntl
except ImportError:  # Windows has no such locks: there nothing is refused
    fcntl = None  # type: ignore[assignment]

LOCK = "serve.lock"


@contextmanager
def alone(root: Path, *, doing: str, shared: bool = False) -> Iterator[None]:
    """Hold a workspace for oneself; the lock ends with the process, however that ends.

    Args:
        root: The workspace.
        doing: What is done with it, for whoever comes second: "serving on http://127.0.0.1:8765".
        shared: Others who say so too may hold it at the same time.

    Raises:
        WorkspaceError: Somebody else holds it, or the lock cannot be kept.
    """
    path = root / LOCK
    try:
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise WorkspaceError(f"{path}: the lock cannot be kept ({error.strerror}); make the folder writable") from error
    with handle:
        if fcntl is not None:
            try:
                fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                said = handle.read(200).strip() or "another process"
                raise WorkspaceError(
                    f"{root}: is in use by {said}; stop that first, or take another workspace"
                ) from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, {doing}")
        handle.flush()
        yield
        handle.truncate(0)
