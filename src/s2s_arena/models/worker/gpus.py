"""One worker per GPU: who sits on which, in this process and among all processes of this machine."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

from s2s_arena.errors import MissingError


class Tenant(Protocol):
    """What may sit on a GPU."""

    def close(self) -> None:
        """Leave it."""
        ...


class Seat:
    """A GPU, used by one worker at a time.

    Systems are answered one after the other: the worker of the last one leaves when that of the next one comes, or
    their weights would have to fit side by side. Another process that uses the GPU is not disturbed.

    Args:
        gpu: As CUDA_VISIBLE_DEVICES names it.
        folder: Where locks lie.
    """

    def __init__(self, gpu: str, folder: Path) -> None:
        self.gpu = gpu
        self._path = folder / f"gpu-{gpu}.lock"
        self._lock = threading.Lock()
        self._tenant: Tenant | None = None
        self._held: IO[str] | None = None

    @contextlib.contextmanager
    def taken(self, tenant: Tenant) -> Iterator[None]:
        """Sit on it for one request; whoever sat there before is closed.

        Raises:
            MissingError: Another process uses it.
        """
        with self._lock:
            if self._tenant is not tenant:
                if self._tenant is not None:
                    self._tenant.close()
                self._hold()
                self._tenant = tenant
            yield

    def leave(self, tenant: Tenant) -> None:
        """Give it up, if it is that one's: other processes may have it."""
        if self._tenant is tenant and self._held is not None:
            self._tenant = None
            self._held.close()
            self._held = None

    def _hold(self) -> None:
        if self._held is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise MissingError(
                f"GPU {self.gpu}: in use by a worker of process {holder}; wait for it, or name another in settings.gpus"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._held = file


_SEATS: dict[tuple[str, Path], Seat] = {}
_SEATS_LOCK = threading.Lock()


def seat(number: int, folder: Path) -> Seat:
    """The seat of the n-th GPU that this process may see; the same object for everybody.

    Raises:
        MissingError: It may see fewer.
    """
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpu = str(number)
    if seen is not None:
        visible = [name.strip() for name in seen.split(",") if name.strip()]
        if number >= len(visible):
            raise MissingError(
                f"settings.gpus: GPU {number} named, {len(visible)} visible (CUDA_VISIBLE_DEVICES={seen!r}); name fewer"
            )
        gpu = visible[number]
    with _SEATS_LOCK:
        return _SEATS.setdefault((gpu, folder), Seat(gpu, folder))
