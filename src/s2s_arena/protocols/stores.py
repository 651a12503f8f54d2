"""Where records, events and audio are kept, followed by several processes, and what people have on their shelf."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.identity import AudioHash, StudyName
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.verdicts import Event


@runtime_checkable
class Record(Protocol):
    """A frozen value with a key under which it is kept."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)


class Store(Protocol):
    """Keeps records by kind and key, events in order, and audio by hash. Nothing is ever overwritten."""

    def put(self, *records: Record) -> int:
        """Keep the records, all or none, and say how many were new.

        A key that is there already keeps its first content (keys are content hashes of *inputs*, so a
        second result of the same work is dropped). Raises StoreError when it cannot write.
        """
        ...

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that kind and key, or None."""
        ...

    def all(self, kind: type[R], **where: str | int) -> Iterator[R]:
        """Records of a kind in the order they were put, filtered on indexed fields (see store/kinds.py)."""
        ...

    def keys(self, kind: type[R], **where: str | int) -> set[str]:
        """Keys only: cheap enough for 100,000 finished responses."""
        ...

    def append(self, *events: Event) -> tuple[Event, ...]:
        """Append events, all or none; they come back with their numbers.

        The same id and body again returns the event as first stored. Raises ConflictError for the same id
        with another body, or for a (match, judge, revision) that is taken.
        """
        ...

    def events(self, *, study: StudyName | None = None, after: int = 0, up_to: int | None = None) -> Iterator[Event]:
        """Events by number, `after` < number <= `up_to`."""
        ...

    def put_audio(self, wave: Waveform, *, original: bytes | None = None) -> AudioRef:
        """Keep audio (and, if given, the bytes it was read from) and return its reference. Durable on return."""
        ...

    def audio(self, hash: AudioHash) -> Waveform:
        """Stored audio; StoreError if it is missing or its content does not match its hash."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


@runtime_checkable
class Committer(Protocol):
    """A store that keeps records and appends events in one transaction: half the waiting for the disk."""

    def commit(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[Event, ...]:
        """`Store.put`, then `Store.append`, all or none; the events with their numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has read: the last event's number, and a place in the order of each kind they follow."""

    event: int
    records: Mapping[type[Record], int]


@dataclass(frozen=True, slots=True)
class News:
    """What was stored after a mark, by anybody.

    Attributes:
        records: By kind in the order of the mark, and within a kind in the order put.
        events: By number.
        mark: Up to where this is all there is.
    """

    records: tuple[Record, ...]
    events: tuple[Event, ...]
    mark: Mark


class Turn(Protocol):
    """Somebody's turn to write: nobody else stores anything until it ends."""

    @property
    def news(self) -> News:
        """All that came after the mark with which the turn was asked for."""
        ...

    def write(self, records: Sequence[Record], events: Sequence[Event]) -> tuple[tuple[Event, ...], Mark]:
        """Keep records, then append events, durably once the turn ends; the events with their numbers, and the mark
        after them. Once in a turn.
        """
        ...


@runtime_checkable
class Followed(Protocol):
    """A store whose writers take turns, so that what somebody has read is a beginning of what there is."""

    def mark(self, *kinds: type[Record]) -> Mark:
        """The place after all that is stored now."""
        ...

    def news(self, since: Mark) -> News:
        """What was stored since."""
        ...

    def turn(self, since: Mark) -> AbstractContextManager[Turn]:
        """A turn to write; an error inside it leaves nothing stored."""
        ...


@runtime_checkable
class Seated(Protocol):
    """A store that other machines reach too, and that several servers may serve at once."""

    def seat(self) -> AbstractContextManager[int]:
        """A place among its servers, the lowest that is free, until the end; WorkspaceError while all are taken."""
        ...


Row = tuple[str, str, str]
"""Table, key and body of something that may change."""


class Shelf(Protocol):
    """Small things that may change and be erased, by table and key: names, links, consent. All durable on return."""

    def keep(self, *rows: Row) -> None:
        """Write rows, all or none; the same key again replaces."""
        ...

    def change(self, table: str, key: str, how: Callable[[str | None], str | None]) -> str | None:
        """Change one row; nobody comes between reading and writing it.

        Args:
            table: Of the row.
            key: Of the row.
            how: From the body that is there, if any, to the new one; None leaves all as it is.

        Returns:
            The body that is there then.
        """
        ...

    def bodies(self, table: str, *, low: str = "", high: str | None = None) -> list[str]:
        """Bodies with low <= key < high, in the order in which their keys first came."""
        ...

    def drop(self, table: str, *keys: str) -> None:
        """Remove rows."""
        ...

    def note(self, *, at: str, who: str, what: str, detail: str) -> None:
        """Add a line to the audit log."""
        ...

    def noted(self, *, last: int) -> list[tuple[int, str, str, str, str]]:
        """The last lines of the audit log, newest first: number, at, who, what, detail."""
        ...

    def close(self) -> None:
        """Release what is held."""
        ...


@runtime_checkable
class SharedShelf(Shelf, Protocol):
    """A shelf on which several servers put things, and see what the others put."""

    def place(self) -> int:
        """The number of the last change."""
        ...

    def changes(self, after: int, *tables: str) -> tuple[int, list[Row]]:
        """Rows of these tables written after a number, in order; and the number up to which this is all."""
        ...


@runtime_checkable
class Shelved(Protocol):
    """A store with a shelf of its own, which all its servers share."""

    def shelf(self) -> SharedShelf:
        """The shelf; made on first use."""
        ...


@runtime_checkable
class AudioEraser(Protocol):
    """A store that can forget audio: the one thing a speaker may ask for that nothing else undoes."""

    def erase_audio(self, hash: AudioHash, *, original: str | None = None) -> bool:
        """Remove audio, and the bytes it was read from; True if any of it was there.

        Records that name it stay, so that what was withdrawn remains known. Raises StoreError when it cannot.
        """
        ...
