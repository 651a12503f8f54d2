"""How able each judge is, fitted together with the ratings (am-ELO): an analysis beside the board, never the board."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Outcomes, Pairs, Ratings, checked
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.win_matrix import weighted_win_matrix

Floats = NDArray[np.float64]

SPREAD = 0.5
"""Standard deviation of abilities about 1 expected before any vote; judges with few votes stay near 1."""

STEPS = 200
TOLERANCE = 1e-7
LONGEST_STEP = 1.0  # nats, or units of ability


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterFit:
    """Ratings, and how sharply each judge tells the better system from the worse.

    Attributes:
        ratings: Shape (systems,), Elo points with mean 1000, on the scale of the average vote.
        abilities: Shape (judges,): 1 is the average vote's, 0 tosses a coin, below 0 prefers the worse one.
        covariance: Shape (systems, systems), squared Elo points, of the ratings.
        ability_errors: Shape (judges,): standard errors of the abilities.
        votes: Shape (judges,): votes of each.
    """

    ratings: Ratings
    abilities: Floats
    covariance: Floats
    ability_errors: Floats
    votes: NDArray[np.int64]

    @property
    def standard_errors(self) -> Floats:
        """Of the ratings, shape (systems,), Elo points."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))

    def ability_interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Interval of each ability: (low, high), each of shape (judges,); as wide as expected where votes are few."""
        half = z_value(level) * self.ability_errors
        return self.abilities - half, self.abilities + half


def rater_abilities(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    judges: NDArray[np.integer[Any]],
    systems: int,
    raters: int | None = None,
    spread: float = SPREAD,
    prior: float = PRIOR,
) -> RaterFit:
    """Maximum a posteriori ratings R and abilities theta: the first wins with P = sigmoid(theta_judge (R_i - R_j)).

    The model of am-ELO (Liu et al. 2025). Only products of theta and R are seen, so the vote-weighted mean of the
    abilities is 1. Each ability has a normal prior about 1 and each system the virtual game of `bradley_terry`, so
    judges with few votes and undefeated systems stay finite. Ability is agreement with the other judges' common
    order, not truth: a judge alone of its taste counts as poor.

    Args:
        pairs: Shape (votes, 2).
        first_won: Shape (votes,), 0..1.
        judges: Shape (votes,), 0..raters-1.
        systems: How many systems there are.
        raters: How many judges there are; by default as many as have votes.
        spread: Standard deviation of abilities expected before any vote, above 0.
        prior: Weight of the virtual game.

    Raises:
        InvalidMatchesError: As in `checked`; judges of another shape or out of range; a spread not above 0; or the
            judges together contradict themselves, so that their mean ability is not above 0.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    ids = np.asarray(judges, dtype=np.int64)
    if ids.shape != scores.shape:
        raise InvalidMatchesError(f"judges: {ids.shape} given for votes {scores.shape}; one each needed")
    count = raters if raters is not None else int(ids.max(initial=-1)) + 1
    if len(ids) and (ids.min() < 0 or ids.max() >= count):
        bad = int(ids.min()) if ids.min() < 0 else int(ids.max())
        raise InvalidMatchesError(f"judges: index {bad} given; 0..{count - 1} allowed")
    if not spread > 0.0:
        raise InvalidMatchesError(f"rater abilities: spread {spread} given; above 0 needed")
    votes = np.bincount(ids, minlength=count).astype(np.int64)
    problem = _Problem(who, scores, ids, systems=systems, raters=count, spread=spread, prior=prior)
    start = bradley_terry(weighted_win_matrix(who, scores, systems=systems), prior=prior).ratings
    strengths, abilities = problem.solve((start - START) / POINTS_PER_NAT, np.ones(count))
    share = votes / votes.sum() if votes.sum() else np.full(count, 1.0 / max(1, count))
    mean = float(share @ abilities) if count else 1.0
    if mean <= 0.05:
        raise InvalidMatchesError(
            f"rater abilities: mean ability {mean:.2f}; the judges contradict each other, so no order is theirs"
        )
    covariance, errors = problem.uncertainty(strengths, abilities, share)
    return RaterFit(
        ratings=START + POINTS_PER_NAT * mean * (strengths - strengths.mean()) if systems else strengths,
        abilities=abilities / mean,
        covariance=covariance,
        ability_errors=errors,
        votes=votes,
    )


def _sums(places: NDArray[np.int64], values: Floats, length: int) -> Floats:
    return np.bincount(places, weights=values, minlength=length).astype(np.float64)  # integers where nothing is given


