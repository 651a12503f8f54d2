"""A store in memory: for tests and for work that need not last."""

import hashlib
import threading
from collections.abc import Iterator

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import StoreError
from s2s_arena.protocols import R, Record
from s2s_arena.records.identity import AudioHash, StudyName
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.verdicts import Event
from s2s_arena.store.audio_files import canonical
from s2s_arena.store.kinds import Kind, kind_of
from s2s_arena.store.log import settle


class MemoryStore:
    """Implements `protocols.Store` in dictionaries; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._records: dict[type[Record], dict[str, Record]] = {}
        self._events: list[Event] = []
        self._by_id: dict[str, Event] = {}
        self._revisions: set[tuple[str, str, int]] = set()
        self._audio: dict[AudioHash, Waveform] = {}
        self._originals: dict[str, bytes] = {}

    def put(self, *records: Record) -> int:
        kinds = [kind_of(type(record)) for record in records]
        with self._lock:
            new = 0
            for kind, record in zip(kinds, records, strict=True):
                kept = self._records.setdefault(kind.record, {})
                if record.key not in kept:
                    kept[record.key] = record
                    new += 1
            return new

    def get(self, kind: type[R], key: str) -> R | None:
        found = self._records.get(kind_of(kind).record, {}).get(key)
        return found if isinstance(found, kind) else None

    def all(self, kind: type[R], **where: str | int) -> Iterator[R]:
        table = kind_of(kind)
        wanted = table.checked(where)
        with self._lock:
            records = list(self._records.get(table.record, {}).values())
        return (r for r in records if isinstance(r, kind) and _fits(table, r, wanted))

    def keys(self, kind: type[R], **where: str | int) -> set[str]:
        return {record.key for record in self.all(kind, **where)}

    def append(self, *events: Event) -> tuple[Event, ...]:
        with self._lock:
            settled, new = settle(
                events,
                stored=self._by_id.get,
                taken=lambda match, judge, revision: (match, judge, revision) in self._revisions,
                last=len(self._events),
            )
            for event in new:
                self._events.append(event)
                self._by_id[event.id] = event
                self._revisions.add((event.match, event.judge, event.revision))
            return settled

    def events(self, *, study: StudyName | None = None, after: int = 0, up_to: int | None = None) -> Iterator[Event]:
        with self._lock:
            chosen = self._events[after:up_to]
        return (event for event in chosen if study is None or event.study == study)

    def put_audio(self, wave: Waveform, *, original: bytes | None = None) -> AudioRef:
        kept = canonical(wave)
        sha256 = None if original is None else hashlib.sha256(original).hexdigest()
        with self._lock:
            hash = kept.hash()
            self._audio[hash] = kept
            if sha256 is not None and original is not None:
                self._originals[sha256] = original
        return AudioRef(hash=hash, rate_hz=wave.rate_hz, frames=wave.frames, original=sha256)

    def audio(self, hash: AudioHash) -> Waveform:
        try:
            return self._audio[hash]
        except KeyError:
            raise StoreError(f"audio {hash} is not in this store; run the stage that makes it again") from None

    def erase_audio(self, hash: AudioHash, *, original: str | None = None) -> bool:
        with self._lock:
            gone = self._audio.pop(hash, None) is not None
            return (original is not None and self._originals.pop(original, None) is not None) or gone

    def original(self, sha256: str) -> bytes:
        """The bytes that a user gave, as they were; StoreError if they are not here."""
        try:
            return self._originals[sha256]
        except KeyError:
            raise StoreError(f"original {sha256} is not in this store; import it again") from None

    def close(self) -> None:
        return None


def _fits(kind: Kind, record: Record, wanted: dict[str, str | int]) -> bool:
    if not wanted:
        return True
    values = kind.indexed(record)
    return all(values[field] == value for field, value in wanted.items())
