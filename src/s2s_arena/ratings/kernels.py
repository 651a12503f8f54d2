"""The inner loops, compiled by numba where it is installed; every caller has an equal numpy path."""

import functools
import importlib.util
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.matches import BASE, SCALE

_SLOPE = math.log(BASE) / SCALE


@functools.cache
def available() -> bool:
    """Whether numba is installed; finding out does not import it."""
    return importlib.util.find_spec("numba") is not None


@functools.cache
def _compiled() -> Any:
    # numba is optional, and its import takes longer than ranking a small study does.
    from s2s_arena.ratings import compiled  # noqa: PLC0415

    return compiled


def elo_pass(ratings: NDArray[np.float64], pairs: NDArray[np.int64], scores: NDArray[np.float64], k: float) -> None:
    """Play the matches in order, changing `ratings`, shape (systems,), in place."""
    _compiled().elo_pass(ratings, pairs, scores, k, _SLOPE)


def elo_resamples(
    ratings: NDArray[np.float64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    *,
    states: NDArray[np.uint64],
    length: int,
    k: float,
) -> None:
    """Play `length` matches drawn with replacement for each resample, changing `ratings` in place.

    Args:
        ratings: Shape (resamples, systems).
        pairs: Shape (matches, 2).
        scores: Shape (matches,).
        states: Shape (resamples,): where each resample's splitmix64 stream starts.
        length: Matches a resample.
        k: Points at stake.
    """
    _compiled().elo_resamples(ratings, pairs, scores, states, length, k, _SLOPE)


def bt_fits(
    theta: NDArray[np.float64],
    wins: NDArray[np.float64],
    *,
    prior: float,
    tolerance: float,
    safe_step: float,
    longest_step: float,
    steps: int,
) -> bool:
    """Fit Bradley-Terry to each win matrix, changing `theta`, shape (fits, systems), in place.

    Returns:
        Whether every fit converged.
    """
    return bool(_compiled().bt_fits(theta, wins, prior, tolerance, safe_step, longest_step, steps))
