"""How far judges agree with each other and with themselves, beside what knowing the systems alone would reach."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.votes import Votes
from s2s_arena.ratings.agreement import Estimate, agreement, joint_table, kappa, krippendorff_alpha
from s2s_arena.ratings.bias import Lean, consistency, position_bias
from s2s_arena.ratings.bias import length_bias as lean_to_length
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.win_matrix import weighted_win_matrix
from s2s_arena.records.identity import JudgeName, MatchId, TakeId
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import Verdict

CATEGORIES: tuple[Outcome, ...] = tuple(Outcome)
CLOSE = 100.0
"""Elo points between two systems below which a pair is close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two sides on the same matches.

    Attributes:
        one: Rows of the table.
        other: Columns of the table; the side taken as the reference.
        categories: Names of rows and columns.
        table: Joint counts.
        agreement: Share of equal outcomes.
        kappa: Cohen's, from the table.
        baseline: Agreement with `other` of always naming the system that `other` rates higher, on these matches.
        close: Agreement on matches of systems less than 100 points apart on `other`'s board.
    """

    one: str
    other: str
    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    agreement: Estimate
    kappa: Estimate
    baseline: Estimate
    close: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What one judge does apart from preferring the better answer."""

    judge: JudgeName
    votes: int
    position: Lean  # first minus second
    length: Lean | None  # longer minus shorter; None where no lengths are known
    repeats: Estimate  # same outcome when asked the same again
    swaps: Estimate  # same take preferred when heard in the other order


def compare(
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    *,
    names: tuple[str, str],
    pairs: NDArray[np.int64],
    systems: int,
) -> Agreement:
    """Agreement of two arrays of outcomes on the same matches.

    Args:
        one: Shape (matches,), indices into `CATEGORIES`, of the match as heard.
        other: The same of the reference side.
        names: What the two sides are called.
        pairs: Shape (matches, 2): the systems heard first and second.
        systems: How many systems there are.
    """
    used = sorted({0, 1, *one.tolist(), *other.tolist()})
    table = joint_table(one, other, categories=len(CATEGORIES))
    small = table[np.ix_(used, used)]
    scores = np.array([1.0, 0.0, 0.5, 0.5, 0.5])[other]
    rated = CATEGORIES.index(Outcome.BOTH_BAD) != other
    fit = bradley_terry(weighted_win_matrix(pairs[rated], scores[rated], systems=systems))
    gap = fit.ratings[pairs[:, 0]] - fit.ratings[pairs[:, 1]]
    guess = np.where(gap >= 0.0, 0, 1)
    near = np.abs(gap) < CLOSE
    return Agreement(
        one=names[0],
        other=names[1],
        categories=tuple(str(CATEGORIES[i]) for i in used),
        table=tuple(tuple(int(count) for count in row) for row in small),
        agreement=agreement(small),
        kappa=kappa(small),
        baseline=agreement(joint_table(guess, other, categories=len(CATEGORIES))),
        close=agreement(joint_table(one[near], other[near], categories=len(CATEGORIES))),
    )


def between(
    matches: Iterable[Match],
    votes: Votes,
    *,
    one: Collection[JudgeName],
    other: Collection[JudgeName],
    names: tuple[str, str] | None = None,
    criterion: Criterion | None = None,
) -> Agreement:
    """Agreement of two groups of judges over the matches both have judged.

    Each pair of one judge from each group on one match is a case; if the groups overlap (people against
    people) each pair of different judges counts once.

    Args:
        matches: Of one study.
        votes: From `votes.current`.
        one: Judges of the first group.
        other: Judges of the group taken as the reference.
        names: What the groups are called; by default their judges' names.
        criterion: Compare only this criterion's outcomes; abstentions are left out.
    """
    known = {match.id: match for match in matches}
    systems = sorted({s for m in known.values() for s in (m.first_system, m.second_system)})
    index = {name: i for i, name in enumerate(systems)}
    by_match: dict[MatchId, list[Verdict]] = {}
    for verdict in votes.standing:
        if verdict.match in known:
            by_match.setdefault(verdict.match, []).append(verdict)
    rows: list[tuple[int, int, int, int]] = []
    for id, verdicts in by_match.items():
        for left, right in combinations(sorted(verdicts, key=lambda v: v.judge), 2):
            if left.judge in one and right.judge in other:
                ordered = (left, right)
            elif right.judge in one and left.judge in other:
                ordered = (right, left)
            else:
                continue
            said = [_said(verdict, criterion) for verdict in ordered]
            if said[0] is not None and said[1] is not None:
                match = known[id]
                rows.append((said[0], said[1], index[match.first_system], index[match.second_system]))
    cases = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return compare(
        cases[:, 0],
        cases[:, 1],
        names=names or ("+".join(sorted(one)), "+".join(sorted(other))),
        pairs=cases[:, 2:],
        systems=len(systems),
    )


