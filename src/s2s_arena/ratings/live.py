"""A live board: the win matrix of the votes so far, refitted within a fraction of a millisecond after each vote."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, Fit, bradley_terry, checked_wins, strengths
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Ratings

TOLERANCE = 1e-9  # nats in the last step
ROUNDS = 30


class LiveBoard:
    """Bradley-Terry that follows votes one at a time, in either direction (a vote may be taken back).

    Each refit begins from the last one with its inverse Hessian, kept up to date by a rank-one change for the
    vote, so it takes a few matrix-vector products; where that is not enough, a full fit is made.
    """

    def __init__(self, wins: NDArray[np.float64] | NDArray[np.int64], *, prior: float = PRIOR) -> None:
        """Begin from a win matrix, shape (systems, systems); zeros for no votes yet.

        Raises:
            InvalidMatchesError: As in `bradley_terry`.
        """
        self._wins = checked_wins(wins)
        self._prior = prior
        self._theta, self._inverse = strengths(self._wins, prior=prior)
        self._met = self._wins + self._wins.T
        self._won = self._wins.sum(axis=1)

    @property
    def systems(self) -> int:
        """How many systems there are."""
        return len(self._wins)

    @property
    def wins(self) -> NDArray[np.float64]:
        """A copy of the win matrix, shape (systems, systems)."""
        return self._wins.copy()

    @property
    def ratings(self) -> Ratings:
        """Shape (systems,), Elo points with mean 1000."""
        return np.asarray(START + POINTS_PER_NAT * (self._theta - self._theta.mean()), dtype=np.float64)

    def fit(self) -> Fit:
        """Ratings with their covariance, as `bradley_terry` gives them."""
        return bradley_terry(self._wins, prior=self._prior, start=self.ratings)

    def vote(self, winner: int, loser: int, *, weight: float = 1.0) -> Ratings:
        """Count a vote and return the new ratings, shape (systems,).

        Args:
            winner: Index of the system that won.
            loser: Index of the one that lost.
            weight: 1 for a vote, -1 to take one back; for a tie, vote half each way.

        Raises:
            InvalidMatchesError: An index is out of range, a system meets itself, or more is taken back than given.
        """
        if winner == loser or not (0 <= winner < self.systems and 0 <= loser < self.systems):
            raise InvalidMatchesError(
                f"vote: systems {winner} and {loser} given; two different ones of 0..{self.systems - 1} needed"
            )
        if not self._wins[winner, loser] + weight >= 0.0:
            raise InvalidMatchesError(
                f"vote: {-weight:g} taken back from {self._wins[winner, loser]:g} of {winner} over {loser}"
            )
        self._wins[winner, loser] += weight
        self._met[winner, loser] += weight
        self._met[loser, winner] += weight
        self._won[winner] += weight
        self._learn(winner, loser, weight)
        self._follow()
        return self.ratings

    def _learn(self, winner: int, loser: int, weight: float) -> None:
        gap = abs(self._theta[winner] - self._theta[loser])
        curvature = weight * np.exp(-gap) / (1.0 + np.exp(-gap)) ** 2
        column = self._inverse[:, winner] - self._inverse[:, loser]
        scale = 1.0 + curvature * (column[winner] - column[loser])
        if scale > 1e-3:  # Sherman and Morrison; near zero it would lose its digits
            self._inverse -= np.outer(column, column * (curvature / scale))

    def _follow(self) -> None:
        theta = self._theta.copy()
        last = np.inf
        for _ in range(ROUNDS):
            strength = np.exp(theta)
            met = (self._met / (strength[:, None] + strength)).sum(axis=1)
            pull = self._won - strength * met + self._prior * (0.5 - strength / (1.0 + strength))
            step = self._inverse @ pull
            theta += step
            size = float(np.abs(step).max())
            if not size <= 0.3 * last or size > 1.0:
                break
            if size < TOLERANCE:
                self._theta = theta
                return
            last = size
        self._theta, self._inverse = strengths(self._wins, prior=self._prior, start=self.ratings)
