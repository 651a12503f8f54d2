"""How far judges agree with each other and with themselves, beside what knowing the systems alone would reach."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.votes import Votes
from s2s_arena.ratings.agreement import Estimate, krippendorff_alpha
from s2s_arena.ratings.baseline import Beside, ByName, beside, beside_by, by_name
from s2s_arena.ratings.bias import Lean, consistency, position_bias
from s2s_arena.ratings.bias import length_bias as lean_to_length
from s2s_arena.ratings.panels import people_and_model
from s2s_arena.records.identity import JudgeName, MatchId, TakeId
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import Verdict

CATEGORIES: tuple[Outcome, ...] = tuple(Outcome)


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
        baseline: Agreement with `other` of naming the system that is higher on `other`'s board of other matches.
        beyond: Agreement less the baseline, -1..1.
        close: Agreement on matches of systems less than 100 points apart on that board.
        close_baseline: That of names alone on those.
    """

    one: str
    other: str
    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    agreement: Estimate
    kappa: Estimate
    baseline: Estimate
    beyond: Estimate
    close: Estimate
    close_baseline: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What one judge does apart from preferring the better answer."""

    judge: JudgeName
    votes: int
    position: Lean  # first minus second
    length: Lean | None  # longer minus shorter; None where no lengths are known
    repeats: Estimate  # same outcome when asked the same again
    swaps: Estimate  # same take preferred when heard in the other order


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Pairs of opinions on the same thing, of one side and of the reference.

    Attributes:
        one: Shape (cases,), indices into `CATEGORIES`, of the match as heard.
        other: The same of the reference.
        pairs: Shape (cases, 2): the systems heard first and second.
        items: Shape (cases,): which match, so that several pairs of judges on one are not taken for several.
        systems: How many systems there are.
        names: What the two sides are called.
    """

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    pairs: NDArray[np.int64]
    items: NDArray[np.int64]
    systems: int
    names: tuple[str, str]


def compare(cases: Cases, *, seed: int = 0, repeats: int = 10) -> Agreement:
    """Agreement of the two sides, beside what knowing the systems alone would reach.

    Args:
        cases: The pairs of opinions.
        seed: Of the divisions of matches into folds, from which names are judged.
        repeats: How many such divisions.
    """
    return _agreement(cases, _beside(cases, _names(cases, seed=seed, repeats=repeats)))


def compare_by(cases: Cases, labels: NDArray[np.int64], *, seed: int = 0, repeats: int = 10) -> dict[int, Agreement]:
    """The same for the cases of each label (a level, a domain); labels below 0 are left out.

    Args:
        cases: The pairs of opinions.
        labels: Shape (cases,).
        seed: As in `compare`.
        repeats: As in `compare`.
    """
    names = _names(cases, seed=seed, repeats=repeats)
    found = beside_by(cases.one, cases.other, names=names, categories=len(CATEGORIES), labels=labels)
    return {label: _agreement(cases, made) for label, made in found.items()}


def _names(cases: Cases, *, seed: int, repeats: int) -> ByName:
    return by_name(
        cases.pairs,
        cases.other,
        systems=cases.systems,
        rng=np.random.default_rng([seed, 5]),
        items=cases.items,
        repeats=repeats,
    )


def _beside(cases: Cases, names: ByName) -> Beside:
    return beside(cases.one, cases.other, names=names, categories=len(CATEGORIES))


def _agreement(cases: Cases, made: Beside) -> Agreement:
    used = sorted({0, 1, *np.flatnonzero(made.table.sum(axis=0) + made.table.sum(axis=1)).tolist()})
    small = made.table[np.ix_(used, used)]
    return Agreement(
        one=cases.names[0],
        other=cases.names[1],
        categories=tuple(str(CATEGORIES[i]) for i in used),
        table=tuple(tuple(int(count) for count in row) for row in small),
        agreement=made.agreement,
        kappa=made.kappa,
        baseline=made.by_name,
        beyond=made.beyond_names,
        close=made.close,
        close_baseline=made.close_by_name,
    )


def paired(
    matches: Iterable[Match],
    votes: Votes,
    *,
    one: Collection[JudgeName],
    other: Collection[JudgeName],
    names: tuple[str, str] | None = None,
    criterion: Criterion | None = None,
) -> tuple[Cases, tuple[MatchId, ...]]:
    """The opinions of two groups of judges over the matches both have judged, and of which match each case is.

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
    rows: list[tuple[int, int, int, int, int]] = []
    of: list[MatchId] = []
    for item, (id, verdicts) in enumerate(by_match.items()):
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
                rows.append((said[0], said[1], index[match.first_system], index[match.second_system], item))
                of.append(id)
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    cases = Cases(
        one=table[:, 0],
        other=table[:, 1],
        pairs=table[:, 2:4],
        items=table[:, 4],
        systems=len(systems),
        names=names or ("+".join(sorted(one)), "+".join(sorted(other))),
    )
    return cases, tuple(of)


def between(
    matches: Iterable[Match],
    votes: Votes,
    *,
    one: Collection[JudgeName],
    other: Collection[JudgeName],
    names: tuple[str, str] | None = None,
    criterion: Criterion | None = None,
) -> Agreement:
    """Agreement of two groups of judges over the matches both have judged; arguments as in `paired`."""
    cases, _ = paired(matches, votes, one=one, other=other, names=names, criterion=criterion)
    return compare(cases)


def labels_of(
    matches: Iterable[Match], votes: Votes, *, judges: Sequence[JudgeName]
) -> tuple[NDArray[np.int64], tuple[MatchId, ...]]:
    """What each judge said of each match: shape (judges, matches), indices into `CATEGORIES`, -1 for nothing."""
    wanted = {match.id for match in matches}
    units = sorted({v.match for v in votes.standing if v.match in wanted and v.judge in judges})
    column = {id: i for i, id in enumerate(units)}
    row = {name: i for i, name in enumerate(judges)}
    labels = np.full((len(row), len(units)), -1, dtype=np.int64)
    for verdict in votes.standing:
        if verdict.judge in row and verdict.match in column:
            labels[row[verdict.judge], column[verdict.match]] = CATEGORIES.index(verdict.outcome)
    return labels, tuple(units)


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidePeople:
    """A judge against people, beside people against people, on the same matches.

    Attributes:
        judge: Whose.
        people: Agreement of two different people drawn on each match.
        model: Agreement of the judge and a person drawn on each match.
        shortfall: People's agreement less the judge's, -1..1; below 0 where the judge agrees better than they do.
        people_kappa: Cohen's, as `people`.
        model_kappa: Cohen's, as `model`.
    """

    judge: str
    people: Estimate
    model: Estimate
    shortfall: Estimate
    people_kappa: Estimate
    model_kappa: Estimate


def beside_people(
    people: NDArray[np.int64], judge: NDArray[np.int64], *, name: str, seed: int = 0
) -> BesidePeople | None:
    """The judge beside people on the matches that it and at least two people judged; None without such a match.

    Args:
        people: Shape (people, matches), indices into `CATEGORIES` or -1.
        judge: Shape (matches,), the same.
        name: The judge's.
        seed: Of the bootstrap.
    """
    made = people_and_model(people, judge, categories=len(CATEGORIES), rng=np.random.default_rng([seed, 6]))
    if not made.model.agreement.cases:
        return None
    return BesidePeople(
        judge=name,
        people=made.people.agreement,
        model=made.model.agreement,
        shortfall=made.shortfall,
        people_kappa=made.people.kappa,
        model_kappa=made.model.kappa,
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
    labels, _ = labels_of(matches, votes, judges=sorted(judges))
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
