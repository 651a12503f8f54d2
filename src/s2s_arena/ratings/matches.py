"""Matches as arrays: who met whom, and how the one heard first fared."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError

Pairs = NDArray[np.integer[Any]]
"""Shape (matches, 2): system indices, first heard in column 0."""

Outcomes = NDArray[np.bool_] | NDArray[np.floating[Any]]
"""Shape (matches,): whether the first won; a number in 0..1 where ties are legal (half for a tie)."""

Ratings = NDArray[np.float64]
"""Shape (systems,): Elo points."""

START = 1000.0
"""Everyone's rating before the first match, and the mean of every board (paper, section 4)."""

BASE = 10.0
SCALE = 400.0
"""A gap of 400 points is odds of ten to one (paper, eq. 2)."""

POINTS_PER_NAT = SCALE / float(np.log(BASE))
"""Elo points in one unit of log-odds."""


def checked(pairs: Pairs, first_won: Outcomes, *, systems: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same matches with one type each, after the checks every rating needs.

    Returns:
        Pairs of shape (matches, 2), int64, and scores of the first of shape (matches,), float64 in 0..1.

    Raises:
        InvalidMatchesError: Shapes differ, a system meets itself, an index is out of range, or a score is
            outside 0..1 or not a number.
    """
    who = np.asarray(pairs)
    scores = np.asarray(first_won, dtype=np.float64)
    if who.size == 0:
        who = who.reshape(0, 2).astype(np.int64)
    if who.ndim != 2 or who.shape[1] != 2 or scores.shape != (who.shape[0],):
        raise InvalidMatchesError(
            f"matches: pairs of shape {who.shape} and outcomes of shape {scores.shape} given; (n, 2) and (n,) needed"
        )
    if not np.issubdtype(who.dtype, np.integer):
        raise InvalidMatchesError(f"matches: pairs of type {who.dtype} given; integers needed")
    if who.size:
        low, high = int(who.min()), int(who.max())
        if low < 0 or high >= systems:
            bad = low if low < 0 else high
            raise InvalidMatchesError(f"matches: system index {bad} given; 0..{systems - 1} allowed")
        same = who[:, 0] == who[:, 1]
        if same.any():
            where = int(np.flatnonzero(same)[0])
            raise InvalidMatchesError(f"match {where}: system {int(who[where, 0])} meets itself; drop the match")
        if not ((scores >= 0.0) & (scores <= 1.0)).all():
            where = int(np.flatnonzero(~((scores >= 0.0) & (scores <= 1.0)))[0])
            raise InvalidMatchesError(f"match {where}: outcome {scores[where]} given; 0..1 needed")
    return who.astype(np.int64, copy=False), scores
