"""Which two systems meet next: the paper's rule (eq. 1), uniform, or D-optimal, each with its probability."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.elo import expected
from s2s_arena.ratings.matches import Ratings

Weights = NDArray[np.float64]
"""Shape (pairs,), in the order of `all_pairs`."""


def all_pairs(systems: int) -> NDArray[np.int64]:
    """Every pair once, lower index first. Shape (systems * (systems - 1) / 2, 2)."""
    return np.stack(np.triu_indices(systems, 1), axis=1).astype(np.int64)


def paper_weights(ratings: Ratings) -> Weights:
    """w = exp(-(gap - mu)^2 / (2 sigma^2)) with gap = |Ri - Rj|, mu a third of the largest gap, sigma = max(mu / 2, 1).

    The paper's eq. 1. Before the first match all gaps are 0, so mu = 0, sigma = 1 and all pairs weigh 1.

    Args:
        ratings: Shape (systems,), Elo points.

    Returns:
        Shape (pairs,), in (0, 1].
    """
    first, second = all_pairs(len(ratings)).T
    gap = np.abs(np.asarray(ratings, dtype=np.float64)[first] - np.asarray(ratings, dtype=np.float64)[second])
    mu = gap.max(initial=0.0) / 3.0
    sigma = max(mu / 2.0, 1.0)
    return np.asarray(np.exp(-((gap - mu) ** 2) / (2.0 * sigma**2)), dtype=np.float64)


def uniform_weights(systems: int) -> Weights:
    """All pairs alike. Shape (pairs,)."""
    return np.ones(systems * (systems - 1) // 2)


def d_optimal_weights(ratings: Ratings, covariance: NDArray[np.float64]) -> Weights:
    """p (1 - p) Var(gap): how much one more match of each pair tells about all ratings.

    Args:
        ratings: Shape (systems,), Elo points.
        covariance: Shape (systems, systems), e.g. of a Bradley-Terry `Fit`.

    Returns:
        Shape (pairs,), not negative.
    """
    first, second = all_pairs(len(ratings)).T
    p = expected(np.asarray(ratings, dtype=np.float64)[first] - np.asarray(ratings, dtype=np.float64)[second])
    variance = covariance[first, first] + covariance[second, second] - 2.0 * covariance[first, second]
    return np.asarray(p * (1.0 - p) * np.clip(variance, 0.0, None), dtype=np.float64)


def probabilities(weights: Weights, *, uniform_mix: float = 0.1) -> Weights:
    """Probability of each pair: `weights` normalised, with a share of draws that ignores them.

    The share keeps every pair possible, so that inverse-probability weights stay bounded.

    Args:
        weights: Shape (pairs,), not negative; if all are 0 every pair is as likely.
        uniform_mix: 0..1.

    Returns:
        Shape (pairs,), sums to 1.

    Raises:
        InvalidMatchesError: No pairs, a negative or non-finite weight, or a share outside 0..1.
    """
    given = np.asarray(weights, dtype=np.float64)
    if not len(given):
        raise InvalidMatchesError("pairing: no pair to draw from; at least two systems are needed")
    if not np.isfinite(given).all() or (given < 0.0).any():
        raise InvalidMatchesError("pairing: a weight is negative or not finite; give finite weights from 0 up")
    if not 0.0 <= uniform_mix <= 1.0:
        raise InvalidMatchesError(f"pairing: uniform share {uniform_mix} given; 0..1 allowed")
    total = given.sum()
    even = np.full(len(given), 1.0 / len(given))
    chosen = given / total if total > 0.0 else even
    return (1.0 - uniform_mix) * chosen + uniform_mix * even


def balanced(weights: Weights, *, played: NDArray[np.integer[Any]], strength: float = 1.0) -> Weights:
    """Weights lowered where a pair has been played more than others, e.g. within one level and domain.

    Args:
        weights: Shape (pairs,).
        played: Shape (pairs,): matches of each pair so far.
        strength: 0 leaves the weights; 1 divides them by 1 + matches played beyond the least-played pair.

    Returns:
        Shape (pairs,).
    """
    ahead = np.asarray(played, dtype=np.float64) - np.min(played, initial=np.iinfo(np.int64).max)
    return np.asarray(weights / (1.0 + ahead) ** strength, dtype=np.float64)


def floored(weights: Weights, *, played: NDArray[np.integer[Any]], floor: int) -> Weights:
    """Weights of pairs with a system that has played fewer than `floor` matches; 0 for the others, while there is one.

    So a system that joins late is met until something is known of it; mixed with uniform draws the others go on too.

    Args:
        weights: Shape (pairs,), in the order of `all_pairs`.
        played: Shape (systems,): matches of each system so far.
        floor: Matches that each system plays before ratings alone decide; 0 leaves the weights.

    Returns:
        Shape (pairs,).
    """
    short = np.asarray(played) < floor
    if not short.any():
        return np.asarray(weights, dtype=np.float64)
    needed = short[all_pairs(len(short))].any(axis=1)
    return np.asarray(np.where(needed, weights, 0.0), dtype=np.float64)


def draw(chances: Weights, *, size: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Draw pairs with replacement.

    Args:
        chances: Shape (pairs,), sums to 1.
        size: How many.
        rng: Where the draws come from.

    Returns:
        Indices into `all_pairs`, shape (size,), and the probability of each draw, shape (size,), in (0, 1].
    """
    drawn = rng.choice(len(chances), size=size, p=chances)
    return drawn.astype(np.int64), np.asarray(chances, dtype=np.float64)[drawn]
