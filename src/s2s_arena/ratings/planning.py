"""How many more matches until neighbours on the board separate, played directly or drawn by a pairing rule."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.elo import expected
from s2s_arena.ratings.matches import POINTS_PER_NAT, Ratings
from s2s_arena.ratings.pairing import Weights, all_pairs, paper_weights, probabilities
from s2s_arena.ratings.ranks import z_value

POWER = 0.8
MOST = 10**9
"""More matches than this are as good as never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Two systems next to each other on the board, and what it takes to separate them.

    Attributes:
        better: Index of the system rated higher.
        worse: Index of the one right below it.
        gap: Elo points between them; the plan takes it for the true gap.
        standard_error: Elo points, of the gap as known now.
        power: Chance, 0..1, that a study like the one so far finds the two separated.
        direct: Further matches needed if they only meet each other; None above 10^9, e.g. without a gap.
        board: Further matches of the whole board needed under the pairing rule; None above 10^9.
    """

    better: int
    worse: int
    gap: float
    standard_error: float
    power: float
    direct: int | None
    board: int | None


def direct_matches(gap: float, *, power: float = POWER, level: float = 0.95) -> int | None:
    """Matches between two systems, none played yet, that separate them with the given power.

    n = (z_level + z_power)^2 / (gap^2 p (1 - p)), the gap in nats: the Wald test of a Bradley-Terry gap. The
    paper's top three lie within 14 points: that takes 4,842 direct votes.

    Args:
        gap: True gap, Elo points; its sign does not matter.
        power: Chance to find it, in (0, 1).
        level: Confidence of the two-sided test, in (0, 1).

    Returns:
        None above 10^9, so always for a gap of 0.

    Raises:
        InvalidMatchesError: `power` or `level` outside (0, 1), or a gap that is not finite.
    """
    return _direct(_finite(gap), 0.0, needed=_needed(power, level, None), per_match=_per_match(gap))


def plan(
    ratings: Ratings,
    covariance: NDArray[np.float64],
    *,
    chances: Weights | None = None,
    power: float = POWER,
    level: float = 0.95,
    critical: float | None = None,
    design_effect: float = 1.0,
) -> tuple[Neighbours, ...]:
    """What it takes to separate each system from the next one on the board.

    Matches add p (1 - p) of information on the gap they are about; the matches played so far count. Gaps are taken
    as estimated, and the estimate of a close gap is uncertain itself: read the answer as an order of magnitude.

    Args:
        ratings: Shape (systems,), Elo points.
        covariance: Shape (systems, systems), squared Elo points, e.g. of a Bradley-Terry `Fit`.
        chances: Shape (pairs,), in the order of `all_pairs`, sums to 1: how the next matches are drawn. By
            default the paper's rule (eq. 1) at these ratings with a tenth uniform.
        power: Chance to separate two systems whose gap is as estimated, in (0, 1).
        level: Confidence of each two-sided test, in (0, 1).
        critical: Value the studentised gap must pass instead of that of `level`, e.g. `Separation.critical`, to
            plan for a claim about all pairs at once.
        design_effect: Variance of new matches against independent ones: above 1 where they share samples or judges.

    Returns:
        One per neighbouring pair, from the top down; empty with fewer than two systems.

    Raises:
        InvalidMatchesError: Shapes that differ, values that are not finite, or shares outside (0, 1).
    """
    centre, joint, drawn = _checked(ratings, covariance, chances, design_effect)
    needed = _needed(power, level, critical)
    bar = critical if critical is not None else z_value(level)
    order = np.argsort(-centre, kind="stable")
    forecast = _Forecast.of(centre, joint, drawn / design_effect)
    plans = []
    for better, worse in zip(order[:-1].tolist(), order[1:].tolist(), strict=True):
        gap = float(centre[better] - centre[worse])
        contrast = np.zeros(len(centre))
        contrast[better], contrast[worse] = 1.0, -1.0
        variance = forecast.variance(contrast, 0.0)
        plans.append(
            Neighbours(
                better=better,
                worse=worse,
                gap=gap,
                standard_error=math.sqrt(variance),
                power=_power(gap, variance, bar),
                direct=_direct(
                    gap,
                    1.0 / variance if variance > 0.0 else math.inf,
                    needed=needed,
                    per_match=_per_match(gap) / design_effect,
                ),
                board=forecast.matches(contrast, (gap / needed) ** 2),
            )
        )
    return tuple(plans)


def standard_errors_after(
    ratings: Ratings,
    covariance: NDArray[np.float64],
    *,
    matches: int,
    chances: Weights | None = None,
    design_effect: float = 1.0,
) -> NDArray[np.float64]:
    """Standard error of each rating after so many further matches; an interval is 3.92 of these wide.

    Args:
        ratings: Shape (systems,), Elo points; all 1000 before a study.
        covariance: Shape (systems, systems), squared Elo points; of `bradley_terry` on zeros before a study.
        matches: From 0 up.
        chances: As in `plan`.
        design_effect: As in `plan`.

    Returns:
        Shape (systems,), Elo points.

    Raises:
        InvalidMatchesError: As in `plan`, or a negative number of matches.
    """
    centre, joint, drawn = _checked(ratings, covariance, chances, design_effect)
    if matches < 0:
        raise InvalidMatchesError(f"plan: {matches} further matches given; 0 or more needed")
    forecast = _Forecast.of(centre, joint, drawn / design_effect)
    systems = len(centre)
    centred = np.eye(systems) - 1.0 / max(1, systems)
    variances = [forecast.variance(row, float(matches)) for row in centred]
    return np.sqrt(np.array(variances, dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forecast:
    """Variance of any contrast after n more matches: sum of loadings^2 / (1 + n growth), by simultaneous diagonals."""

    basis: NDArray[np.float64]
    growth: NDArray[np.float64]

    @classmethod
    def of(cls, ratings: Ratings, covariance: NDArray[np.float64], chances: Weights) -> "_Forecast":
        systems = len(ratings)
        first, second = all_pairs(systems).T
        p = expected(ratings[first] - ratings[second])
        weight = chances * p * (1.0 - p) / POINTS_PER_NAT**2
        information = np.zeros((systems, systems))
        np.subtract.at(information, (first, second), weight)
        information += information.T
        np.fill_diagonal(information, -information.sum(axis=1))
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        growth, turned = np.linalg.eigh(root.T @ information @ root)
        return cls(basis=np.asarray(root @ turned), growth=np.clip(growth, 0.0, None))

    def variance(self, contrast: NDArray[np.float64], matches: float) -> float:
        return float(((contrast @ self.basis) ** 2 / (1.0 + matches * self.growth)).sum())

    def matches(self, contrast: NDArray[np.float64], target: float) -> int | None:
        if self.variance(contrast, 0.0) <= target:
            return 0
        if self.variance(contrast, float(MOST)) > target:
            return None
        few, many = 0, MOST
        while many - few > 1:
            middle = (few + many) // 2
            few, many = (few, middle) if self.variance(contrast, float(middle)) <= target else (middle, many)
        return many


def _per_match(gap: float) -> float:
    p = float(expected(np.array([gap]))[0])
    return p * (1.0 - p) / POINTS_PER_NAT**2


def _direct(gap: float, information: float, *, needed: float, per_match: float) -> int | None:
    if gap == 0.0 or per_match <= 0.0:
        return None
    matches = max(0.0, ((needed / gap) ** 2 - information) / per_match)
    return math.ceil(matches) if matches <= MOST else None


def _power(gap: float, variance: float, bar: float) -> float:
    if variance <= 0.0:
        return 1.0 if gap != 0.0 else 0.0
    lead, normal = abs(gap) / math.sqrt(variance), NormalDist()
    return normal.cdf(lead - bar) + normal.cdf(-lead - bar)


def _needed(power: float, level: float, critical: float | None) -> float:
    for name, share in (("power", power), ("level", level)):
        if not 0.0 < share < 1.0:
            raise InvalidMatchesError(f"plan: {name} {share} given; between 0 and 1 needed")
    bar = critical if critical is not None else z_value(level)
    return max(bar + NormalDist().inv_cdf(power), 1e-9)


def _finite(gap: float) -> float:
    if not math.isfinite(gap):
        raise InvalidMatchesError(f"plan: gap {gap} given; a finite number of Elo points needed")
    return gap


def _checked(
    ratings: Ratings, covariance: NDArray[np.float64], chances: Weights | None, design_effect: float
) -> tuple[Ratings, NDArray[np.float64], Weights]:
    centre = np.asarray(ratings, dtype=np.float64)
    joint = np.asarray(covariance, dtype=np.float64)
    if centre.ndim != 1 or joint.shape != (len(centre), len(centre)):
        raise InvalidMatchesError(
            f"plan: ratings of shape {centre.shape} and covariance of shape {joint.shape} given; "
            "(systems,) and (systems, systems) needed"
        )
    if not (np.isfinite(centre).all() and np.isfinite(joint).all()):
        raise InvalidMatchesError("plan: a rating or covariance is not finite; fit with a prior above 0")
    if not design_effect > 0.0:
        raise InvalidMatchesError(f"plan: design effect {design_effect} given; above 0 needed, 1 if independent")
    pairs = len(centre) * (len(centre) - 1) // 2
    if chances is None:
        drawn = probabilities(paper_weights(centre)) if pairs else np.zeros(0)
    else:
        drawn = np.asarray(chances, dtype=np.float64)
    if drawn.shape != (pairs,):
        raise InvalidMatchesError(f"plan: chances of shape {drawn.shape} given; one for each of {pairs} pairs needed")
    return centre, joint, drawn