def _said(verdict: Verdict, criterion: Criterion | None) -> int | None:
    if criterion is None:
        return CATEGORIES.index(verdict.outcome)
    part = verdict.criteria.get(criterion)
    return None if part is None or part.outcome is None else CATEGORIES.index(part.outcome)


def alpha(
    matches: Iterable[Match], votes: Votes, *, judges: Collection[JudgeName], seed: int = 0, resamples: int = 1000
) -> Estimate:
    """Krippendorff's alpha of all the judges together, with gaps, over matches."""
    wanted = {match.id for match in matches}
    units = sorted({v.match for v in votes.standing if v.match in wanted and v.judge in judges})
    column = {id: i for i, id in enumerate(units)}
    row = {name: i for i, name in enumerate(sorted(judges))}
    labels = np.full((len(row), len(units)), -1, dtype=np.int64)
    for verdict in votes.standing:
        if verdict.judge in row and verdict.match in column:
            labels[row[verdict.judge], column[verdict.match]] = CATEGORIES.index(verdict.outcome)
    rng = np.random.default_rng(seed)
    return krippendorff_alpha(labels, categories=len(CATEGORIES), rng=rng, resamples=resamples)


def habits(
    matches: Iterable[Match], votes: Votes, *, judge: JudgeName, seconds: dict[TakeId, float] | None = None
) -> Habits:
    """One judge's position and length bias and its consistency on repeats and swaps.

    Args:
        matches: Of one study, repeats and swaps included: those are compared with the rated match of the
            same two takes.
        votes: From `votes.current`.
        judge: Whose habits.
        seconds: Lengths of the takes' speech, where known.
    """
    known = {match.id: match for match in matches}
    mine = {v.match: v for v in votes.standing if v.judge == judge and v.match in known}
    rated = [(known[id], v) for id, v in mine.items() if known[id].purpose is Purpose.RATED]
    scores = np.array([score_of(v.outcome) for _, v in rated], dtype=np.float64)
    length = None
    if seconds:
        one = np.array([seconds.get(match.first, np.nan) for match, _ in rated])
        two = np.array([seconds.get(match.second, np.nan) for match, _ in rated])
        length = lean_to_length(scores, first_s=one, second_s=two)
    same_order = {(m.first, m.second): v for m, v in rated}
    again: dict[Purpose, list[tuple[float, float]]] = {Purpose.REPEAT: [], Purpose.SWAP: []}
    for id, verdict in mine.items():
        match = known[id]
        for purpose, takes in (
            (Purpose.REPEAT, (match.first, match.second)),
            (Purpose.SWAP, (match.second, match.first)),
        ):
            if match.purpose is purpose and takes in same_order:
                again[purpose].append((score_of(same_order[takes].outcome), score_of(verdict.outcome)))
    seen = {(m.first, m.second) for m, _ in rated}
    for match, verdict in rated:  # rated comparisons asked in both orders are swaps too
        if (match.second, match.first) in seen and match.first < match.second:
            again[Purpose.SWAP].append(
                (score_of(verdict.outcome), score_of(same_order[(match.second, match.first)].outcome))
            )
    repeats, swaps = (np.array(again[p], dtype=np.float64).reshape(-1, 2) for p in (Purpose.REPEAT, Purpose.SWAP))
    return Habits(
        judge=judge,
        votes=len(mine),
        position=position_bias(scores),
        length=length,
        repeats=consistency(repeats[:, 0], repeats[:, 1]),
        swaps=consistency(swaps[:, 0], swaps[:, 1], swapped=True),
    )


def score_of(outcome: Outcome) -> float:
    """1 if the first won, 0 if the second, .5 otherwise."""
    return {Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}.get(outcome, 0.5)
