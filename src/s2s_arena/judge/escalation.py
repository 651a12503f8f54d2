"""Which matches people should decide: those on which judges differ, the most disputed first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from s2s_arena.arena.ballot import current_votes
from s2s_arena.judge.panel import SPLIT
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """One comparison on which judges differ.

    Attributes:
        match: The first of its orders that was played.
        votes: Of all judges and orders, each (judge, outcome as if heard in this match's order).
        dispute: 0 where all agree, 1 for an even split.
        flipped: Judges that chose the same place in both orders, and so two different answers.
    """

    match: Match
    votes: tuple[tuple[JudgeName, Outcome], ...]
    dispute: float
    flipped: tuple[JudgeName, ...]


def disputed(
    matches: Sequence[Match], events: Iterable[Event], *, judges: Collection[JudgeName] | None = None
) -> tuple[Disputed, ...]:
    """Comparisons on which judges differ, an order flips a judge, or a panel was split; most disputed first.

    Args:
        matches: Of one study.
        events: Its log.
        judges: Whose votes count; all but the failure rule's by default.
    """
    log = [e for e in events if e.judge != RULE_FAILURE and (judges is None or e.judge in judges)]
    by_match: dict[MatchId, list[tuple[JudgeName, Outcome]]] = {}
    for (voted_on, judge), event in current_votes(log).items():
        if event.verdict is not None:
            by_match.setdefault(voted_on, []).append((judge, event.verdict.outcome))
    split = {e.match for e in log if e.kind is EventKind.FAILED and e.reason.startswith(f"{SPLIT}:")}
    groups: dict[str, list[Match]] = {}
    for match in sorted(matches, key=lambda m: (m.round, m.index)):
        groups.setdefault(match.group, []).append(match)
    found = [_group(group, by_match, split) for group in groups.values()]
    return tuple(sorted((d for d in found if d is not None), key=lambda d: -d.dispute))


def _group(
    group: Sequence[Match], votes: dict[MatchId, list[tuple[JudgeName, Outcome]]], split: Collection[MatchId]
) -> Disputed | None:
    lead = group[0]
    given = [
        (judge, outcome if match.first == lead.first else outcome.swapped)
        for match in group
        for judge, outcome in votes.get(match.id, [])
    ]
    sides = [outcome for _, outcome in given if outcome in (Outcome.FIRST, Outcome.SECOND)]
    firsts = sides.count(Outcome.FIRST)
    dispute = 2.0 * min(firsts, len(sides) - firsts) / len(sides) if sides else 0.0
    own: dict[JudgeName, set[Outcome]] = {}
    for judge, outcome in given:
        own.setdefault(judge, set()).add(outcome)
    flipped = tuple(sorted(judge for judge, said in own.items() if len(said) > 1))
    if any(match.id in split for match in group):
        dispute = 1.0
    return Disputed(match=lead, votes=tuple(given), dispute=dispute, flipped=flipped) if dispute else None
