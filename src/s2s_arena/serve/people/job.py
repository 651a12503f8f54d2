"""Work on a suite beside voting: what people are asked to do, and what each has said so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.errors import InputError
from s2s_arena.records.identity import SuiteName
from s2s_arena.records.speech import AudioRef


class JobKind(StrEnum):
    """What is asked of people."""

    REVIEW = "review"  # keep or discard, everybody every sample
    VERIFY = "verify"  # are level and attributes right, on a draw
    IDENTIFY = "identify"  # which delivery is heard, without being told
    DUB = "dub"  # read scripts aloud
    ANSWER = "answer"  # answer samples aloud, as a contestant

    @property
    def noun(self) -> str:
        """What researchers call it."""
        return {
            JobKind.REVIEW: "Review",
            JobKind.VERIFY: "Verification",
            JobKind.IDENTIFY: "Cue identification",
            JobKind.DUB: "Dubbing",
            JobKind.ANSWER: "Answers of people",
        }[self]

    @property
    def speaks(self) -> bool:
        """People record themselves: they consent first, and every sample is given to one person."""
        return self in (JobKind.DUB, JobKind.ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work on one suite.

    Attributes:
        name: Part of addresses.
        kind: What is asked.
        suite: Its name.
        suite_hash: The version that people work on.
        title: What they see.
        instructions: Page language -> what they are told before they begin.
        listen: Share of each clip to be heard before an answer counts, 0..1.
        samples: Ids of those drawn; empty: all of the suite.
        quota: Items asked of each person at most; None: all there are.
        system: The contestant's name, where people answer.
        licence: Under which people give recordings.
        seed: Of every order and draw.
        paused: Nothing is given out.
        pay_per_item: For the pay log.
        currency: Of the pay.
        made: ISO 8601 UTC.
    """

    name: str
    kind: JobKind
    suite: SuiteName
    suite_hash: str
    title: str = ""
    instructions: Mapping[str, str] = field(default_factory=dict)
    listen: float = 0.9
    samples: tuple[str, ...] = ()
    quota: int | None = None
    system: str = "human"
    licence: str = "CC-BY-4.0"
    seed: int = 0
    paused: bool = False
    pay_per_item: float = 0.0
    currency: str = "EUR"
    made: str = ""

    def __post_init__(self) -> None:
        good = 1 <= len(self.name) <= 60 and self.name[0] != "."
        if not good or not all(c.isascii() and (c.isalnum() or c in "-_.") for c in self.name):
            raise InputError(f"job {self.name!r}: use 1 to 60 letters, digits, '-', '_' and '.'")
        if not 0.0 <= self.listen <= 1.0:
            raise InputError(f"job {self.name}: listen is {self.listen}; a share from 0 to 1 is needed")
        if self.quota is not None and self.quota < 1:
            raise InputError(f"job {self.name}: quota {self.quota}; at least 1 is needed, or none for all")

    @property
    def key(self) -> str:
        """Register key."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one person said or recorded about one item. It may be taken back until it is settled.

    Attributes:
        job: Its name.
        person: Id.
        item: Id among the job's items.
        number: Place among the person's replies.
        answers: Question -> answer; of recordings, what is known of microphone and room.
        comment: In their own words.
        seconds: How long it took, as the page tells it.
        audio: What was recorded.
        at: ISO 8601 UTC.
        settled: In the arena's records, where it stands.
    """

    job: str
    person: str
    item: str
    number: int
    answers: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    seconds: float = 0.0
    audio: AudioRef | None = None
    at: str = ""
    settled: bool = False

    @property
    def key(self) -> str:
        """Register key."""
        return f"{self.job}/{self.person}/{self.item}"
