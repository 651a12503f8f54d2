"""One criterion's opinion of two answers, and how opinions are fused into one strict outcome."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome

WEIGHTS: dict[Criterion, float] = {
    Criterion.INSTRUCTION: 1.0,
    Criterion.EXPRESSIVENESS: 0.8,
    Criterion.QUALITY: 0.6,
}
"""What each criterion weighs at its most certain: doing what was asked first, sound quality last."""

SCALES: dict[Criterion, float] = {
    Criterion.INSTRUCTION: 3.0,  # nats
    Criterion.EXPRESSIVENESS: 1.5,  # z units
    Criterion.QUALITY: 1.2,  # DNSMOS points and penalties: small differences say little, broken sound nearly all
}
"""A margin of one scale is 76 % of full certainty (tanh 1); beyond, no criterion drowns the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """How far one criterion favours the first answer; margin None is an abstention."""

    margin: float | None
    reason: str

    @property
    def outcome(self) -> CriterionOutcome:
        """The same as it is stored; a margin of exactly 0 has no outcome."""
        if not self.margin:
            return CriterionOutcome(outcome=None, margin=0.0, reason=self.reason)
        winner = Outcome.FIRST if self.margin > 0 else Outcome.SECOND
        return CriterionOutcome(outcome=winner, margin=self.margin, reason=self.reason)


def abstain(reason: str) -> Opinion:
    """No opinion, and why."""
    return Opinion(margin=None, reason=reason)


def named(margin: float, reason: str) -> Opinion:
    """An opinion, and what it rests on."""
    return Opinion(margin=margin, reason=reason)


def fuse(
    opinions: Mapping[Criterion, Opinion],
    *,
    weights: Mapping[Criterion, float] = WEIGHTS,
    scales: Mapping[Criterion, float] = SCALES,
) -> float:
    """The margin of all opinions together, in favour of the first answer.

    Each opinion counts with its weight times tanh(margin / scale); abstentions count nothing. The sum of
    the same opinions with every sign turned is exactly the negative.
    """
    return math.fsum(
        weights.get(criterion, 0.0) * math.tanh(opinion.margin / scales[criterion])
        for criterion, opinion in opinions.items()
        if opinion.margin is not None
    )


def leading(
    opinions: Mapping[Criterion, Opinion], outcome: Outcome, *, weights: Mapping[Criterion, float] = WEIGHTS
) -> str:
    """The criterion that speaks most for the outcome, and its reason."""
    sign = 1.0 if outcome is Outcome.FIRST else -1.0

    def says(criterion: Criterion) -> float:
        margin = opinions[criterion].margin or 0.0
        return sign * weights.get(criterion, 0.0) * math.tanh(margin / SCALES[criterion])

    best = max(opinions, key=says)
    return f"{best.value}: {opinions[best].reason}"
