"""numba versions of the inner loops; import it through `kernels` only."""

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_jit: Any = numba.njit(cache=True, fastmath=False, nogil=True, boundscheck=False)
_fast_jit: Any = numba.njit(cache=True, fastmath={"reassoc", "contract"}, nogil=True, boundscheck=False)
"""Sums may be reordered, so that they run in vector registers."""


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def elo_pass(ratings: Floats, pairs: NDArray[np.int64], scores: Floats, k: float, slope: float) -> None:
    """See `kernels.elo_pass`."""
    for match in range(pairs.shape[0]):
        first = pairs[match, 0]
        second = pairs[match, 1]
        gain = k * (scores[match] - 1.0 / (1.0 + math.exp((ratings[second] - ratings[first]) * slope)))
        ratings[first] += gain
        ratings[second] -= gain


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _mix(state: np.uint64) -> np.uint64:
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


LANES = 8  # resamples in flight: each waits on its own division, so eight fill the pipeline


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def elo_resamples(
    ratings: Floats,
    pairs: NDArray[np.int64],
    scores: Floats,
    states: NDArray[np.uint64],
    length: int,
    k: float,
    slope: float,
) -> None:
    """See `kernels.elo_resamples`."""
    resamples = ratings.shape[0]
    matches = np.uint64(pairs.shape[0])
    golden = np.uint64(0x9E3779B97F4A7C15)
    first_of = pairs[:, 0].astype(np.int32)
    second_of = pairs[:, 1].astype(np.int32)
    state = np.empty(LANES, dtype=np.uint64)
    for low in range(0, resamples, LANES):
        lanes = min(LANES, resamples - low)
        state[:lanes] = states[low : low + lanes]
        for _ in range(length):
            for lane in range(lanes):
                state[lane] += golden
                match = ((_mix(state[lane]) >> np.uint64(32)) * matches) >> np.uint64(32)
                first = first_of[match]
                second = second_of[match]
                row = low + lane
                lead = ratings[row, second] - ratings[row, first]
                gain = k * (scores[match] - 1.0 / (1.0 + math.exp(lead * slope)))
                ratings[row, first] += gain
                ratings[row, second] -= gain


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _loss(theta: Floats, wins: Floats, prior: float) -> float:
    systems = theta.shape[0]
    total = 0.0
    for i in range(systems):
        total += prior * (_softplus(theta[i]) - 0.5 * theta[i])
        for j in range(i):
            won, lost = wins[i, j], wins[j, i]
            if won + lost > 0.0:
                gap = theta[i] - theta[j]
                total += (won + lost) * _softplus(gap) - won * gap
    return total


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _gradient(theta: Floats, wins: Floats, prior: float, hessian: Floats, step: Floats) -> None:
    systems = theta.shape[0]
    strength = np.exp(theta)
    for i in range(systems):
        share = 1.0 / (1.0 + strength[i])
        hessian[i, i] = prior * strength[i] * share * share
        step[i] = prior * (0.5 - strength[i] * share)
    for i in range(systems):
        for j in range(i):
            won = wins[i, j]
            met = won + wins[j, i]
            share = 1.0 / (strength[i] + strength[j])
            p = strength[i] * share
            curvature = met * p * (strength[j] * share)  # above 0 where p rounds to 1
            hessian[i, j] = -curvature
            hessian[i, i] += curvature
            hessian[j, j] += curvature
            pull = won - met * p
            step[i] += pull
            step[j] -= pull


@_fast_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _solve(hessian: Floats, step: Floats) -> None:
    systems = step.shape[0]
    for i in range(systems):  # Cholesky of the lower half, in place, then both substitutions
        for j in range(i + 1):
            total = hessian[i, j]
            for q in range(j):
                total -= hessian[i, q] * hessian[j, q]
            hessian[i, j] = math.sqrt(total) if i == j else total / hessian[j, j]
    for i in range(systems):
        total = step[i]
        for q in range(i):
            total -= hessian[i, q] * step[q]
        step[i] = total / hessian[i, i]
    for i in range(systems - 1, -1, -1):
        step[i] /= hessian[i, i]
        for q in range(i):
            step[q] -= hessian[i, q] * step[i]


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def bt_fits(
    theta: Floats, wins: Floats, prior: float, tolerance: float, safe_step: float, longest_step: float, steps: int
) -> bool:
    """See `kernels.bt_fits`."""
    fits, systems = theta.shape
    hessian = np.zeros((systems, systems))
    step = np.zeros(systems)
    every = True
    for fit in range(fits):
        converged = False
        loss = np.nan
        for _ in range(steps):
            _gradient(theta[fit], wins[fit], prior, hessian, step)
            _solve(hessian, step)
            size = np.max(np.abs(step))
            if size < safe_step:
                theta[fit] += step
                loss = np.nan
                converged = size < tolerance
                if converged:
                    break
                continue
            if math.isnan(loss):
                loss = _loss(theta[fit], wins[fit], prior)
            share = min(1.0, longest_step / size)
            tried = theta[fit] + share * step
            after = _loss(tried, wins[fit], prior)
            while after > loss + 1e-12 * abs(loss) and share > 1e-6:
                share *= 0.5
                tried = theta[fit] + share * step
                after = _loss(tried, wins[fit], prior)
            theta[fit] = tried
            loss = after
        every = every and converged
    return every
