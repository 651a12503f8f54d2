"""People against people beside a model against people: pairs of judges on the same items, each item counted once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.agreement import Estimate, wilson

Floats = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]

RESAMPLES = 1000
BLOCK_CELLS = 4_000_000  # numbers held at once while resampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How two judges agree on an item, drawn at random, one from each side.

    Attributes:
        table: Shape (categories, categories): expected share of (one says, other says), sums to 1; 0 without items.
        agreement: Share of equal labels.
        kappa: Cohen's, from the table.
    """

    table: Floats
    agreement: Estimate
    kappa: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """A model and people on the same items.

    Attributes:
        people: Two different people drawn on each item.
        model: The model and a person drawn on each item; rows of the table are the model's.
        shortfall: People's agreement less the model's, -1..1; below 0 where the model agrees with a person better
            than another person does.
    """

    people: Panel
    model: Panel
    shortfall: Estimate


def people_and_model(
    people: Labels,
    model: Labels,
    *,
    categories: int,
    rng: np.random.Generator,
    clusters: Labels | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> SideBySide:
    """Human against human beside model against human, on the items that the model and at least two people judged.

    All pairs that could be drawn are averaged, so nothing hangs on the draw, and each item counts once however many
    judged it. Intervals are from a bootstrap of items, or of clusters of items.

    Args:
        people: Shape (judges, items), 0..categories-1, or -1 where a person did not judge.
        model: Shape (items,): the model's, or -1.
        categories: How many labels there are.
        rng: Of the bootstrap.
        clusters: Shape (items,): sample of each item, for items that are judged alike; each its own by default.
        resamples: Bootstrap draws.
        level: Of the intervals.

    Raises:
        InvalidMatchesError: Shapes that differ, or a label out of range.
    """
    said, own = _checked(people, categories), _checked(np.asarray(model)[None, :], categories)
    if said.shape[1] != own.shape[1]:
        raise InvalidMatchesError(
            f"people judged {said.shape[1]} items, the model {own.shape[1]}; the same ones needed"
        )
    both = ((said >= 0).sum(axis=0) >= 2) & (own[0] >= 0)
    tables = np.stack([within(said[:, both], categories), between(own[:, both], said[:, both], categories)])
    ids = _clusters(clusters, both)
    drawn = _resampled(tables, ids, rng=rng, resamples=resamples)
    items = int(both.sum())
    mean = tables.mean(axis=1) if items else np.zeros((2, categories, categories))
    diagonal = np.trace(drawn, axis1=2, axis2=3)
    gap = float(np.trace(mean[0]) - np.trace(mean[1])) if items else None
    return SideBySide(
        people=_panel(mean[0], drawn[:, 0], items, level),
        model=_panel(mean[1], drawn[:, 1], items, level),
        shortfall=_estimate(gap, diagonal[:, 0] - diagonal[:, 1], items, level),
    )


def panel(
    one: Labels,
    other: Labels | None = None,
    *,
    categories: int,
    rng: np.random.Generator,
    clusters: Labels | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> Panel:
    """Agreement of a judge drawn from one side with a judge drawn from the other, each item counted once.

    Args:
        one: Shape (judges, items), 0..categories-1, or -1 where a judge did not judge.
        other: Shape (judges, items); without it two different judges are drawn from `one`.
        categories: How many labels there are.
        rng: Of the bootstrap.
        clusters: Shape (items,), as in `people_and_model`.
        resamples: Bootstrap draws.
        level: Of the intervals.

    Raises:
        InvalidMatchesError: As in `people_and_model`.
    """
    said = _checked(one, categories)
    if other is None:
        both = (said >= 0).sum(axis=0) >= 2
        tables = within(said[:, both], categories)
    else:
        theirs = _checked(other, categories)
        if theirs.shape[1] != said.shape[1]:
            raise InvalidMatchesError(f"sides: {said.shape[1]} and {theirs.shape[1]} items; the same ones needed")
        both = (said >= 0).any(axis=0) & (theirs >= 0).any(axis=0)
        tables = between(said[:, both], theirs[:, both], categories)
    drawn = _resampled(tables[None], _clusters(clusters, both), rng=rng, resamples=resamples)
    mean = tables.mean(axis=0) if len(tables) else np.zeros((categories, categories))
    return _panel(mean, drawn[:, 0], int(both.sum()), level)


def within(labels: Labels, categories: int) -> Floats:
    """Joint shares of two different judges drawn on each item. Shape (items, categories, categories), symmetric.

    Args:
        labels: Shape (judges, items), -1 where a judge did not judge; at least two on each item.
        categories: How many labels there are.
    """
    counts = _counts(labels, categories)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(categories)
    pairs[:, diagonal, diagonal] -= counts  # nobody is drawn against themselves
    judges = counts.sum(axis=1)
    return np.asarray(pairs / (judges * (judges - 1.0))[:, None, None], dtype=np.float64)


def between(one: Labels, other: Labels, categories: int) -> Floats:
    """Joint shares of a judge of each side drawn on each item. Shape (items, categories, categories).

    Args:
        one: Shape (judges, items), -1 where a judge did not judge; at least one on each item.
        other: Shape (judges, items), the same items.
        categories: How many labels there are.
    """
    rows, columns = _counts(one, categories), _counts(other, categories)
    pairs = rows[:, :, None] * columns[:, None, :]
    return np.asarray(pairs / (rows.sum(axis=1) * columns.sum(axis=1))[:, None, None], dtype=np.float64)


def _checked(labels: Labels, categories: int) -> NDArray[np.int64]:
    given = np.asarray(labels, dtype=np.int64)
    if given.ndim != 2:
        raise InvalidMatchesError(f"labels: shape {given.shape} given; (judges, items) needed")
    if given.size and (given.min() < -1 or given.max() >= categories):
        raise InvalidMatchesError(f"labels: one outside 0..{categories - 1} given; -1 means not judged")
    return given


def _counts(labels: Labels, categories: int) -> Floats:
    given = np.asarray(labels)
    return np.stack([(given == c).sum(axis=0) for c in range(categories)], axis=1).astype(np.float64)


def _clusters(clusters: Labels | None, both: NDArray[np.bool_]) -> NDArray[np.int64]:
    if clusters is None:
        return np.arange(int(both.sum()))
    if len(clusters) != len(both):
        raise InvalidMatchesError(f"clusters: {len(clusters)} entries given for {len(both)} items; one each needed")
    return np.unique(np.asarray(clusters)[both], return_inverse=True)[1].reshape(-1)


def _resampled(tables: Floats, ids: NDArray[np.int64], *, rng: np.random.Generator, resamples: int) -> Floats:
    """Mean tables of items drawn by cluster. Shape (resamples, sides, categories, categories)."""
    sides, items, categories, _ = tables.shape
    if not items:
        return np.zeros((resamples, sides, categories, categories))
    groups = int(ids.max()) + 1
    flat = np.concatenate([tables.transpose(1, 0, 2, 3).reshape(items, -1), np.ones((items, 1))], axis=1)
    sums = np.zeros((groups, flat.shape[1]))
    np.add.at(sums, ids, flat)
    made = []
    block = max(1, BLOCK_CELLS // groups)
    for low in range(0, resamples, block):
        times = rng.multinomial(groups, np.full(groups, 1.0 / groups), size=min(block, resamples - low))
        total = times @ sums
        made.append(total[:, :-1] / total[:, -1:])
    return np.concatenate(made).reshape(resamples, sides, categories, categories)


def _panel(table: Floats, drawn: Floats, items: int, level: float) -> Panel:
    if not items:
        nothing = Estimate(value=None, low=None, high=None, cases=0)
        return Panel(table=table, agreement=nothing, kappa=nothing)
    share = min(1.0, float(np.trace(table)))
    spread = float(np.trace(drawn, axis1=1, axis2=2).var())
    # As many plain cases as would vary like these: Wilson's interval is wide even where all agree, draws are not.
    worth = items if spread <= 0.0 else max(1, min(items * len(table), round(share * (1.0 - share) / spread)))
    plain = wilson(share * worth, worth, level=level)
    agreed = Estimate(value=share, low=plain.low, high=plain.high, cases=items)
    value = float(_kappa(table[None])[0])
    made = _estimate(value, _kappa(drawn), items, level)
    if made.low is not None and made.low == made.high and plain.low is not None:
        chance = float(table.sum(axis=1) @ table.sum(axis=0))
        made = Estimate(value=value, low=(plain.low - chance) / (1.0 - chance), high=made.high, cases=items)
    return Panel(table=table, agreement=agreed, kappa=made)


def _kappa(tables: Floats) -> Floats:
    chance = np.einsum("ri,ri->r", tables.sum(axis=2), tables.sum(axis=1))
    made = np.full(len(tables), np.nan)
    np.divide(np.trace(tables, axis1=1, axis2=2) - chance, 1.0 - chance, out=made, where=chance < 1.0 - 1e-12)
    return made


def _estimate(value: float | None, drawn: Floats, items: int, level: float) -> Estimate:
    if value is None or not np.isfinite(value):
        return Estimate(value=None, low=None, high=None, cases=items)
    spread = drawn[np.isfinite(drawn)]
    low, high = (float(q) for q in np.quantile(spread, [(1.0 - level) / 2.0, (1.0 + level) / 2.0]))
    return Estimate(value=float(value), low=min(low, float(value)), high=max(high, float(value)), cases=items)
