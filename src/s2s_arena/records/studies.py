"""A study: which suite, which systems and judges, under which rules, drawn how, from which seed."""

from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.records.identity import JudgeName, StudyName, SuiteHash, SuiteName, SystemName, content_hash


class Outcome(StrEnum):
    """What a judge may say of the take heard first and the take heard second."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"
    BOTH_GOOD = "both_good"
    BOTH_BAD = "both_bad"

    @property
    def swapped(self) -> "Outcome":
        """The same opinion when the two takes are heard in the other order."""
        return {Outcome.FIRST: Outcome.SECOND, Outcome.SECOND: Outcome.FIRST}.get(self, self)


STRICT: tuple[Outcome, ...] = (Outcome.FIRST, Outcome.SECOND)


class Criterion(StrEnum):
    """The paper's three criteria."""

    INSTRUCTION = "instruction"
    EXPRESSIVENESS = "expressiveness"
    QUALITY = "quality"


class Sampler(StrEnum):
    """How pairs are drawn."""

    PAPER = "paper"  # eq. 1
    UNIFORM = "uniform"
    D_OPTIMAL = "d-optimal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What verdicts the study accepts."""

    outcomes: tuple[Outcome, ...] = STRICT
    criteria: tuple[Criterion, ...] = tuple(Criterion)
    orders: str = "one"  # one | both


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How matches are drawn."""

    sampler: Sampler = Sampler.PAPER
    uniform_mix: float = 0.1  # share of draws that ignore ratings
    round_size: int = 20  # pairing reads finished rounds only
    balance: tuple[str, ...] = ("level", "domain")
    floor: int = 0  # comparisons of each system before ratings alone decide whom it meets


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """It owns matches; a later revision of the same name may add systems and judges, never take rules back."""

    name: StudyName
    suite: SuiteName
    suite_hash: SuiteHash
    systems: tuple[SystemName, ...]
    judges: tuple[JudgeName, ...] = ()
    rules: Rules = field(default_factory=Rules)
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    revision: int = 0

    @property
    def key(self) -> str:
        """Store key."""
        return content_hash("study", self.name, self.revision)
