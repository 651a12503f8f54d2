"""What we need from outside, as small Protocols: stores, voices, ears, minds, systems, judges, executors."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Quality, Transcript
from s2s_arena.records.identity import AudioHash, SampleId, StudyName
from s2s_arena.records.responses import Usage
from s2s_arena.records.speech import AudioRef, Utterance
from s2s_arena.records.verdicts import Event

# ---------------------------------------------------------------------------------------------- store


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


# ------------------------------------------------------------------------------- ears, minds, voices


class Transcriber(Protocol):
    """Speech to text."""

    @property
    def identity(self) -> str:
        """Name and version; part of keys."""
        ...

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        """What is said, with word times. `language` (BCP 47) forces the language."""
        ...


class Encoder(Protocol):
    """Speech to a sequence of feature vectors."""

    @property
    def identity(self) -> str: ...

    def encode(self, speech: Waveform) -> NDArray[np.float32]:
        """Shape (frames, dimensions), over the real frames only, never the padding."""
        ...


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """F0 over time.

    Attributes:
        times_s: Shape (frames,).
        f0_hz: Shape (frames,); meaningful where `voiced`.
        voiced: Shape (frames,).
        confidence: Shape (frames,), 0..1.
    """

    times_s: NDArray[np.float64]
    f0_hz: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    confidence: NDArray[np.float64]


class PitchTracker(Protocol):
    """Measures F0."""

    @property
    def identity(self) -> str: ...

    def track(self, speech: Waveform) -> PitchTrack: ...


class QualityMeter(Protocol):
    """Predicts how good speech sounds."""

    @property
    def identity(self) -> str: ...

    def rate(self, speech: Waveform) -> Quality: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One chat message."""

    role: str  # system | user | assistant
    content: str


class Writer(Protocol):
    """A text mind."""

    @property
    def identity(self) -> str: ...

    def write(
        self,
        messages: Sequence[Message],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 256,
        schema: Mapping[str, object] | None = None,
    ) -> str:
        """The reply; with `schema` (JSON Schema) the reply is JSON that fits it."""
        ...

    def log_odds(self, messages: Sequence[Message], *, yes: str, no: str) -> float:
        """Log-probability of starting the reply with `yes` minus that of `no`, in nats."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worded:
    """A text's words as vectors.

    Attributes:
        vectors: Shape (words, dimensions), each of length 1; near where words mean alike.
        weights: Shape (words,), 0 and more: how much a word tells of what the text is about.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float64]


class WordVectors(Protocol):
    """Knows which words mean alike, without reading whole texts."""

    @property
    def identity(self) -> str: ...

    def words(self, text: str) -> Worded:
        """Each word of a text once."""
        ...


class Speaker(Protocol):
    """A voice with delivery controls."""

    @property
    def identity(self) -> str: ...

    @property
    def languages(self) -> frozenset[str]:
        """BCP 47 primary tags it speaks well."""
        ...

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        """The utterance as directed. Raises InputError for a language it does not speak or unspeakable text."""
        ...


# ---------------------------------------------------------------------------------- systems and judges


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system gave back for one turn."""

    speech: Waveform
    text: str | None = None
    first_audio_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    raw: Mapping[str, str] = field(default_factory=dict)  # what it heard, thought, planned: kept for debugging


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A finished turn of the dialogue."""

    user: Waveform
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a system gets: speech and what went before. `sample` and `turn` only serve to find recordings."""

    speech: Waveform
    sample: SampleId
    turn: int = 0
    history: tuple[Exchange, ...] = ()
    seed: int = 0


class Conversant(Protocol):
    """A speech-to-speech system."""

    @property
    def identity(self) -> str:
        """Adapter name and version, and of what it is made."""
        ...

    def answer(self, request: Request) -> Answer:
        """Speech for speech. Raises SystemFailure kinds and InfrastructureError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenPrompt:
    """What an audio model hears and reads."""

    audio: tuple[Waveform, ...]
    text: str
    hash: str


class Listener(Protocol):
    """An audio model that hears a prompt and replies in text."""

    @property
    def identity(self) -> str: ...

    def reply(self, prompt: SpokenPrompt, *, schema: Mapping[str, object] | None = None) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardMessage:
    """One chat message whose text and audio are read in the order of its parts."""

    role: str  # system | user | assistant
    parts: tuple[str | Waveform, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an audio model wrote, and what it says of itself.

    Attributes:
        text: The reply, as it came.
        model: The version that says it replied; empty where none is told.
        finish: Why it stopped, in the vendor's word.
        usage: Tokens.
        audio_tokens: Tokens of audio that it counted in the request; None where it does not say.
    """

    text: str
    model: str = ""
    finish: str = ""
    usage: Usage = field(default_factory=Usage)
    audio_tokens: int | None = None


class AudioReader(Protocol):
    """A model that reads messages with audio in them and writes."""

    @property
    def identity(self) -> str:
        """Adapter, model and host; part of a judge's identity."""
        ...

    def read(
        self,
        messages: Sequence[HeardMessage],
        *,
        seed: int,
        temperature: float = 0.0,
        max_tokens: int = 512,
        schema: Mapping[str, object] | None = None,
    ) -> Reading:
        """The reply; `schema` (JSON Schema) is enforced where the other side can. Raises SystemFailure kinds,
        InfrastructureError and AccessError.
        """
        ...


# ------------------------------------------------------------------------------------------ executing

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
