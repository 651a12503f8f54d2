"""How far two judges agree: agreement, Cohen's kappa from the joint table, Krippendorff's alpha, with intervals."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.ranks import z_value

Table = NDArray[np.integer[Any]]
"""Shape (categories, categories): counts of what one judge said (rows) against what the other said (columns)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval and how many cases it rests on; `value` None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    cases: int


def wilson(successes: float, cases: int, *, level: float = 0.95) -> Estimate:
    """A share with its Wilson score interval (Wilson 1927); undefined without cases.

    Successes may be broken, where a case counts in part or is an average over draws.

    Raises:
        InvalidMatchesError: Not 0 <= successes <= cases.
    """
    if not 0 <= successes <= cases:
        raise InvalidMatchesError(f"share: {successes} of {cases} given; 0..{cases} allowed")
    if cases == 0:
        return Estimate(value=None, low=None, high=None, cases=0)
    z = z_value(level)
    share = successes / cases
    centre = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z / (1 + z * z / cases) * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    return Estimate(
        value=share,
        low=0.0 if successes == 0 else max(0.0, centre - half),
        high=1.0 if successes == cases else min(1.0, centre + half),
        cases=cases,
    )


def joint_table(one: NDArray[np.integer[Any]], other: NDArray[np.integer[Any]], *, categories: int) -> Table:
    """Counts of (what one said, what the other said). Shape (categories, categories).

    Raises:
        InvalidMatchesError: The arrays differ in length or hold an index outside 0..categories-1.
    """
    a, b = np.asarray(one, dtype=np.int64), np.asarray(other, dtype=np.int64)
    if a.shape != b.shape:
        raise InvalidMatchesError(f"agreement: {a.shape} and {b.shape} labels given; the same matches needed")
    both = np.concatenate([a.reshape(-1), b.reshape(-1)])
    if both.size and (both.min() < 0 or both.max() >= categories):
        raise InvalidMatchesError(f"agreement: a label outside 0..{categories - 1} given")
    return np.bincount(a * categories + b, minlength=categories**2).reshape(categories, categories)


def agreement(table: Table, *, level: float = 0.95) -> Estimate:
    """Share of cases in which both said the same, with its Wilson interval."""
    return wilson(int(np.trace(table)), int(table.sum()), level=level)


def kappa(table: Table, *, level: float = 0.95) -> Estimate:
    """Cohen's kappa with the large-sample interval of Fleiss, Cohen and Everitt (1969).

    Where the two never differ, the lower end is kappa at the lower end of their agreement. Undefined where chance
    alone must agree (both judges always say the same one thing), and without cases. Agreement counts alone do not
    determine it: the joint table does.
    """
    cases = int(table.sum())
    if cases == 0:
        return Estimate(value=None, low=None, high=None, cases=0)
    shares = np.asarray(table, dtype=np.float64) / cases
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1.0 - 1e-12:
        return Estimate(value=None, low=None, high=None, cases=cases)
    value = (observed - chance) / (1.0 - chance)
    diagonal = np.diag(shares)
    a = float((diagonal * (1.0 - (rows + columns) * (1.0 - value)) ** 2).sum())
    spread = (columns[:, None] + rows[None, :]) ** 2
    b = (1.0 - value) ** 2 * float((shares * spread).sum() - (diagonal * np.diag(spread)).sum())
    c = (value - chance * (1.0 - value)) ** 2
    error = math.sqrt(max(a + b - c, 0.0) / cases) / (1.0 - chance)
    if observed >= 1.0 - 1e-12:
        # the large-sample error is 0 here, as if a few agreements proved that there are only agreements
        least = agreement(table, level=level).low or 0.0
        return Estimate(value=value, low=max(-1.0, (least - chance) / (1.0 - chance)), high=1.0, cases=cases)
    z = z_value(level)
    return Estimate(value=value, low=max(-1.0, value - z * error), high=min(1.0, value + z * error), cases=cases)


def krippendorff_alpha(
    labels: NDArray[np.integer[Any]],
    *,
    categories: int,
    rng: np.random.Generator | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Krippendorff's nominal alpha over any number of judges with gaps (Krippendorff 2011).

    Args:
        labels: Shape (judges, units), 0..categories-1, or -1 where a judge did not judge the unit.
        categories: How many labels there are.
        rng: For a bootstrap interval over units; without it there is none.
        resamples: Bootstrap draws.
        level: Of the interval.

    Returns:
        `cases` counts units with at least two labels; undefined when nothing varies.
    """
    given = np.asarray(labels, dtype=np.int64)
    counts = np.stack([(given == c).sum(axis=0) for c in range(categories)], axis=1).astype(np.float64)
    counts = counts[counts.sum(axis=1) >= 2]
    value = _alpha(counts, np.ones((1, len(counts))))[0]
    low = high = None
    if rng is not None and len(counts) and np.isfinite(value):
        drawn = rng.multinomial(len(counts), np.full(len(counts), 1.0 / len(counts)), size=resamples)
        spread = _alpha(counts, drawn.astype(np.float64))
        spread = spread[np.isfinite(spread)]
        if len(spread):
            low, high = (float(q) for q in np.quantile(spread, [(1.0 - level) / 2.0, (1.0 + level) / 2.0]))
    return Estimate(value=float(value) if np.isfinite(value) else None, low=low, high=high, cases=len(counts))


def _alpha(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    per_unit = counts.sum(axis=1)
    disagreeing = (per_unit**2 - (counts**2).sum(axis=1)) / np.maximum(per_unit - 1.0, 1.0)
    totals = weights @ counts
    n = totals.sum(axis=1)
    observed = weights @ disagreeing
    possible = (n**2 - (totals**2).sum(axis=1)) / np.maximum(n - 1.0, 1.0)
    alpha = np.full(len(weights), np.nan)
    np.divide(observed, possible, out=alpha, where=possible > 0.0)
    return 1.0 - alpha
