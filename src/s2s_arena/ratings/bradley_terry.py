"""Bradley-Terry strengths by damped Newton on the win matrix, regularised so that they are always finite."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import kernels
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Ratings

Matrix = NDArray[np.float64]

PRIOR = 0.5
"""Weight of the virtual drawn game that each system plays against an average opponent."""

TOLERANCE = 1e-5  # nats in the last step; the error left is about its square, 2e-8 Elo points
SAFE_STEP = 0.5  # nats: shorter Newton steps on this loss always go downhill, so they need no check
STEPS = 100
LONGEST_STEP = 3.0  # nats: further out the curve is flat, and Newton would overshoot for ever
BLOCK = 400_000  # cells of win matrices fitted at once: temporaries then stay near the processor


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Strengths and how well they are known.

    Attributes:
        ratings: Shape (systems,), Elo points with mean 1000.
        covariance: Shape (systems, systems), squared Elo points, of the ratings as reported (rows sum to 0).
    """

    ratings: Ratings
    covariance: Matrix

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Shape (systems,), Elo points."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))


def bradley_terry(
    wins: NDArray[np.integer[Any]] | Matrix, *, prior: float = PRIOR, start: Ratings | None = None
) -> Fit:
    """Maximum a posteriori strengths of a win matrix.

    Every system also plays `prior` of a drawn virtual game against an average opponent, so undefeated,
    unplayed and unconnected systems have finite ratings with wide errors.

    Args:
        wins: Shape (systems, systems): wins[i, j] games (or weight) that i won against j; the diagonal is ignored.
        prior: Weight of the virtual game, above 0.
        start: Ratings to begin from; the answer does not depend on it, the time does.

    Raises:
        InvalidMatchesError: The matrix is not square, or an entry is negative or not finite.
    """
    theta, inverse = strengths(checked_wins(wins), prior=prior, start=start)
    systems = len(theta)
    centring = np.eye(systems) - 1.0 / max(1, systems)
    return Fit(ratings=_reported(theta), covariance=centring @ inverse @ centring * POINTS_PER_NAT**2)


