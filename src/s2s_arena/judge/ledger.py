"""What one judge has done so far in one study: read from the event log, kept up with new events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.arena.ballot import current
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SystemName
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind, Verdict

SCORES: dict[Outcome, float] = {Outcome.FIRST: 1.0, Outcome.SECOND: 0.0, Outcome.TIE: 0.5, Outcome.BOTH_GOOD: 0.5}
"""What the take heard first gets; both bad is no game."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Games:
    """Rated comparisons as arrays, in the order of play.

    Attributes:
        pairs: Shape (games, 2), indices of systems.
        scores: Shape (games,), of the first of the pair, 0..1.
    """

    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]


class Ledger:
    """A judge's events, and those of the failure rule, by match.

    Args:
        judge: Whose ledger it is.
        events: The study's events in order of number.
    """

    def __init__(self, judge: JudgeName, events: Iterable[Event]) -> None:
        self.judge = judge
        self.last_event = 0
        self._events: dict[MatchId, list[Event]] = {}
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        """Take in later events; those of other judges are only counted."""
        for event in events:
            self.last_event = max(self.last_event, event.number or 0)
            if event.judge in (self.judge, RULE_FAILURE):
                self._events.setdefault(event.match, []).append(event)

    def history(self, match: MatchId) -> Sequence[Event]:
        """This judge's and the rule's events on a match."""
        return self._events.get(match, ())

    def own(self, match: MatchId) -> Verdict | None:
        """The judge's own current verdict."""
        return self._standing(match, self.judge)

    def verdict(self, match: MatchId) -> Verdict | None:
        """The current verdict that counts: the judge's own (it may have heard a failed take), else the rule's."""
        return self.own(match) or self._standing(match, RULE_FAILURE)

    def failures(self, match: MatchId) -> int:
        """How often the judge gave no usable verdict."""
        return sum(e.kind is EventKind.FAILED and e.judge == self.judge for e in self.history(match))

    def unrated(self, match: MatchId) -> bool:
        """Whether the rule found that both takes failed."""
        return any(e.kind is EventKind.FAILED and e.judge == RULE_FAILURE for e in self.history(match))

    def games(self, matches: Iterable[Match], *, systems: Sequence[SystemName]) -> Games:
        """Decided comparisons in the order of play; the two orders of one comparison are one game, at their mean.

        Repeats, swaps and gold move no rating, so they steer no pairing either.
        """
        places = {system: place for place, system in enumerate(systems)}
        pairs: dict[str, tuple[int, int]] = {}
        scores: dict[str, list[float]] = {}
        for match in sorted((m for m in matches if m.purpose is Purpose.RATED), key=lambda m: (m.round, m.index)):
            verdict = self.verdict(match.id)
            who = (places.get(match.first_system), places.get(match.second_system))
            if verdict is None or verdict.outcome not in SCORES or who[0] is None or who[1] is None:
                continue
            first = pairs.setdefault(match.group, (who[0], who[1]))
            score = SCORES[verdict.outcome]
            scores.setdefault(match.group, []).append(score if first == who else 1.0 - score)
        return Games(
            pairs=np.array(list(pairs.values()), dtype=np.int64).reshape(-1, 2),
            scores=np.array([sum(s) / len(s) for s in scores.values()], dtype=np.float64),
        )

    def _standing(self, match: MatchId, judge: JudgeName) -> Verdict | None:
        vote = current(e for e in self.history(match) if e.judge == judge)
        return vote.verdict if vote else None
