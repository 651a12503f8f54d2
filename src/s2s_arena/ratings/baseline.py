"""What knowing the systems' names alone would reach, beside the agreement of a judge that listened."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.agreement import Estimate, Table, agreement, joint_table, kappa, wilson
from s2s_arena.ratings.bradley_terry import PRIOR, bt_resamples
from s2s_arena.ratings.matches import Pairs, checked
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.win_matrix import weighted_win_matrix

Floats = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]

CLOSE = 100.0
"""Elo points between two systems below which a pair is close, so that their names tell little."""

FOLDS = 10
REPEATS = 10
LEVEL_GAP = 1e-6  # points: closer systems are a coin toss by name


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName:
    """What an opponent who knows the board but hears nothing would say of each case.

    Attributes:
        first: Shape (cases,), 0..1: how often it names the first (over repeated divisions into folds).
        gap: Shape (cases,): Elo points of the first over the second on boards without the case, on average.
    """

    first: Floats
    gap: Floats

    @property
    def close(self) -> NDArray[np.bool_]:
        """Shape (cases,): whether the two systems are less than 100 points apart."""
        return np.abs(self.gap) < CLOSE

    def right(self, reference: Labels) -> Floats:
        """Shape (cases,), 0..1: how often it says what the reference said; 0 where that was neither first nor second.

        Args:
            reference: Shape (cases,): 0 the first, 1 the second, higher for ties.
        """
        said = np.asarray(reference)
        return np.asarray(np.where(said == 0, self.first, np.where(said == 1, 1.0 - self.first, 0.0)), dtype=np.float64)

    def agreement(self, reference: Labels, *, level: float = 0.95) -> Estimate:
        """Share of cases in which the name alone says what the reference said, with its Wilson interval."""
        right = self.right(reference)
        return wilson(float(right.sum()), len(right), level=level)


def by_name(
    pairs: Pairs,
    reference: Labels,
    *,
    systems: int,
    rng: np.random.Generator,
    items: Labels | None = None,
    folds: int = FOLDS,
    repeats: int = REPEATS,
    prior: float = PRIOR,
) -> ByName:
    """Choose by system name alone: the system that is higher on the reference's board of *other* items.

    Agreement between judges of very unlike systems shows mostly that both know which is better: on public labelled
    pairs names alone reach 84-86 %. The board never contains the case it is asked about, nor another vote on the same
    item. Folds rather than leaving one out: without one of ten drawn wins in twenty the loser always looks better,
    and the opponent would be wrong every time.

    Args:
        pairs: Shape (cases, 2).
        reference: Shape (cases,): 0 the first preferred, 1 the second; higher labels (ties) count half each on boards.
        systems: How many systems there are.
        rng: Divides items into folds.
        items: Shape (cases,): cases of one item (several judges on one match, one sample) stay in one fold; each case
            its own by default.
        folds: Parts, each predicted by the others; at least 2.
        repeats: Divisions to average over.
        prior: Weight of the virtual game, as in `bradley_terry`.

    Raises:
        InvalidMatchesError: As in `checked`; arrays of other lengths; fewer than 2 folds or 1 repeat.
    """
    said = np.asarray(reference, dtype=np.int64)
    who, scores = checked(pairs, np.where(said == 0, 1.0, np.where(said == 1, 0.0, 0.5)), systems=systems)
    if folds < 2 or repeats < 1:
        raise InvalidMatchesError(f"choosing by name: {folds} folds, {repeats} repeats given; 2 and 1 at least")
    ids = np.arange(len(said)) if items is None else np.unique(np.asarray(items), return_inverse=True)[1].reshape(-1)
    if len(ids) != len(said):
        raise InvalidMatchesError(f"items: {len(ids)} entries given for {len(said)} cases; one each needed")
    first, gap = np.zeros(len(said)), np.zeros(len(said))
    if not len(said):
        return ByName(first=first, gap=gap)
    everything = weighted_win_matrix(who, scores, systems=systems)
    groups = int(ids.max()) + 1
    for _ in range(repeats):
        fold = (rng.permutation(groups) % folds)[ids]
        cells = fold * systems * systems
        size = folds * systems * systems
        held = np.bincount(cells + who[:, 0] * systems + who[:, 1], weights=scores, minlength=size)
        held += np.bincount(cells + who[:, 1] * systems + who[:, 0], weights=1.0 - scores, minlength=size)
        boards = bt_resamples(np.clip(everything - held.reshape(folds, systems, systems), 0.0, None), prior=prior)
        lead = boards[fold, who[:, 0]] - boards[fold, who[:, 1]]
        gap += lead
        first += np.where(np.abs(lead) < LEVEL_GAP, 0.5, lead > 0.0)
    return ByName(first=first / repeats, gap=gap / repeats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A judge against a reference, beside what names alone would reach on the same cases.

    Attributes:
        table: Joint counts: the judge's labels in rows, the reference's in columns.
        agreement: Share of equal labels.
        kappa: Cohen's, from the table.
        by_name: Agreement of names alone with the reference.
        beyond_names: Agreement less that of names, -1..1, with an interval of the paired difference.
        close: Agreement on pairs of systems less than 100 points apart.
        close_by_name: Agreement of names alone on those.
    """

    table: Table
    agreement: Estimate
    kappa: Estimate
    by_name: Estimate
    beyond_names: Estimate
    close: Estimate
    close_by_name: Estimate


