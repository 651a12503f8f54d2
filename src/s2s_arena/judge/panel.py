"""Several judges as one: a majority, or one weighted by reliability; a split goes to people, never to a toss."""

import json
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from s2s_arena.errors import CardError, JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision, Judge
from s2s_arena.records.identity import content_hash
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome

VERSION = "1"
SPLIT = "split"
"""Begins the reason of a failure that means: the judges disagree, ask people."""

MOST = 0.99  # nobody's reliability is believed beyond this


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A judge on the panel.

    Attributes:
        name: Of its card.
        judge: It.
        reliability: Share of right verdicts, 0.5..1; None counts as much as everybody.
    """

    name: str
    judge: Judge
    reliability: float | None = None

    @property
    def weight(self) -> float:
        """1, or the log-odds of being right: the weight that makes a vote of independent judges the best one."""
        if self.reliability is None:
            return 1.0
        return max(0.0, math.log(min(self.reliability, MOST) / (1.0 - min(self.reliability, MOST))))


class PanelJudge:
    """Implements `comparison.Judge`.

    Args:
        members: At least two, by different names; either all with a reliability or none.
        quorum: So many must give a verdict.
        unanimous: Any disagreement goes to people; else only a draw does.
        name: Begins the identity.

    Raises:
        CardError: Fewer than two members, the same name twice, or only some reliabilities.
    """

    def __init__(
        self, members: Iterable[Member], *, quorum: int = 2, unanimous: bool = False, name: str = "panel"
    ) -> None:
        self._members = tuple(members)
        names = [member.name for member in self._members]
        if len(names) < 2 or len(set(names)) != len(names):
            raise CardError(f"judge {name}: members {', '.join(names) or 'none'}; at least two different ones needed")
        if len({member.reliability is None for member in self._members}) > 1:
            raise CardError(f"judge {name}: some members have a reliability and some none; give all or none")
        if not 1 <= quorum <= len(names):
            raise CardError(f"judge {name}: quorum {quorum} given; 1 to {len(names)} possible")
        self._quorum = quorum
        self._unanimous = unanimous
        self._name = name

    @property
    def identity(self) -> str:
        made_of = content_hash(
            [(m.name, m.judge.identity, m.weight) for m in self._members], self._quorum, self._unanimous
        )
        return f"{self._name}/{VERSION}/{made_of[:16]}"

    @property
    def levelled(self) -> bool:
        """Gains are measured if any member listens; the others leave them."""
        return any(bool(getattr(member.judge, "levelled", False)) for member in self._members)

    def decide(self, comparison: Comparison) -> Decision:
        began = time.perf_counter()
        decisions: dict[str, Decision] = {}
        failures: dict[str, str] = {}
        for member in self._members:
            try:
                decisions[member.name] = member.judge.decide(comparison)
            except JudgeFailure as error:
                failures[member.name] = str(error)
        if len(decisions) < self._quorum:
            why = "; ".join(f"{name}: {reason}" for name, reason in failures.items())
            raise JudgeFailure(f"quorum: {len(decisions)} of {len(self._members)} judges gave a verdict; {why}")
        votes = ", ".join(f"{name} {decision.outcome}" for name, decision in decisions.items())
        total = self._total({name: decision.outcome for name, decision in decisions.items()})
        if not total or (self._unanimous and len({d.outcome for d in decisions.values()}) > 1):
            raise JudgeFailure(f"{SPLIT}: {votes}; for people to decide")
        costs = [d.cost_usd for d in decisions.values() if d.cost_usd is not None]
        return Decision(
            outcome=Outcome.FIRST if total > 0 else Outcome.SECOND,
            criteria=self._criteria(decisions),
            margin=total,
            reason=votes,
            raw=json.dumps(_raw(decisions, failures), ensure_ascii=False),
            prompt_hash=content_hash("panel", [d.prompt_hash for d in decisions.values()]),
            parsed="panel",
            seconds=time.perf_counter() - began,
            notes=tuple(note for decision in decisions.values() for note in decision.notes),
            version=", ".join(dict.fromkeys(d.version for d in decisions.values() if d.version)),
            cost_usd=sum(costs) if costs else None,
        )

    def _total(self, outcomes: Mapping[str, Outcome | None]) -> float:
        """Weights for the first answer less those for the second."""
        signs = {Outcome.FIRST: 1.0, Outcome.SECOND: -1.0}
        return math.fsum(
            member.weight * signs.get(outcome, 0.0)
            for member in self._members
            if (outcome := outcomes.get(member.name)) is not None
        )

    def _criteria(self, decisions: Mapping[str, Decision]) -> dict[Criterion, CriterionOutcome]:
        made = {}
        for criterion in Criterion:
            said = {name: d.criteria[criterion].outcome for name, d in decisions.items() if criterion in d.criteria}
            if said:
                total = self._total(said)
                side = None if not total else Outcome.FIRST if total > 0 else Outcome.SECOND
                made[criterion] = CriterionOutcome(outcome=side, margin=total)
        return made


def _raw(decisions: Mapping[str, Decision], failures: Mapping[str, str]) -> dict[str, dict[str, str]]:
    given = {
        name: {"outcome": d.outcome.value, "parsed": d.parsed, "model": d.version, "reason": d.reason, "raw": d.raw}
        for name, d in decisions.items()
    }
    return given | {name: {"failure": reason} for name, reason in failures.items()}
