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
_curve_jit: Any = numba.njit(cache=True, fastmath={"contract"}, nogil=True, boundscheck=False, error_model="numpy")
"""Divisions do not check for zero, so that they run in vector registers too."""


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


LANES = 16  # resamples in flight: their logistic curves are evaluated together, in vector registers


@_curve_jit  # type: ignore[untyped-decorator]  # numba ships no types
def elo_resamples(
    ratings: Floats,
    codes: NDArray[Any],
    shift: int,
    offsets: Floats,
    states: NDArray[np.uint64],
    begin: int,
    length: int,
    k: float,
    slope: float,
) -> None:
    """See `kernels.elo_resamples`; `codes` packs first << shift | second, `offsets` is k (score - 1) or empty."""
    resamples, systems = ratings.shape
    matches = np.uint64(codes.shape[0])
    mask = (np.int64(1) << np.int64(shift)) - np.int64(1)
    tied = offsets.shape[0] > 0
    lead = np.empty(LANES)
    tail = np.empty(LANES)
    scaled = np.empty(LANES)
    bits = scaled.view(np.int64)
    one = np.empty(LANES, dtype=np.int64)
    two = np.empty(LANES, dtype=np.int64)
    word = np.empty(LANES, dtype=np.uint64)
    start = np.empty(LANES, dtype=np.uint64)
    extra = np.zeros(LANES)
    table = np.empty(systems * LANES)
    for low in range(0, resamples, LANES):
        lanes = min(LANES, resamples - low)
        for lane in range(LANES):  # a last, short group repeats its last resample and drops the copies
            row = low + min(lane, lanes - 1)
            start[lane] = states[row]
            for system in range(systems):
                table[system * LANES + lane] = ratings[row, system]
        for step in range(begin, begin + length):
            if step & 1 == 0 or step == begin:
                ahead = np.uint64((step >> 1) + 1) * np.uint64(0x9E3779B97F4A7C15)
                for lane in range(LANES):
                    word[lane] = _mix(start[lane] + ahead)
                if step & 1:
                    for lane in range(LANES):
                        word[lane] <<= np.uint64(32)
            for lane in range(LANES):
                match = ((word[lane] >> np.uint64(32)) * matches) >> np.uint64(32)
                word[lane] <<= np.uint64(32)
                code = np.int64(codes[match])
                here = (code >> shift) * LANES + lane
                there = (code & mask) * LANES + lane
                one[lane] = here
                two[lane] = there
                lead[lane] = (table[here] - table[there]) * slope
                if tied:
                    extra[lane] = offsets[match]
            for lane in range(LANES):  # exp by halving to |r| < ln 2 / 2 and a Taylor series, good to 1e-14
                x = min(max(lead[lane], -700.0), 700.0)
                whole = x * 1.4426950408889634 + 6755399441055744.0
                scaled[lane] = whole  # its lowest bits are now the power of two
                whole -= 6755399441055744.0
                r = (x - whole * 6.93147180369123816490e-01) - whole * 1.90821492927058770002e-10
                p = 1.0 / 39916800.0
                p = p * r + 1.0 / 3628800.0
                p = p * r + 1.0 / 362880.0
                p = p * r + 1.0 / 40320.0
                p = p * r + 1.0 / 5040.0
                p = p * r + 1.0 / 720.0
                p = p * r + 1.0 / 120.0
                p = p * r + 1.0 / 24.0
                p = p * r + 1.0 / 6.0
                p = p * r + 0.5
                p = p * r + 1.0
                tail[lane] = p * r + 1.0
            for lane in range(LANES):
                bits[lane] = (bits[lane] + np.int64(1023)) << np.int64(52)
            for lane in range(LANES):
                lead[lane] = extra[lane] + k / (1.0 + tail[lane] * scaled[lane])
            for lane in range(LANES):
                gain = lead[lane]
                table[one[lane]] += gain
                table[two[lane]] -= gain
        for lane in range(lanes):
            for system in range(systems):
                ratings[low + lane, system] = table[system * LANES + lane]


@_jit  # type: ignore[untyped-decorator]  # numba ships no types
def _met(wins: Floats, met: Floats, won: Floats) -> None:
    systems = wins.shape[0]
    for i in range(systems):
        won[i] = 0.0
        for j in range(systems):
            won[i] += wins[i, j]
            met[i, j] = wins[i, j] + wins[j, i]


@_fast_jit  # type: ignore[untyped-decorator]  # numba ships no types
def bt_chords(
    theta: Floats,
    wins: Floats,
    inverse: Floats,
    prior: float,
    tolerance: float,
    rounds: int,
    settled: NDArray[np.bool_],
) -> None:
    """See `kernels.bt_chords`."""
    fits, systems = theta.shape
    met = np.empty((systems, systems))
    won = np.empty(systems)
    pull = np.empty(systems)
    now = np.empty(systems)
    strength = np.empty(systems)
    for fit in range(fits):
        _met(wins[fit], met, won)
        now[:] = theta[fit]
        last = np.inf
        for _ in range(rounds):
            for i in range(systems):
                strength[i] = math.exp(now[i])
            for i in range(systems):
                mine = strength[i]
                total = 0.0
                for j in range(systems):
                    total += met[i, j] / (mine + strength[j])
                pull[i] = won[i] - mine * total + prior * (0.5 - mine / (1.0 + mine))
            size = 0.0
            for i in range(systems):
                step = 0.0
                for j in range(systems):
                    step += inverse[i, j] * pull[j]
                now[i] += step
                size = max(size, abs(step))
            if not size <= 0.5 * last or size > 2.0:
                break
            last = size
            if size < tolerance:
                settled[fit] = True
                theta[fit] = now
                break


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
