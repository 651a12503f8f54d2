"""What a judge gets and what it gives back: two blinded takes of one sample, and a decision between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import Record
from s2s_arena.records.identity import content_hash
from s2s_arena.records.responses import FailureKind
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import AudioRef, Delivery
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardTurn:
    """One turn of an answer as a judge hears it; no speech where the system gave none."""

    speech: Waveform | None
    audio: AudioRef | None
    own_text: str | None = None  # the system's own words: only to check that the speech is complete


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeardTake:
    """All turns of one anonymous answer; `gain_db` is one for all of its system's answers to the suite."""

    turns: tuple[HeardTurn, ...]
    failure: FailureKind | None = None
    gain_db: float = 0.0

    @property
    def identity(self) -> str:
        """Content hash of what can be heard: equal for equal audio, whoever made it."""
        return content_hash("heard", [turn.audio.hash if turn.audio else None for turn in self.turns])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """One blinded match: no system names, no delivery plans.

    Attributes:
        sample: What was asked, after `blinded`.
        questions: The user's speech by turn; None where the suite has no audio.
        first: The take heard first.
        second: The take heard second.
        seed: Equal for the same match in every run.
        question_gain_db: Brings the suite's user speech to the same level, all by the same.
    """

    sample: Sample
    questions: tuple[Waveform | None, ...]
    first: HeardTake
    second: HeardTake
    seed: int = 0
    question_gain_db: float = 0.0

    @property
    def swapped(self) -> "Comparison":
        """The same two takes in the other order."""
        return replace(self, first=self.second, second=self.first)


def blinded(sample: Sample) -> Sample:
    """The sample without the plans that its speech was made from; labels of what can be heard stay."""
    turns = tuple(replace(turn, delivery=Delivery(), voice=None, respelling=None) for turn in sample.turns)
    return replace(sample, turns=turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A judge's answer to one comparison.

    `margin` and every criterion's margin are in favour of the take heard first. `notes` are records that
    the judge made on the way (cues, scores) and that whoever called it may keep.
    """

    outcome: Outcome
    criteria: Mapping[Criterion, CriterionOutcome] = field(default_factory=dict)
    margin: float = 0.0
    reason: str = ""
    raw: str = ""
    prompt_hash: str = ""
    parsed: str = ""
    seconds: float | None = None
    both_bad: bool | None = None
    notes: tuple[Record, ...] = ()
    version: str = ""  # of the model that replied, where it tells: kept beside the judge's identity
    cost_usd: float | None = None


class Judge(Protocol):
    """Turns a comparison into a decision."""

    @property
    def identity(self) -> str:
        """Name and version of everything the decision depends on; part of a vote's id."""
        ...

    def decide(self, comparison: Comparison) -> Decision:
        """The decision. Raises JudgeFailure when there is none, InfrastructureError for faults outside."""
        ...


@runtime_checkable
class Levelled(Protocol):
    """A judge that listens itself, and so must hear every system at one level."""

    @property
    def levelled(self) -> bool:
        """Whether gains are to be measured for it."""
        ...