def beside(judge: Labels, reference: Labels, *, names: ByName, categories: int, level: float = 0.95) -> Beside:
    """Agreement of a judge with a reference, of names alone with it, and of both on close pairs.

    Args:
        judge: Shape (cases,), 0..categories-1: 0 the first, 1 the second, higher for ties.
        reference: Shape (cases,): the same of the reference.
        names: From `by_name` of the reference's labels on these cases.
        categories: How many labels there are.
        level: Of the intervals.

    Raises:
        InvalidMatchesError: Arrays of other lengths, or a label out of range.
    """
    table = joint_table(judge, reference, categories=categories)
    if len(names.first) != len(np.asarray(reference)):
        raise InvalidMatchesError(
            f"choosing by name: {len(names.first)} cases for {len(np.asarray(reference))} labels; the same ones needed"
        )
    one, other = np.asarray(judge), np.asarray(reference)
    near = names.close
    return Beside(
        table=table,
        agreement=agreement(table, level=level),
        kappa=kappa(table, level=level),
        by_name=names.agreement(other, level=level),
        beyond_names=_difference((one == other) - names.right(other), level=level),
        close=agreement(joint_table(one[near], other[near], categories=categories), level=level),
        close_by_name=wilson(float(names.right(other)[near].sum()), int(near.sum()), level=level),
    )


def beside_by(
    judge: Labels,
    reference: Labels,
    *,
    names: ByName,
    categories: int,
    labels: Labels,
    level: float = 0.95,
) -> dict[int, Beside]:
    """`beside` for the cases of each label: a criterion, level, domain or any attribute; labels below 0 are left out.

    Names are those of the whole reference: a board of one label's few cases would know less than the opponent does.

    Args:
        judge: As in `beside`.
        reference: As in `beside`.
        names: As in `beside`, of all cases.
        categories: How many outcomes there are.
        labels: Shape (cases,).
        level: Of the intervals.

    Returns:
        By label, in rising order.
    """
    codes, one, other = np.asarray(labels), np.asarray(judge), np.asarray(reference)
    if codes.shape != other.shape:
        raise InvalidMatchesError(f"labels: {codes.shape} given for {other.shape} cases; one each needed")
    made: dict[int, Beside] = {}
    for label in np.unique(codes[codes >= 0]).tolist():
        mine = codes == label
        part = ByName(first=names.first[mine], gap=names.gap[mine])
        made[int(label)] = beside(one[mine], other[mine], names=part, categories=categories, level=level)
    return made


def _difference(each: Floats, *, level: float) -> Estimate:
    """Mean of paired differences with its normal interval."""
    cases = len(each)
    if not cases:
        return Estimate(value=None, low=None, high=None, cases=0)
    value = float(each.mean())
    if cases < 2:
        return Estimate(value=value, low=-1.0, high=1.0, cases=cases)
    # a vote each way is added (Agresti and Min 2005), else a judge that never differs would have no interval
    spread = float((each**2).sum() + 2.0) / (cases + 2) - value**2
    half = z_value(level) * np.sqrt(max(spread, 0.0) / cases)
    return Estimate(value=value, low=max(-1.0, value - half), high=min(1.0, value + half), cases=cases)
