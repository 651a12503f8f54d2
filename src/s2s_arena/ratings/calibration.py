"""What a judge's margins are worth: chances to be right, fitted and tried on cases that the fit has not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.agreement import Estimate

FEWEST = 20  # groups, below which a fit says nothing
FOLDS = 10
BINS = 10
DRAWS = 200
STEEPEST = 8.0  # natural logarithm of the greatest slope looked at, in scales of the margins

Margins = NDArray[np.float64]
"""Shape (cases,): how far a judge leaned towards what is known to be better; below 0 where it was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A judge's margins as log-odds.

    Attributes:
        slope: Log-odds of being right for each unit of margin, above 0.
        error: Expected calibration error: by how much chances and shares right differ, mean over ten bins of equally
            many cases; chances are of fits that have not seen the case.
        saved: Share of a coin's log loss (ln 2 a case) that these chances save; below 0 they mislead.
    """

    slope: Estimate
    error: Estimate
    saved: Estimate


def slope(margins: Margins) -> float:
    """The log-odds of being right that one unit of margin is worth: Platt's scaling (1999) without an offset.

    A judge whose margin changes sign with the order of the two answers must give a chance of one half at 0, so there
    is no offset. Targets are smoothed as Platt's are, so that margins which are always right have a finite slope.

    Args:
        margins: At least one of them not 0.

    Raises:
        InvalidMatchesError: There is none, or one is not finite.
    """
    x = np.asarray(margins, dtype=np.float64)
    if not np.isfinite(x).all() or not np.any(x):
        raise InvalidMatchesError(f"calibration: {x.size} margins given; finite ones that are not all 0 needed")
    right = float((x > 0.0).sum())
    target = (right + 1.0) / (right + 2.0)
    lean = np.abs(x)
    won = np.where(x > 0.0, target, 1.0 - target)
    scale = float(np.median(lean[lean > 0.0]))

    def loss(log_slope: float) -> float:
        odds = np.exp(log_slope) / scale * lean
        return float((np.logaddexp(0.0, odds) - won * odds).sum())

    return float(np.exp(minimize_scalar(loss, bounds=(-STEEPEST, STEEPEST), method="bounded").x) / scale)


def calibrate(margins: Margins, groups: NDArray[np.int64], *, rng: np.random.Generator) -> Calibration | None:
    """Slope, calibration error and log loss, tried on whole groups that the fit has not seen.

    Args:
        margins: Margins of 0 are left out: they say nothing.
        groups: Shape (cases,): cases of one group are held out together, and drawn together for intervals.
        rng: Of folds and draws.

    Returns:
        None with fewer than 20 groups. Intervals are 95 %, by a bootstrap over groups.
    """
    x, of = np.asarray(margins, dtype=np.float64), np.asarray(groups)
    known = np.isfinite(x) & (x != 0.0)
    x, of = x[known], of[known]
    names = np.unique(of)
    if names.size < FEWEST:
        return None
    fold = dict(zip(rng.permutation(names).tolist(), np.arange(names.size) % FOLDS, strict=True))
    folds = np.array([fold[name] for name in of.tolist()])
    chances = np.zeros(x.size)
    for held in range(FOLDS):
        mine = folds == held
        chances[mine] = 1.0 / (1.0 + np.exp(-slope(x[~mine]) * np.abs(x[mine])))
    right = (x > 0.0).astype(np.float64)
    members = [np.flatnonzero(of == name) for name in names]
    found = {"slope": slope(x), "error": _error(chances, right), "saved": _saved(chances, right)}
    drawn: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(DRAWS):
        rows = np.concatenate([members[i] for i in rng.integers(0, names.size, names.size)])
        drawn["slope"].append(slope(x[rows]))
        drawn["error"].append(_error(chances[rows], right[rows]))
        drawn["saved"].append(_saved(chances[rows], right[rows]))
    estimates = {
        name: Estimate(
            value=value,
            low=float(np.percentile(drawn[name], 2.5)),
            high=float(np.percentile(drawn[name], 97.5)),
            cases=int(names.size),
        )
        for name, value in found.items()
    }
    return Calibration(slope=estimates["slope"], error=estimates["error"], saved=estimates["saved"])


def _error(chances: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if part.size]
    return sum(part.size * abs(float(chances[part].mean() - right[part].mean())) for part in parts) / chances.size


def _saved(chances: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    sure = np.clip(np.where(right > 0.5, chances, 1.0 - chances), 1e-12, 1.0)
    return 1.0 + float(np.log(sure).mean()) / float(np.log(2.0))
