"""How work is carried out, and who is told how far it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar, runtime_checkable

T = TypeVar("T")
U = TypeVar("U")


@runtime_checkable
class Portable(Protocol):
    """Work that can be done in another process too: it pickles, and loads there what it needs, once."""

    @property
    def resources(self) -> Mapping[str, float]:
        """What one loaded copy takes of a machine: CPU and GPU in numbers, memory in bytes."""
        ...


class Executor(Protocol):
    """Overlaps waiting. One that works in other processes takes `Portable` work only, and items that pickle."""

    def map(self, work: Callable[[T], U], items: Iterable[T], *, concurrency: int = 1) -> Iterator[tuple[T, U]]:
        """(item, result) in order of completion; at most `concurrency` at once; the first exception is raised."""
        ...


class Progress(Protocol):
    """Told how far long work is."""

    def begin(self, what: str, total: int) -> None: ...

    def advance(self, note: str = "") -> None: ...

    def end(self) -> None: ...
