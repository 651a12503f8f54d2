"""The clone check: a system entered twice under two names must not separate from itself."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.matches import Outcomes, Pairs, Ratings, checked
from s2s_arena.ratings.win_matrix import weighted_win_matrix

Rated = tuple[Ratings, NDArray[np.float64]]
"""Ratings, shape (systems,), Elo points, and their covariance, shape (systems, systems), squared Elo points."""

Rate = Callable[[Pairs, Outcomes, int], Rated]
"""(pairs, outcomes, number of systems) -> ratings with covariance: the method under test."""

FEWEST = 2  # matches of a system, so that both of its names can have one


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """One system entered twice.

    Attributes:
        system: Its index.
        matches: How many matches each name got.
        gap: Elo points between the two names.
        standard_error: Elo points, of the gap, as the rating method claims.
        p_value: Two-sided, of the gap, 0..1: uniform if the claim is true.
    """

    system: int
    matches: tuple[int, int]
    gap: float
    standard_error: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneCheck:
    """Whether any system separates from itself.

    Attributes:
        passed: No system does, at the level `alpha` for all of them together.
        p_value: The smallest p-value of any system, times their number (Bonferroni), at most 1.
        alpha: How often the check fails a sound method, at most.
        clones: One entry per system tried, in order of index; systems with fewer than 2 matches are left out.
    """

    passed: bool
    p_value: float
    alpha: float
    clones: tuple[Clone, ...]


def split_system(pairs: Pairs, *, system: int, other: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The same pairs with each match of `system` given, by the toss of a coin, to `other` instead.

    Args:
        pairs: Shape (matches, 2).
        system: Index of the system to enter twice.
        other: Index of its second name.
        rng: The coin.

    Returns:
        Shape (matches, 2), a copy.
    """
    who = np.array(pairs, dtype=np.int64)
    rows = np.flatnonzero((who[:, 0] == system) | (who[:, 1] == system))
    moved = rows[rng.random(len(rows)) < 0.5]
    who[moved] = np.where(who[moved] == system, other, who[moved])
    return who


def clone_check(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    alpha: float = 0.01,
    rate: Rate | None = None,
) -> CloneCheck:
    """Enter each system twice, its matches split at random between two names, and see whether the two separate.

    The two names are the same system, so a gap that the method calls significant is a false claim of the method:
    intervals that are too narrow, ratings that hang on the order of play, a fault in the arithmetic.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        rng: Where the splits come from.
        alpha: How often a sound method may fail, in (0, 1).
        rate: The method, given one system more than `systems`; regularised Bradley-Terry by default.

    Raises:
        InvalidMatchesError: As in `checked`, or `alpha` outside (0, 1).
    """
    who, scores = checked(pairs, first_won, systems=systems)
    if not 0.0 < alpha < 1.0:
        raise InvalidMatchesError(f"clone check: alpha {alpha} given; between 0 and 1 needed, e.g. 0.01")
    together = weighted_win_matrix(who, scores, systems=systems)
    clones = []
    for system in range(systems):
        rows = np.flatnonzero((who[:, 0] == system) | (who[:, 1] == system))
        if len(rows) < FEWEST:
            continue
        split = split_system(who[rows], system=system, other=systems, rng=rng)
        if rate is None:
            rated = _entered_twice(together, split, scores[rows], system=system)
        else:
            everything = who.copy()
            everything[rows] = split
            rated = rate(everything, scores, systems + 1)
        moved = int((split == systems).sum())
        clones.append(_clone(rated, system, matches=(len(rows) - moved, moved)))
    p_value = min([1.0, *(len(clones) * clone.p_value for clone in clones)])
    return CloneCheck(passed=p_value >= alpha, p_value=p_value, alpha=alpha, clones=tuple(clones))


def _entered_twice(
    together: NDArray[np.float64], split: NDArray[np.int64], scores: NDArray[np.float64], *, system: int
) -> Rated:
    """The fit with one more name: only the system's own matches are counted again, not a million others."""
    other = len(together)
    wins = np.zeros((other + 1, other + 1))
    wins[:other, :other] = together
    again = weighted_win_matrix(split, scores, systems=other + 1)
    for name in (system, other):
        wins[name], wins[:, name] = again[name], again[:, name]
    fit = bradley_terry(wins)
    return fit.ratings, fit.covariance


def _clone(rated: Rated, system: int, *, matches: tuple[int, int]) -> Clone:
    ratings, joint = rated
    other = len(ratings) - 1
    gap = float(ratings[system] - ratings[other])
    variance = float(joint[system, system] + joint[other, other] - 2.0 * joint[system, other])
    error = max(variance, 0.0) ** 0.5
    without_error = 0.0 if gap != 0.0 else 1.0
    p_value = 2.0 * NormalDist().cdf(-abs(gap) / error) if error > 0.0 else without_error
    return Clone(system=system, matches=matches, gap=gap, standard_error=error, p_value=p_value)
