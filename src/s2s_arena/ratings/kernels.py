"""The inner loops, compiled by numba where it is installed; every caller has an equal numpy path."""

import functools
import importlib.util
import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.matches import BASE, SCALE

_SLOPE = math.log(BASE) / SCALE

THREADED_FROM = 400_000  # Elo updates a thread, below which starting it is not worth while
LOADED_SHARE = 20  # with numba imported already, work so many times smaller is worth compiled code


@functools.cache
def available() -> bool:
    """Whether numba is installed; finding out does not import it."""
    return importlib.util.find_spec("numba") is not None


@functools.cache
def _compiled() -> Any:
    # numba is optional, and its import takes longer than ranking a small study does.
    from s2s_arena.ratings import compiled  # noqa: PLC0415

    return compiled


def worth(work: int, *, alone: int) -> bool:
    """Whether to run compiled code: it is loaded, or the work pays for loading it.

    Args:
        work: How much there is to do.
        alone: From how much on importing numba pays for itself.
    """
    if "s2s_arena.ratings.compiled" in sys.modules:
        return available()
    return available() and work * (LOADED_SHARE if "numba" in sys.modules else 1) >= alone


def warm() -> bool:
    """Load (the first time on a machine, compile) every kernel; whether there is a compiler to do so."""
    if not available():
        return False
    pairs, scores = np.array([[0, 1]]), np.array([1.0])
    elo_pass(np.zeros(2), pairs, scores, 32.0)
    for some in (scores, np.array([0.5])):
        elo_resamples(np.zeros((1, 2)), pairs, some, states=np.zeros(1, dtype=np.uint64), length=1, k=32.0)
    wins = np.array([[[0.0, 1.0], [1.0, 0.0]]])
    bt_chords(np.zeros((1, 2)), wins, inverse=np.eye(2), prior=0.5, tolerance=1e-8, rounds=1)
    bt_fits(np.zeros((1, 2)), wins, prior=0.5, tolerance=1e-5, safe_step=0.5, longest_step=3.0, steps=9)
    return True


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
    begin: int = 0,
) -> None:
    """Play `length` matches drawn with replacement for each resample, changing `ratings` in place.

    Resamples are shared out over the processors this process may use.

    Args:
        ratings: Shape (resamples, systems).
        pairs: Shape (matches, 2).
        scores: Shape (matches,).
        states: Shape (resamples,): where each resample's splitmix64 stream starts.
        length: Matches a resample.
        k: Points at stake.
        begin: The draw of the stream to begin with.
    """
    resamples, systems = ratings.shape
    shift = 8 if systems <= 2**8 else 16 if systems <= 2**16 else 31
    dtype = {8: np.uint16, 16: np.uint32, 31: np.uint64}[shift]
    strict = bool(((scores == 0.0) | (scores == 1.0)).all())
    first, second = pairs[:, 0], pairs[:, 1]
    if strict:  # the winner goes first: less to fetch for each match
        first, second = np.where(scores == 1.0, first, second), np.where(scores == 1.0, second, first)
    codes = ((first << shift) | second).astype(dtype)
    offsets = np.empty(0) if strict else k * (scores - 1.0)
    compiled = _compiled()
    lanes = int(compiled.LANES)

    def play(low: int, high: int) -> None:
        compiled.elo_resamples(ratings[low:high], codes, shift, offsets, states[low:high], begin, length, k, _SLOPE)

    workers = min(_processors(), -(-resamples // lanes), max(1, resamples * length // THREADED_FROM))
    if workers == 1:
        play(0, resamples)
        return
    groups = np.linspace(0, -(-resamples // lanes), workers + 1).round().astype(int) * lanes
    cuts = np.minimum(groups, resamples).tolist()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(play, cuts[:-1], cuts[1:]))


def bt_chords(
    theta: NDArray[np.float64],
    wins: NDArray[np.float64],
    *,
    inverse: NDArray[np.float64],
    prior: float,
    tolerance: float,
    rounds: int,
) -> NDArray[np.bool_]:
    """Fit win matrices that lie near one whose inverse Hessian is known, changing `theta` in place.

    Returns:
        Shape (fits,): which converged; the others are left where they began.
    """
    settled = np.zeros(len(theta), dtype=np.bool_)
    _compiled().bt_chords(theta, wins, inverse, prior, tolerance, rounds, settled)
    return settled


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
