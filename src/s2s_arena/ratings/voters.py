"""Which voters do not vote like a careful listener: an anytime-valid test against the crowd without them."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, Fit, bradley_terry
from s2s_arena.ratings.elo import expected
from s2s_arena.ratings.matches import POINTS_PER_NAT, Outcomes, Pairs, checked
from s2s_arena.ratings.win_matrix import weighted_win_matrix

Floats = NDArray[np.float64]

ALPHA = 0.01
"""Share of honest voters that may ever be flagged, however long they vote and however often one looks."""

SLIP = 0.02
"""How often, at most, a listener's finger slips, and how often a voter with a habit departs from it."""


HABITS = ("random", "always first", "always second", "inverted", "pro", "anti")
"""What a voter may do instead of listening; the last two name a system."""


def _habit_weights(systems: int) -> Floats:
    alone, named = 1.0 / len(HABITS), 1.0 / (len(HABITS) * systems)
    return np.concatenate([np.full(4, alone), np.full(2 * systems, named)])


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterTest:
    """One voter's evidence so far; `after` takes the next vote in constant time, so a live board keeps one a voter.

    Attributes:
        log_ratios: Shape (4 + 2 * systems,): log-likelihood of each habit less that of voting like the crowd; first
            the four of `HABITS` without a system, then pro and then anti each system.
        votes: Decided votes seen.
        peak: Largest log e-value so far, nats.
        crossed: Number of the vote, from 1, at which the e-value first reached `1 / alpha`; None if it never did.
        alpha: Share of honest voters that may be flagged.
    """

    log_ratios: Floats
    votes: int = 0
    peak: float = 0.0
    crossed: int | None = None
    alpha: float = ALPHA

    @classmethod
    def fresh(cls, systems: int, *, alpha: float = ALPHA) -> "VoterTest":
        """A voter without votes, on a board of so many systems.

        Raises:
            InvalidMatchesError: `alpha` not between 0 and 1.
        """
        if not 0.0 < alpha < 1.0:
            raise InvalidMatchesError(f"voter test: alpha {alpha} given; a share between 0 and 1 needed, such as .01")
        return cls(log_ratios=np.zeros(4 + 2 * systems), alpha=alpha)

    @property
    def log_e_value(self) -> float:
        """Log of the average likelihood ratio now, nats; the e-value's expectation under honest votes is at most 1."""
        return float(_log_mean(self.log_ratios))

    @property
    def flagged(self) -> bool:
        """Whether the e-value ever reached 1 / alpha: reason for a look at the voter, never to delete votes."""
        return self.crossed is not None

    @property
    def habit(self) -> tuple[str, int | None]:
        """The habit that explains the votes best, and its system where it has one."""
        systems = (len(self.log_ratios) - 4) // 2
        best = int(np.argmax(self.log_ratios + np.log(_habit_weights(systems))))
        if best < 4:
            return HABITS[best], None
        return HABITS[4 + (best - 4) // systems], (best - 4) % systems

    def after(self, *, first: int, second: int, first_won: float, crowd: float) -> "VoterTest":
        """The test after one more vote.

        Args:
            first: System heard first.
            second: System heard second.
            first_won: 1 or 0; a tie tells nothing and changes nothing.
            crowd: Probability that the first wins by the votes of *others*, known before this vote, 0..1.

        Raises:
            InvalidMatchesError: A system out of range or against itself, or a probability outside 0..1.
        """
        systems = (len(self.log_ratios) - 4) // 2
        who, scores = checked(np.array([[first, second]]), np.array([first_won], dtype=np.float64), systems=systems)
        if not 0.0 <= crowd <= 1.0:
            raise InvalidMatchesError(f"voter test: crowd probability {crowd} given; 0..1 needed")
        if scores[0] not in (0.0, 1.0):
            return self
        ratios = self.log_ratios + _log_ratios(who, scores, np.array([crowd]), systems=systems)[0]
        log_e = float(_log_mean(ratios))
        votes = self.votes + 1
        reached = self.crossed is None and log_e >= -math.log(self.alpha)
        return replace(
            self,
            log_ratios=ratios,
            votes=votes,
            peak=max(self.peak, log_e),
            crossed=votes if reached else self.crossed,
        )


def voter_test(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    crowd: Floats,
    systems: int,
    alpha: float = ALPHA,
) -> tuple[VoterTest, Floats]:
    """The test after all of one voter's votes, in the order voted.

    An average of likelihood ratios against honest votes is a test martingale, so by Ville's inequality it reaches
    1 / alpha with probability at most alpha, at any time (Ramdas et al. 2023). Honest means: the first wins with the
    crowd's probability, but for a finger that slips in at most `SLIP` of the votes. Habits: random; always the
    first; always the second; against the crowd; for one system; against one system.

    Args:
        pairs: Shape (votes, 2): the systems heard first and second.
        first_won: Shape (votes,); ties change nothing.
        crowd: Shape (votes,), 0..1: probability that the first wins by the votes of others (`crowd_rates`).
        systems: How many systems there are.
        alpha: Share of honest voters that may be flagged.

    Returns:
        The test, and the log e-value after each vote, shape (votes,), nats.

    Raises:
        InvalidMatchesError: As in `VoterTest.after`, or shapes that differ.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    rates = np.asarray(crowd, dtype=np.float64)
    if rates.shape != scores.shape:
        raise InvalidMatchesError(f"voter test: crowd rates {rates.shape} for votes {scores.shape}; one each needed")
    if not ((rates >= 0.0) & (rates <= 1.0)).all():
        raise InvalidMatchesError("voter test: a crowd probability is outside 0..1 or not a number; 0..1 needed")
    fresh = VoterTest.fresh(systems, alpha=alpha)
    if not len(scores):
        return fresh, np.zeros(0)
    decided = (scores == 0.0) | (scores == 1.0)
    ratios = np.cumsum(_log_ratios(who, scores, rates, systems=systems) * decided[:, None], axis=0)
    path = _log_mean(ratios)
    over = np.flatnonzero(path >= -math.log(alpha))
    counted = np.cumsum(decided)
    made = replace(
        fresh,
        log_ratios=ratios[-1],
        votes=int(counted[-1]),
        peak=max(0.0, float(path.max())),
        crossed=int(counted[over[0]]) if len(over) else None,
    )
    return made, path


def foreseen(fit: Fit, pairs: Pairs) -> Floats:
    """Probability that the first wins, averaged over what the fit leaves open (MacKay 1992).

    A small crowd knows little, and so says little: with two others of 20 votes each, the probability at the ratings
    themselves would flag 6 % of honest voters at alpha = .01.

    Args:
        fit: Of the votes of others.
        pairs: Shape (matches, 2).

    Returns:
        Shape (matches,), 0..1.
    """
    first, second = np.asarray(pairs).T
    variance = fit.covariance[first, first] + fit.covariance[second, second] - 2.0 * fit.covariance[first, second]
    shrunk = np.sqrt(1.0 + np.pi / 8.0 * np.clip(variance, 0.0, None) / POINTS_PER_NAT**2)
    return expected((fit.ratings[first] - fit.ratings[second]) / shrunk)


def crowd_rates(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    voters: NDArray[np.integer[Any]],
    systems: int,
    prior: float = PRIOR,
) -> Floats:
    """Probability that the first wins each match by Bradley-Terry of all votes but those of the match's own voter.

    Without leaving a voter out, a busy one would be compared with itself. On a live board the same comes vote by vote
    from `foreseen(bradley_terry(all wins - own wins), ...)`.

    Args:
        pairs: Shape (votes, 2).
        first_won: Shape (votes,), 0..1.
        voters: Shape (votes,), any integers.
        systems: How many systems there are.
        prior: Weight of the virtual game, as in `bradley_terry`.

    Returns:
        Shape (votes,), 0..1.

    Raises:
        InvalidMatchesError: As in `checked`, or shapes that differ.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    given = np.asarray(voters)
    if given.shape != scores.shape:
        raise InvalidMatchesError(f"voters: {given.shape} given for votes {scores.shape}; one each needed")
    rates = np.zeros(len(scores))
    everyone = weighted_win_matrix(who, scores, systems=systems)
    start = bradley_terry(everyone, prior=prior).ratings
    order = np.argsort(given, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(given[order])) + 1) if len(scores) else []:
        own = weighted_win_matrix(who[mine], scores[mine], systems=systems)
        fit = bradley_terry(np.clip(everyone - own, 0.0, None), prior=prior, start=start)
        rates[mine] = foreseen(fit, who[mine])
    return rates