def strengths(
    wins: Matrix, *, prior: float = PRIOR, start: Ratings | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strengths in nats against the average opponent of the virtual games, and the loss's inverse Hessian there.

    Args:
        wins: As `checked_wins` gives it.
        prior: Weight of the virtual game.
        start: Ratings to begin from.

    Returns:
        Shapes (systems,) and (systems, systems).
    """
    theta = bt_resamples(wins[None], prior=prior, start=start, centred=False)[0]
    hessian = _hessian(theta[None], (wins + wins.T)[None], prior)[0]
    return theta, np.linalg.inv(hessian) if len(theta) else hessian


def bt_resamples(
    wins: Matrix, *, prior: float = PRIOR, start: Ratings | None = None, centred: bool = True
) -> NDArray[np.float64]:
    """Strengths of many win matrices.

    Args:
        wins: Shape (fits, systems, systems), zero diagonals.
        prior: Weight of the virtual game.
        start: Ratings, shape (systems,), to begin all fits from.
        centred: Elo points with mean 1000; otherwise nats against the average opponent.

    Returns:
        Shape (fits, systems).
    """
    fits, systems, _ = wins.shape
    theta = np.zeros((fits, systems))
    if start is not None:
        theta[:] = (start - START) / POINTS_PER_NAT
    compiled = kernels.worth(fits * systems * systems, alone=COMPILED_FROM)
    wins = np.ascontiguousarray(wins, dtype=np.float64)
    left = np.arange(fits)
    if start is not None and fits >= CHORDS_FROM and systems > 1:
        left = left[~_chords(theta, wins, prior, compiled=compiled)]
    if len(left):
        theta[left] = _fitted(theta[left], wins if len(left) == fits else wins[left], prior, compiled=compiled)
    return _reported(theta) if centred else theta


def _fitted(theta: NDArray[np.float64], wins: Matrix, prior: float, *, compiled: bool) -> NDArray[np.float64]:
    if compiled:
        kernels.bt_fits(
            theta,
            wins,
            prior=prior,
            tolerance=TOLERANCE,
            safe_step=SAFE_STEP,
            longest_step=LONGEST_STEP,
            steps=STEPS,
        )
        return theta
    block = max(1, BLOCK // max(1, theta.shape[1] ** 2))
    for low in range(0, len(theta), block):
        theta[low : low + block] = _newton(theta[low : low + block], wins[low : low + block], prior)
    return theta


def _chords(theta: NDArray[np.float64], wins: Matrix, prior: float, *, compiled: bool) -> NDArray[np.bool_]:
    """Which fits came home by steps with one common Hessian, that of their mean matrix; the others keep their start.

    Resamples lie so near the original that their own Hessians would hardly differ, and one inverse costs nothing.
    """
    mean = wins.mean(axis=0)
    inverse = np.linalg.inv(_hessian(theta[:1], (mean + mean.T)[None], prior)[0])
    if compiled:
        return kernels.bt_chords(theta, wins, inverse=inverse, prior=prior, tolerance=CHORD_TOLERANCE, rounds=CHORDS)
    settled = np.zeros(len(theta), dtype=np.bool_)
    block = max(1, BLOCK // theta.shape[1] ** 2)
    for low in range(0, len(theta), block):
        some = slice(low, low + block)
        settled[some] = _chords_by_array(theta[some], wins[some], inverse, prior)
    return settled


def _chords_by_array(theta: NDArray[np.float64], wins: Matrix, inverse: Matrix, prior: float) -> NDArray[np.bool_]:
    settled = np.zeros(len(theta), dtype=np.bool_)
    active = np.arange(len(theta))
    met = wins + wins.transpose(0, 2, 1)
    won = wins.sum(axis=2)
    now = theta.copy()
    last = np.full(len(theta), np.inf)
    for _ in range(CHORDS):
        strength = np.exp(now)
        share = strength[:, :, None] + strength[:, None, :]
        np.divide(met, share, out=share)
        pull = won - strength * share.sum(axis=2) + prior * (0.5 - strength / (1.0 + strength))
        step = pull @ inverse
        now += step
        size = np.abs(step).max(axis=1)
        going = (size <= 0.5 * last) & (size <= 2.0)
        home = going & (size < CHORD_TOLERANCE)
        settled[active[home]] = True
        theta[active[home]] = now[home]
        going &= ~home
        if not going.any():
            break
        last = size
        if not going.all():
            active, now, met, won, last = active[going], now[going], met[going], won[going], last[going]
    return settled


CHORDS_FROM = 8  # fits from one start that share a Hessian
CHORDS = 25
CHORD_TOLERANCE = 1e-9  # nats; steps at least halve, so the error left is no longer than the last step
COMPILED_FROM = 6_000_000  # matrix cells in all: below, importing the compiler costs more than it saves


def checked_wins(wins: NDArray[np.integer[Any]] | Matrix) -> Matrix:
    """The win matrix as float64 with a zero diagonal.

    Raises:
        InvalidMatchesError: The matrix is not square, or an entry is negative or not finite.
    """
    matrix = np.array(wins, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InvalidMatchesError(f"win matrix: shape {matrix.shape} given; (systems, systems) needed")
    if not np.isfinite(matrix).all() or (matrix < 0.0).any():
        raise InvalidMatchesError("win matrix: an entry is negative or not finite; give counts or weights from 0 up")
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _reported(theta: NDArray[np.float64]) -> NDArray[np.float64]:
    if theta.shape[-1] == 0:
        return theta
    return np.asarray(START + POINTS_PER_NAT * (theta - theta.mean(axis=-1, keepdims=True)), dtype=np.float64)


def _win_probability(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * gap)), dtype=np.float64)  # tanh does not overflow


def _slope(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    tail = np.exp(-np.abs(gap))  # p (1 - p) written so that it stays above 0 where p rounds to 1
    return np.asarray(tail / (1.0 + tail) ** 2, dtype=np.float64)


def _hessian(theta: NDArray[np.float64], met: Matrix, prior: float) -> NDArray[np.float64]:
    curvature = met * _slope(theta[:, :, None] - theta[:, None, :])
    hessian = -curvature
    diagonal = np.arange(theta.shape[1])
    hessian[:, diagonal, diagonal] = curvature.sum(axis=2) + prior * _slope(theta)
    return hessian


def _loss(theta: NDArray[np.float64], wins: Matrix, prior: float) -> NDArray[np.float64]:
    gap = theta[:, :, None] - theta[:, None, :]
    games = np.einsum("bij,bij->b", wins, np.logaddexp(0.0, -gap))
    virtual = prior * (np.logaddexp(0.0, theta) - 0.5 * theta).sum(axis=1)
    return np.asarray(games + virtual, dtype=np.float64)


def _downhill(theta: NDArray[np.float64], step: NDArray[np.float64], wins: Matrix, prior: float) -> NDArray[np.float64]:
    """The steps cut to `LONGEST_STEP` and halved until none goes uphill."""
    step = step * np.minimum(1.0, LONGEST_STEP / np.abs(step).max(axis=1))[:, None]
    before = _loss(theta, wins, prior)
    for _ in range(20):
        worse = _loss(theta + step, wins, prior) > before + 1e-12 * np.abs(before)
        if not worse.any():
            break
        step[worse] *= 0.5
    return step


def _newton(start: NDArray[np.float64], wins: Matrix, prior: float) -> NDArray[np.float64]:
    theta = start.copy()
    met = wins + wins.transpose(0, 2, 1)
    won = wins.sum(axis=2)
    active = np.arange(len(theta))
    for _ in range(STEPS):
        now = theta[active]
        games = met[active]
        p = _win_probability(now[:, :, None] - now[:, None, :])
        pull = won[active] - np.einsum("bij,bij->bi", games, p) + prior * (0.5 - _win_probability(now))
        step = np.linalg.solve(_hessian(now, games, prior), pull[:, :, None])[:, :, 0]
        size = np.abs(step).max(axis=1, initial=0.0)
        far = size >= SAFE_STEP
        if far.any():
            step[far] = _downhill(now[far], step[far], wins[active[far]], prior)
        theta[active] = now + step
        active = active[size >= TOLERANCE]
        if not len(active):
            break
    return theta
