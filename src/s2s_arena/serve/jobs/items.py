"""What is put before people who work on a suite, and what their replies become: the desks' side of suites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from s2s_arena.errors import InputError
from s2s_arena.records.identity import AudioHash
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.speech import Delivery
from s2s_arena.serve.people.job import Job, Reply
from s2s_arena.serve.people.person import Person, primary

Direction = tuple[str, str]
"""A kind of direction (a text's key) and what it is about, such as the word to stress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to choose; asked only if another question was answered with `when`."""

    name: str
    options: tuple[str, ...]
    when: tuple[str, str] | None = None

    def asked(self, answers: Mapping[str, str]) -> bool:
        """Whether it needs an answer beside these."""
        return self.when is None or answers.get(self.when[0]) == self.when[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One turn of the user, as people see and hear it."""

    script: str = ""
    language: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    directions: tuple[Direction, ...] = ()
    background: str = ""
    audio: AudioHash | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in front of a person.

    Attributes:
        id: Among the job's items; tells nothing.
        group: Items of one group are given to one person where people record, one after the other.
        turn: Which turn is to be spoken, where people record.
        language: BCP 47.
        parts: What is seen and heard.
        questions: What is asked.
        notes: What instruments found.
        wanted: What the speaker must be, such as gender=female; "" of a trait that was not declared never fits.
    """

    id: str
    group: str
    turn: int = 0
    language: str
    level: str = ""
    domain: str = ""
    task: str = ""
    guideline: str = ""
    parts: tuple[Part, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    asked_of_answer: tuple[Direction, ...] = ()
    wanted: Mapping[str, str] = field(default_factory=dict)

    def fits(self, person: Person) -> bool:
        """Whether the person speaks its language and, where they record, is whom the script asks for."""
        spoken = person.speaks(self.language) or primary(self.language) == "und"
        return spoken and all(person.voice.get(trait) == value for trait, value in self.wanted.items())

    def checked(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers to what is asked, and nothing else.

        Raises:
            InputError: One is missing, or is not among its options.
        """
        found: dict[str, str] = {}
        for question in self.questions:
            if not question.asked(found):
                continue
            answer = answers.get(question.name, "")
            if answer not in question.options:
                raise InputError(f"{question.name}: {answer!r}; one of {', '.join(question.options)} is needed")
            found[question.name] = answer
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What has come of a job so far, for researchers: figures with their names, and a table."""

    figures: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Work(Protocol):
    """One kind of job: what is asked of a suite, and what becomes of the replies."""

    def draw(self, suite: Suite, *, per_level: int, seed: int) -> tuple[str, ...]:
        """Ids of the samples that a new job is about; empty: all. InputError where there is nothing to do."""
        ...

    def items(self, job: Job, suite: Suite) -> tuple[Item, ...]:
        """What there is to do, in the suite's order."""
        ...

    def settle(self, job: Job, suite: Suite, replies: Sequence[tuple[Reply, Person]]) -> None:
        """Put replies into the arena's records; the same again changes nothing."""
        ...

    def finish(self, job: Job, suite: Suite, replies: Sequence[tuple[Reply, Person]]) -> str:
        """What is made of all settled replies, told in a line; "" where nothing more is to be made."""
        ...

    def found(self, job: Job, suite: Suite) -> Findings:
        """What the records say now."""
        ...


def part_of(turn: Turn) -> Part:
    """A turn with everything that is known of it."""
    ground = turn.background
    return Part(
        script=turn.script,
        language=turn.language,
        labels=dict(turn.labels),
        directions=directions(turn.delivery),
        background="" if ground is None else f"{ground.scene} {ground.snr_db:g} dB",
        audio=None if turn.speech is None else turn.speech.hash,
    )


def item_of(sample: Sample, *, id: str, questions: Sequence[Question] = (), notes: Sequence[str] = ()) -> Item:
    """A whole sample as an item."""
    return Item(
        id=id,
        group=sample.id,
        language=sample.language,
        level=sample.level.value if sample.level else "",
        domain=sample.domain or "",
        task=sample.task or "",
        guideline=sample.guideline,
        parts=tuple(part_of(turn) for turn in sample.turns),
        questions=tuple(questions),
        notes=tuple(notes),
        asked_of_answer=tuple((e.cue, e.want) for e in sample.expects if e.cue not in ("contains", "lacks")),
    )


def directions(delivery: Delivery) -> tuple[Direction, ...]:
    """How words are to be said, as a person would be told; nothing for plain reading."""
    found: list[Direction] = []
    if delivery.emotion not in (None, "neutral"):
        found.append(("emotion_weak" if delivery.strength < 0.75 else "emotion", delivery.emotion or ""))
    if delivery.style is not None:
        found.append(("style", delivery.style))
    found += _graded("rate", delivery.rate, plain=1.0, slight=0.12)
    found += _graded("pitch", delivery.pitch_st, plain=0.0, slight=2.5)
    found += _graded("range", delivery.pitch_range, plain=1.0, slight=0.3)
    found += _graded("volume", delivery.volume_db, plain=0.0, slight=4.0)
    found += [("emphasis", word) for word in delivery.emphasis]
    found += [("pause_long" if pause.seconds >= 1.0 else "pause", pause.after) for pause in delivery.pauses]
    return tuple(found)


def _graded(name: str, value: float, *, plain: float, slight: float) -> list[Direction]:
    apart = value - plain
    if abs(apart) < 1e-9:
        return []
    side = "up" if apart > 0 else "down"
    return [(f"{name}_{side}" if abs(apart) > slight else f"{name}_{side}_slight", "")]