def worth_a_look(log_e_values: Floats, *, share: float = 0.05) -> NDArray[np.bool_]:
    """Voters to review such that at most `share` of them are expected to be honest (e-BH, Wang and Ramdas 2022).

    Args:
        log_e_values: Shape (voters,), nats, each at a time fixed beforehand (now, not the peak).
        share: Of false alarms among those named, 0..1.

    Returns:
        Shape (voters,).
    """
    values = np.asarray(log_e_values, dtype=np.float64)
    falling = np.argsort(-values, kind="stable")
    places = np.arange(1, len(values) + 1)
    enough = values[falling] >= np.log(len(values) / (share * places)) if len(values) else np.zeros(0, dtype=bool)
    named = np.zeros(len(values), dtype=bool)
    if enough.any():
        named[falling[: int(np.flatnonzero(enough)[-1]) + 1]] = True
    return named


def _log_ratios(who: NDArray[np.int64], scores: Floats, crowd: Floats, *, systems: int) -> Floats:
    """Shape (votes, 4 + 2 * systems): log-likelihood of each habit less that of an honest vote."""
    votes = len(scores)
    chance = np.full((votes, 4 + 2 * systems), 0.5)
    chance[:, 1] = 1.0 - SLIP
    chance[:, 2] = SLIP
    chance[:, 3] = 1.0 - crowd
    rows = np.arange(votes)
    for side, sign in ((0, 1.0), (1, -1.0)):
        chance[rows, 4 + who[:, side]] = 0.5 + sign * (0.5 - SLIP)
        chance[rows, 4 + systems + who[:, side]] = 0.5 - sign * (0.5 - SLIP)
    won = scores[:, None] > 0.5
    said = np.where(won, chance, 1.0 - chance)
    # Of all honest voters, the one who makes the vote likeliest: else one upset of a hopeless system would convict,
    # and a voter who never slips would be held against one who does.
    honest = np.where(won, crowd[:, None], 1.0 - crowd[:, None])
    honest = np.maximum(honest, (1.0 - SLIP) * honest + 0.5 * SLIP)
    ratios = np.log(np.maximum(said, 1e-300)) - np.log(honest)
    involved = np.ones((votes, 4 + 2 * systems), dtype=bool)
    involved[:, 4:] = False
    for side in (0, 1):
        involved[rows, 4 + who[:, side]] = involved[rows, 4 + systems + who[:, side]] = True
    return np.where(involved, ratios, 0.0)  # a partisan listens honestly where its system does not play


def _log_mean(ratios: Floats) -> Floats:
    systems = (ratios.shape[-1] - 4) // 2
    if systems == 0:
        return np.zeros(ratios.shape[:-1])
    weighted = ratios + np.log(_habit_weights(systems))
    top = weighted.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.exp(weighted - top).sum(axis=-1)), dtype=np.float64)
