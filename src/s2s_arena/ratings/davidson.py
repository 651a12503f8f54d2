"""Bradley-Terry with ties as outcomes of their own (Davidson 1970), and ties of two types: both good, both bad.

With a gap of g nats, win : tie : loss are as exp(g / 2) : nu : exp(-g / 2), so a tie is likeliest between equals
and the odds of a win against a loss are those of Bradley-Terry. "Both good" is such a tie: two answers that cannot
be told apart. "Both bad" says nothing of who is better and much of how hard the match was: it never enters the
strengths, nor counts as half a win, and is reported beside them as the share of a system's matches that ended so.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.agreement import Estimate, wilson
from s2s_arena.ratings.bradley_terry import PRIOR, checked_wins
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Ratings
from s2s_arena.ratings.ranks import z_value

Matrix = NDArray[np.float64]

STEPS = 200
TOLERANCE = 1e-9  # nats in the last step
LONGEST_STEP = 2.0  # nats: further out the curve is flat, and Newton would overshoot


@dataclass(frozen=True, slots=True, kw_only=True)
class TieFit:
    """Strengths and the readiness to tie.

    Attributes:
        ratings: Shape (systems,), Elo points with mean 1000.
        covariance: Shape (systems, systems), squared Elo points, of the ratings as reported.
        nu: Davidson's parameter, above 0; equals tie with chance nu / (2 + nu).
        nu_low: Lower end of its 95 % interval (normal in log nu).
        nu_high: Upper end.
    """

    ratings: Ratings
    covariance: Matrix
    nu: float
    nu_low: float
    nu_high: float

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        """Shape (systems,), Elo points."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))

    @property
    def tie_rate(self) -> float:
        """Chance that two equals tie, 0..1."""
        return self.nu / (2.0 + self.nu)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTies:
    """Strengths from wins and "both good", and how often nobody was any good.

    Attributes:
        fit: Davidson's fit with "both good" as the tie.
        both_bad: For each system the share of its matches that were "both bad", with a Wilson interval.
        pairs: Shape (systems, systems): the share for each pair; NaN where they never met, a hole in a table.
    """

    fit: TieFit
    both_bad: tuple[Estimate, ...]
    pairs: Matrix


def outcome_chances(gap: NDArray[np.float64], *, nu: float) -> NDArray[np.float64]:
    """Chances of win, tie and loss at a lead of `gap` Elo points.

    Args:
        gap: Shape (...).
        nu: Davidson's parameter, not negative.

    Returns:
        Shape (..., 3), rows summing to 1.
    """
    half = 0.5 * np.asarray(gap, dtype=np.float64) / POINTS_PER_NAT
    top = np.abs(half)
    parts = np.stack([np.exp(half - top), nu * np.exp(-top), np.exp(-half - top)], axis=-1)
    return np.asarray(parts / parts.sum(axis=-1, keepdims=True), dtype=np.float64)


def davidson(
    wins: NDArray[np.integer[Any]] | Matrix, ties: NDArray[np.integer[Any]] | Matrix, *, prior: float = PRIOR
) -> TieFit:
    """Maximum a posteriori strengths where ties are legal.

    Regularised as `bradley_terry` is: each system plays `prior` of a drawn virtual game against an average opponent.
    Two equals also play half a virtual game that is tied and half a one that is not, so nu is finite and above 0.

    Args:
        wins: Shape (systems, systems): wins[i, j] games (or weight) that i won against j.
        ties: Shape (systems, systems), symmetric: games tied between i and j.
        prior: Weight of the virtual game, above 0.

    Raises:
        InvalidMatchesError: A matrix is not square, has a negative or infinite entry, or ties is not symmetric.
    """
    won, tied = checked_wins(wins), checked_wins(ties)
    if won.shape != tied.shape or not np.array_equal(tied, tied.T):
        raise InvalidMatchesError(
            f"ties: shape {tied.shape} given for wins of {won.shape}; the same shape and a symmetric matrix needed"
        )
    systems = len(won)
    at = np.zeros(systems + 1)
    loss, gradient, hessian = loss_and_slopes(at, won, tied, prior=prior)
    for _ in range(STEPS):
        step = -np.linalg.solve(hessian, gradient)
        size = float(np.abs(step).max())
        share = min(1.0, LONGEST_STEP / size) if size > 0.0 else 1.0
        tried = loss_and_slopes(at + share * step, won, tied, prior=prior)
        while tried[0] > loss + 1e-10 * abs(loss) and share > 1e-6:  # the loss is convex: some share goes downhill
            share *= 0.5
            tried = loss_and_slopes(at + share * step, won, tied, prior=prior)
        at = at + share * step
        loss, gradient, hessian = tried
        if size < TOLERANCE:
            break
    theta, log_nu = at[:systems], float(at[systems])
    inverse = np.linalg.inv(hessian)
    centring = np.eye(systems) - 1.0 / max(1, systems)
    covariance = centring @ inverse[:systems, :systems] @ centring * POINTS_PER_NAT**2
    reach = z_value(0.95) * math.sqrt(inverse[systems, systems])
    return TieFit(
        ratings=START + POINTS_PER_NAT * (theta - theta.mean()) if systems else theta,
        covariance=covariance,
        nu=math.exp(log_nu),
        nu_low=math.exp(log_nu - reach),
        nu_high=math.exp(log_nu + reach),
    )