class _Problem:
    """Votes counted by (judge, pair), fitted by Fisher scoring; abilities are eliminated, as each judge is alone."""

    def __init__(
        self,
        who: NDArray[np.int64],
        scores: Floats,
        ids: NDArray[np.int64],
        *,
        systems: int,
        raters: int,
        spread: float,
        prior: float,
    ) -> None:
        turned = who[:, 0] > who[:, 1]
        low, high = np.where(turned, who[:, 1], who[:, 0]), np.where(turned, who[:, 0], who[:, 1])
        cells, inverse = np.unique((ids * systems + low) * systems + high, return_inverse=True)
        inverse = inverse.reshape(-1)
        self._met = np.bincount(inverse, minlength=len(cells)).astype(np.float64)
        self._won = np.bincount(inverse, weights=np.where(turned, 1.0 - scores, scores), minlength=len(cells))
        self._judge, rest = np.divmod(cells, max(1, systems * systems))
        self._low, self._high = np.divmod(rest, max(1, systems))
        self._systems, self._raters = systems, raters
        self._precision, self._prior = spread**-2, prior

    def _loss(self, strengths: Floats, abilities: Floats) -> float:
        lead = abilities[self._judge] * (strengths[self._low] - strengths[self._high])
        games = float((self._met * np.logaddexp(0.0, lead) - self._won * lead).sum())
        virtual = self._prior * float((np.logaddexp(0.0, strengths) - 0.5 * strengths).sum())
        return games + virtual + 0.5 * self._precision * float(((abilities - 1.0) ** 2).sum())

    def _fisher(self, strengths: Floats, abilities: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Pull on all, and information: of strengths, of both, of abilities (a diagonal)."""
        gap = strengths[self._low] - strengths[self._high]
        theta = abilities[self._judge]
        p = 0.5 * (1.0 + np.tanh(0.5 * theta * gap))
        left, slope = self._won - self._met * p, self._met * p * (1.0 - p)
        size, systems = self._systems * self._systems, self._systems
        up = _sums(self._low, theta * left, systems) - _sums(self._high, theta * left, systems)
        up = up - self._prior * 0.5 * np.tanh(0.5 * strengths)
        sharper = _sums(self._judge, gap * left, self._raters) - self._precision * (abilities - 1.0)
        met = _sums(self._low * systems + self._high, theta**2 * slope, size).reshape(systems, systems)
        met = met + met.T
        tail = np.exp(-np.abs(strengths))
        own = np.diag(met.sum(axis=1) + self._prior * tail / (1.0 + tail) ** 2) - met
        cross, cells = theta * gap * slope, self._raters * systems
        both = _sums(self._judge * systems + self._low, cross, cells)
        both = both - _sums(self._judge * systems + self._high, cross, cells)
        theirs = _sums(self._judge, gap**2 * slope, self._raters) + self._precision
        return np.concatenate([up, sharper]), own, both.reshape(self._raters, systems).T, theirs

    def solve(self, strengths: Floats, abilities: Floats) -> tuple[Floats, Floats]:
        """The mode near the start: Fisher scoring, steps halved until none goes uphill."""
        loss = self._loss(strengths, abilities)
        for _ in range(STEPS):
            pull, own, both, theirs = self._fisher(strengths, abilities)
            up, sharper = pull[: self._systems], pull[self._systems :]
            reduced = own - (both / theirs) @ both.T
            step = np.linalg.solve(reduced, up - both @ (sharper / theirs)) if self._systems else up
            turn = (sharper - both.T @ step) / theirs
            longest = max(float(np.abs(step).max(initial=0.0)), float(np.abs(turn).max(initial=0.0)), 1e-12)
            size = min(1.0, LONGEST_STEP / longest)
            for _ in range(30):
                tried = self._loss(strengths + size * step, abilities + size * turn)
                if tried <= loss + 1e-12 * abs(loss):
                    break
                size *= 0.5
            strengths, abilities, loss = strengths + size * step, abilities + size * turn, tried
            if size * longest < TOLERANCE:
                break
        return strengths, abilities

    def uncertainty(self, strengths: Floats, abilities: Floats, share: Floats) -> tuple[Floats, Floats]:
        """Covariance of the ratings and standard errors of the abilities, both as reported (delta method)."""
        systems = self._systems
        if not systems:
            return np.zeros((0, 0)), 1.0 / np.sqrt(np.full(self._raters, self._precision))
        _, own, both, theirs = self._fisher(strengths, abilities)
        taken = both / theirs
        first = np.linalg.inv(own - taken @ both.T)
        mean = float(share @ abilities) if self._raters else 1.0
        with_mean = -first @ (taken @ share)  # of the strengths with the mean ability
        mean_variance = float((share**2 / theirs).sum() - (taken @ share) @ with_mean)
        centring = np.eye(systems) - 1.0 / systems
        lead = centring @ strengths
        mixed = mean * np.outer(centring @ with_mean, lead)
        ratings = mean**2 * centring @ first @ centring + mixed + mixed.T + mean_variance * np.outer(lead, lead)
        variance = 1.0 / theirs + np.einsum("sj,st,tj->j", taken, first, taken)
        own_with_mean = share / theirs - taken.T @ with_mean
        scaled = abilities / mean
        errors = (variance - 2.0 * scaled * own_with_mean + scaled**2 * mean_variance) / mean**2
        return ratings * POINTS_PER_NAT**2, np.sqrt(np.clip(errors, 0.0, None))
