"""Which matches move ratings: both orders of one comparison are one game, and everything left out is counted."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from s2s_arena.boards.games import Games, Labels, Tally
from s2s_arena.boards.votes import Votes
from s2s_arena.errors import InputError
from s2s_arena.records.boards import Coverage
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SystemName, TakeId
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.studies import STRICT, Outcome
from s2s_arena.records.verdicts import Verdict

NOT_JUDGED = "not judged"
JUDGE_FAILED = "judge failed"
BOTH_FAILED = "both failed"
INFRASTRUCTURE = "infrastructure"
ORDERS_DISAGREE = "orders disagree"
OTHER_ORDER_MISSING = "other order not judged"
BOTH_BAD = "both bad"
EXCLUDED = "excluded"

Labeller = Callable[[Match], str | None]


class _Game(NamedTuple):
    match: Match
    judge: JudgeName
    score: float


def rated_games(
    matches: Iterable[Match],
    votes: Votes,
    *,
    systems: Sequence[SystemName],
    judge: JudgeName | None = None,
    takes: Iterable[Take] = (),
    outcomes: Collection[Outcome] = STRICT,
    labels: Mapping[str, Labeller] | None = None,
) -> tuple[Games, Tally]:
    """Rated games in order of play, and the tally of what was left out.

    A comparison heard in both orders is one game: of its common outcome, or, where the orders disagree, a
    tie if the study allows ties and otherwise no game. The failure rule's vote counts where no other chosen
    judge has voted.

    Args:
        matches: Of one study; matches that are not for rating are passed over.
        votes: From `votes.current`.
        systems: Contestants, in the order boards keep.
        judge: Only this judge's votes, and the failure rule's; everybody's by default, one game per judge.
        takes: Takes that may have failed, for telling "both failed" from "not judged".
        outcomes: What the study allows.
        labels: Further attributes of a game, by name; `judge` and `sample` are always there.

    Raises:
        InputError: A match has a system that is not among `systems`.
    """
    index = {name: i for i, name in enumerate(systems)}
    groups: dict[str, list[Match]] = {}
    for match in sorted((m for m in matches if m.purpose is Purpose.RATED), key=lambda m: (m.round, m.index)):
        for system in (match.first_system, match.second_system):
            if system not in index:
                raise InputError(f"match {match.id[:12]}: system {system} is not among the board's systems")
        groups.setdefault(match.group, []).append(match)
    by_match = _by_match(votes.standing, judge)
    kept_out = _by_match(votes.excluded, judge)
    failures = {take.id: take.failure for take in takes if take.failure is not None}
    unrated: Counter[str] = Counter()
    bad: Counter[SystemName] = Counter()
    games: list[_Game] = []
    counted: list[Verdict] = []
    for group in groups.values():
        judges = sorted({name for match in group for name in by_match.get(match.id, {})})
        if len(judges) > 1 and RULE_FAILURE in judges:
            judges.remove(RULE_FAILURE)
        for name in judges:
            verdicts = [by_match.get(match.id, {}).get(name) for match in group]
            counted.extend(v for v in verdicts if v is not None)
            if any(v is not None and v.outcome is Outcome.BOTH_BAD for v in verdicts):
                bad.update((group[0].first_system, group[0].second_system))
            result = _score(verdicts, ties=Outcome.TIE in outcomes, group=group, rule=name == RULE_FAILURE)
            if isinstance(result, str):
                unrated[result] += 1
            else:
                games.append(_Game(group[0], name, result))
        if not judges:
            unrated[_why_unjudged(group, votes, failures, kept_out, judge)] += 1
    tally = Tally(
        unrated=dict(sorted(unrated.items())),
        coverage=_coverage(counted),
        both_bad=sum(v.both_bad is True or v.outcome is Outcome.BOTH_BAD for v in counted),
        both_bad_of=dict(bad),
        excluded=sum(len(judges) for judges in kept_out.values()),
        up_to=votes.up_to,
    )
    return _arrays(games, systems, index, labels or {}), tally


def _by_match(verdicts: Iterable[Verdict], judge: JudgeName | None) -> dict[MatchId, dict[JudgeName, Verdict]]:
    found: dict[MatchId, dict[JudgeName, Verdict]] = {}
    for verdict in verdicts:
        if judge is None or verdict.judge in (judge, RULE_FAILURE):
            found.setdefault(verdict.match, {})[verdict.judge] = verdict
    return found


def _score(verdicts: Sequence[Verdict | None], *, ties: bool, group: Sequence[Match], rule: bool) -> float | str:
    """The score of the take heard first in the group's first match, or why there is none."""
    said: list[Outcome] = []
    for match, verdict in zip(group, verdicts, strict=True):
        if verdict is None:
            if not rule:  # a failed take fails in either order, so the rule needs no second hearing
                return OTHER_ORDER_MISSING
            continue
        said.append(verdict.outcome if match.first == group[0].first else verdict.outcome.swapped)
    if Outcome.BOTH_BAD in said:
        return BOTH_BAD
    scores = {{Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}.get(outcome, 0.5) for outcome in said}
    if len(scores) == 1:
        return scores.pop()
    return 0.5 if ties else ORDERS_DISAGREE


def _why_unjudged(
    group: Sequence[Match],
    votes: Votes,
    failures: Mapping[TakeId, FailureKind],
    kept_out: Mapping[MatchId, object],
    judge: JudgeName | None,
) -> str:
    kinds = [failures.get(group[0].first), failures.get(group[0].second)]
    if FailureKind.INFRASTRUCTURE in kinds:
        return INFRASTRUCTURE
    if None not in kinds:
        return BOTH_FAILED
    if any(match.id in kept_out for match in group):
        return EXCLUDED
    ids = {match.id for match in group}
    if any(match in ids and (judge is None or name == judge) for match, name in votes.failed):
        return JUDGE_FAILED
    return NOT_JUDGED


def _coverage(verdicts: Iterable[Verdict]) -> dict[str, Coverage]:
    decided: Counter[str] = Counter()
    abstained: Counter[str] = Counter()
    for verdict in verdicts:
        for criterion, part in verdict.criteria.items():
            (abstained if part.outcome is None else decided)[str(criterion)] += 1
    return {name: Coverage(decided=decided[name], abstained=abstained[name]) for name in sorted({*decided, *abstained})}


def _arrays(
    games: Sequence[_Game],
    systems: Sequence[SystemName],
    index: Mapping[SystemName, int],
    labels: Mapping[str, Labeller],
) -> Games:
    pairs = [(index[game.match.first_system], index[game.match.second_system]) for game in games]
    made = {name: Labels.of([label(game.match) for game in games]) for name, label in labels.items()}
    made["judge"] = Labels.of([game.judge for game in games])
    made["sample"] = Labels.of([game.match.sample for game in games])
    return Games(
        systems=tuple(systems),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        scores=np.array([game.score for game in games], dtype=np.float64),
        labels=made,
        probabilities=np.array([game.match.probability for game in games], dtype=np.float64),
    )
