"""Sequential Elo exactly as in the paper: start 1000, K = 32, base 10, scale 400 (eq. 2-3)."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings import kernels
from s2s_arena.ratings.matches import BASE, SCALE, START, Outcomes, Pairs, Ratings, checked

K = 32.0
"""Points at stake in one match (paper, eq. 3)."""

COMPILED_FROM = 300_000  # below this many matches, importing the compiler costs more than it saves
COMPILED_RESAMPLES_FROM = 5_000_000  # updates of a bootstrap in all, for the same reason


def expected(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of winning with a lead of `gap` points (paper, eq. 2)."""
    return np.asarray(1.0 / (1.0 + BASE ** (-np.asarray(gap, dtype=np.float64) / SCALE)), dtype=np.float64)


def elo(pairs: Pairs, first_won: Outcomes, *, systems: int, k: float = K, start: Ratings | float = START) -> Ratings:
    """Ratings after playing the matches in the order given (paper, eq. 2-3).

    Args:
        pairs: Shape (matches, 2): system indices, first heard in column 0.
        first_won: Shape (matches,); half for a tie where ties are legal.
        systems: How many systems there are; unplayed ones keep their start.
        k: Points at stake in one match.
        start: Where to go on from: 1000 for all, or ratings of shape (systems,). New systems and matches
            are added so, the old ones are never replayed.

    Returns:
        Shape (systems,), Elo points. Their sum never changes: from the default start the mean is 1000.

    Raises:
        InvalidMatchesError: A system meets itself, or an index is out of range.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    ratings = np.full(systems, start) if np.isscalar(start) else np.array(start, dtype=np.float64)
    if kernels.worth(len(scores), alone=COMPILED_FROM):
        kernels.elo_pass(ratings, who, scores, k)
        return ratings
    return _played(ratings, who, scores, k)


def _played(ratings: Ratings, pairs: NDArray[np.int64], scores: NDArray[np.float64], k: float) -> Ratings:
    points = ratings.tolist()  # Python floats: indexing them is ten times as fast as indexing an array
    slope = math.log(BASE) / SCALE
    exp = math.exp
    for first, second, score in zip(pairs[:, 0].tolist(), pairs[:, 1].tolist(), scores.tolist(), strict=True):
        gain = k * (score - 1.0 / (1.0 + exp((points[second] - points[first]) * slope)))
        points[first] += gain
        points[second] -= gain
    return np.array(points, dtype=np.float64)


def play_side_by_side(
    ratings: NDArray[np.float64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    *,
    drawn: Iterable[NDArray[np.int64]],
    k: float,
) -> None:
    """Play one list of matches per row of `ratings`, all rows at once, changing it in place.

    Args:
        ratings: Shape (rows, systems), contiguous.
        pairs: Shape (matches, 2).
        scores: Shape (matches,).
        drawn: Blocks of shape (steps, rows): which match each row plays at each step.
        k: Points at stake.
    """
    flat = ratings.reshape(-1)
    rows = len(ratings)
    offsets = np.arange(rows) * ratings.shape[1]
    slope = math.log(BASE) / SCALE
    here, there, gain = (np.empty(rows) for _ in range(3))
    for block in drawn:
        first = pairs[:, 0][block] + offsets
        second = pairs[:, 1][block] + offsets
        stake = k * scores[block]
        for step in range(len(block)):
            one, two = first[step], second[step]
            flat.take(one, out=here, mode="clip")  # indices are known to fit, and clipping does not buffer
            flat.take(two, out=there, mode="clip")
            np.subtract(there, here, out=gain)
            gain *= slope
            np.exp(gain, out=gain)
            gain += 1.0
            np.divide(k, gain, out=gain)
            np.subtract(stake[step], gain, out=gain)
            here += gain
            there -= gain
            flat[one] = here
            flat[two] = there
