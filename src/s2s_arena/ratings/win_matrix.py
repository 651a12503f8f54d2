"""The win matrix: how often each system beat each other one, all that Bradley-Terry needs to know."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.matches import Outcomes, Pairs, checked

Counts = NDArray[np.int64]
Weights = NDArray[np.float64]


def win_matrix(pairs: Pairs, first_won: Outcomes, *, systems: int) -> Counts:
    """wins[i, j] = matches that i won against j; ties are left out.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,); 1 a win of the first, 0 of the second, .5 a tie.
        systems: How many systems there are.

    Returns:
        Shape (systems, systems), integer, zero diagonal.

    Raises:
        InvalidMatchesError: As in `checked`.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    first = scores == 1.0
    second = scores == 0.0
    cells = np.where(first, who[:, 0] * systems + who[:, 1], who[:, 1] * systems + who[:, 0])[first | second]
    return np.bincount(cells, minlength=systems * systems).reshape(systems, systems).astype(np.int64)


def tie_matrix(pairs: Pairs, first_won: Outcomes, *, systems: int) -> Counts:
    """ties[i, j] = ties between i and j (scores of exactly one half).

    Returns:
        Shape (systems, systems), integer, symmetric, zero diagonal.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    tied = who[scores == 0.5]
    half = np.bincount(tied[:, 0] * systems + tied[:, 1], minlength=systems * systems).reshape(systems, systems)
    return (half + half.T).astype(np.int64)


def weighted_win_matrix(
    pairs: Pairs, first_won: Outcomes, *, systems: int, weights: NDArray[np.float64] | None = None
) -> Weights:
    """wins[i, j] = weight with which i beat j; a score between 0 and 1 is shared between both.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        weights: Shape (matches,), not negative; 1 each by default.

    Returns:
        Shape (systems, systems), zero diagonal.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    weight = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    size = systems * systems
    won = np.bincount(who[:, 0] * systems + who[:, 1], weights=weight * scores, minlength=size)
    lost = np.bincount(who[:, 1] * systems + who[:, 0], weights=weight * (1.0 - scores), minlength=size)
    return np.asarray((won + lost).reshape(systems, systems), dtype=np.float64)


def win_rates(wins: Counts) -> Weights:
    """rates[i, j] = share of the decided matches between i and j that i won; NaN where they never met.

    NaN here is a hole in a table that figures leave blank, never a rating.
    """
    met = wins + wins.T
    rates = np.full(wins.shape, np.nan)
    np.divide(wins, met, out=rates, where=met > 0)
    return rates


def reachable(beats: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """reach[i, j] = a chain of wins leads from i to j (or i is j). Shape (systems, systems)."""
    reach = beats | np.eye(len(beats), dtype=bool)
    while True:
        wider = (reach.astype(np.float32) @ reach.astype(np.float32)) > 0.0
        if (wider == reach).all():
            return reach
        reach = wider


def connected(wins: NDArray[np.int64] | Weights) -> bool:
    """Whether chains of wins lead from every system to every other (strongly connected).

    Only then has unregularised Bradley-Terry a finite solution. A board of one system is connected.
    """
    return bool(reachable(np.asarray(wins) > 0).all())


def components(wins: NDArray[np.int64] | Weights) -> tuple[tuple[int, ...], ...]:
    """Groups of systems that chains of wins connect both ways, in order of their first member."""
    reach = reachable(np.asarray(wins) > 0)
    both = reach & reach.T
    seen: set[int] = set()
    groups: list[tuple[int, ...]] = []
    for system in range(len(both)):
        if system not in seen:
            group = tuple(int(i) for i in np.flatnonzero(both[system]))
            seen.update(group)
            groups.append(group)
    return tuple(groups)
