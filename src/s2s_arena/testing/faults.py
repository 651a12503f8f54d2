"""A store that kills its own process at a chosen moment, to show that nothing finished is lost."""

import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import R, Record, Store
from s2s_arena.records.identity import AudioHash, StudyName
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.verdicts import Event

VARIABLE = "S2S_ARENA_FAULT"
OPERATIONS = ("put", "append", "put_audio")


@dataclass(frozen=True, slots=True)
class Fault:
    """When to die: `before` or `after` the nth call (from 1) of an operation of the store."""

    when: str
    operation: str
    number: int

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """From `after:put_audio:3`.

        Raises:
            ValueError: Not of that form.
        """
        when, operation, number = text.split(":")
        if when not in ("before", "after") or operation not in OPERATIONS or int(number) < 1:
            raise ValueError(f"{VARIABLE}={text}: before|after, {'|'.join(OPERATIONS)} and a number from 1 are needed")
        return cls(when, operation, int(number))


class FaultyStore:
    """Implements `protocols.Store` by another store, and dies as told.

    Args:
        store: What really keeps everything.
        fault: When to die; by default what the variable S2S_ARENA_FAULT says, and never if it is not set.
        journal: A file to which every finished write is added, one line each, after it has come back: what it names
            must be there after any death.
    """

    def __init__(
        self,
        store: Store,
        *,
        fault: Fault | None = None,
        journal: Path | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        given = environment.get(VARIABLE)
        self._store = store
        self._fault = fault or (Fault.parse(given) if given else None)
        self._journal = journal
        self._calls = dict.fromkeys(OPERATIONS, 0)

    def put(self, *records: Record) -> int:
        self._step("before", "put")
        new = self._store.put(*records)
        self._note(*(f"{type(record).__name__} {record.key}" for record in records))
        self._step("after", "put")
        return new

    def append(self, *events: Event) -> tuple[Event, ...]:
        self._step("before", "append")
        stored = self._store.append(*events)
        self._note(*(f"Event {event.id}" for event in stored))
        self._step("after", "append")
        return stored

    def put_audio(self, wave: Waveform, *, original: bytes | None = None) -> AudioRef:
        self._step("before", "put_audio")
        ref = self._store.put_audio(wave, original=original)
        self._note(f"audio {ref.hash}")
        self._step("after", "put_audio")
        return ref

    def get(self, kind: type[R], key: str) -> R | None:
        return self._store.get(kind, key)

    def all(self, kind: type[R], **where: str | int) -> Iterator[R]:
        return self._store.all(kind, **where)

    def keys(self, kind: type[R], **where: str | int) -> set[str]:
        return self._store.keys(kind, **where)

    def events(self, *, study: StudyName | None = None, after: int = 0, up_to: int | None = None) -> Iterator[Event]:
        return self._store.events(study=study, after=after, up_to=up_to)

    def audio(self, hash: AudioHash) -> Waveform:
        return self._store.audio(hash)

    def close(self) -> None:
        self._store.close()

    def _step(self, when: str, operation: str) -> None:
        if when == "before":
            self._calls[operation] += 1
        if self._fault == Fault(when, operation, self._calls[operation]):
            os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, *lines: str) -> None:
        if self._journal is not None and lines:
            note(self._journal, *lines)


def note(journal: Path, *lines: str) -> None:
    """Add lines to a journal in one write, so that they survive the death of the process right after."""
    handle = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, "".join(f"{line}\n" for line in lines).encode())
    finally:
        os.close(handle)