def loss_and_slopes(
    at: NDArray[np.float64], wins: Matrix, ties: Matrix, *, prior: float
) -> tuple[float, NDArray[np.float64], Matrix]:
    """Penalised negative log-likelihood, its gradient and its Hessian.

    Args:
        at: Shape (systems + 1,): strengths in nats, then log nu.
        wins: Shape (systems, systems).
        ties: Shape (systems, systems), symmetric.
        prior: Weight of each system's virtual game.
    """
    systems = len(wins)
    theta, nu = at[:systems], math.exp(at[systems])
    upper = np.triu_indices(systems, 1)
    half = 0.5 * (theta[upper[0]] - theta[upper[1]])
    net = wins[upper] - wins.T[upper]
    met = wins[upper] + wins.T[upper] + ties[upper]
    total_ties = float(ties[upper].sum())
    top = np.abs(half)
    better, worse, tie = np.exp(half - top), np.exp(-half - top), nu * np.exp(-top)
    norm = better + worse + tie
    lean = 0.5 * (better - worse) / norm
    tied = tie / norm
    virtual_tie = nu / (2.0 + nu)
    loss = float((met * (np.log(norm) + top)).sum() - (net * half).sum() - total_ties * at[systems])
    loss += float(prior * (np.logaddexp(0.0, theta) - 0.5 * theta).sum())
    loss += math.log(2.0 + nu) - 0.5 * at[systems]
    pull = met * lean - 0.5 * net
    gradient = np.zeros(systems + 1)
    np.add.at(gradient, upper[0], pull)
    np.add.at(gradient, upper[1], -pull)
    average = 0.5 * (1.0 + np.tanh(0.5 * theta))
    gradient[:systems] += prior * (average - 0.5)
    gradient[systems] = float((met * tied).sum()) - total_ties + virtual_tie - 0.5
    curvature = met * (0.25 * (better + worse) / norm - lean**2)
    hessian = np.zeros((systems + 1, systems + 1))
    hessian[upper] = hessian[upper[::-1]] = -curvature
    diagonal = np.arange(systems)
    hessian[diagonal, diagonal] = -hessian[:systems, :systems].sum(axis=1) + prior * average * (1.0 - average)
    cross = np.zeros(systems)
    np.add.at(cross, upper[0], -met * lean * tied)
    np.add.at(cross, upper[1], met * lean * tied)
    hessian[systems, :systems] = hessian[:systems, systems] = cross
    hessian[systems, systems] = float((met * tied * (1.0 - tied)).sum()) + virtual_tie * (1.0 - virtual_tie)
    return loss, gradient, hessian


def typed_ties(
    wins: NDArray[np.integer[Any]],
    both_good: NDArray[np.integer[Any]],
    both_bad: NDArray[np.integer[Any]],
    *,
    prior: float = PRIOR,
) -> TypedTies:
    """Strengths from wins and "both good"; "both bad" apart, as shares.

    Args:
        wins: Shape (systems, systems), counts.
        both_good: Shape (systems, systems), symmetric counts.
        both_bad: Shape (systems, systems), symmetric counts.
        prior: As in `davidson`.

    Raises:
        InvalidMatchesError: As in `davidson`, for either kind of tie.
    """
    fit = davidson(wins, both_good, prior=prior)
    bad = checked_wins(both_bad)
    if bad.shape != np.shape(wins) or not np.array_equal(bad, bad.T):
        raise InvalidMatchesError(
            f"both bad: shape {bad.shape} given for wins of {np.shape(wins)}; the same and a symmetric matrix needed"
        )
    met = checked_wins(wins) + checked_wins(wins).T + checked_wins(both_good) + bad
    rows, played = bad.sum(axis=1), met.sum(axis=1)
    pairs = np.full(bad.shape, np.nan)
    np.divide(bad, met, out=pairs, where=met > 0)
    return TypedTies(
        fit=fit,
        both_bad=tuple(wilson(n, round(of)) for n, of in zip(rows.tolist(), played.tolist(), strict=True)),
        pairs=pairs,
    )
