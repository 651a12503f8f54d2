"""Ratings by people's votes, sharpened by a judge that judged everything and never trusted to be right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry, bt_resamples
from s2s_arena.ratings.clustered import one_sided
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Outcomes, Pairs, Ratings, checked
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.win_matrix import weighted_win_matrix

Floats = NDArray[np.float64]

FOLDS = 10
STEPS = 50
TOLERANCE = 1e-9  # nats
LONGEST_STEP = 2.0  # nats


@dataclass(frozen=True, slots=True, kw_only=True)
class PoweredFit:
    """What people would say of all matches, from their votes on some and a judge's on all.

    Attributes:
        ratings: Shape (systems,), Elo points with mean 1000.
        covariance: Shape (systems, systems), squared Elo points.
        power: How much the judge counts, 0 (not at all: people's votes alone) to 1.
        votes: Matches that people judged.
        alone: Covariance of people's votes alone, by the same formula.
    """

    ratings: Ratings
    covariance: Floats
    power: float
    votes: int
    alone: Floats

    @property
    def standard_errors(self) -> Floats:
        """Shape (systems,), Elo points."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))

    def interval(self, level: float = 0.95) -> tuple[Ratings, Ratings]:
        """Normal interval of each rating: (low, high), each of shape (systems,)."""
        half = z_value(level) * self.standard_errors
        return self.ratings - half, self.ratings + half

    @property
    def gain(self) -> float:
        """How many people's votes one of them is worth with the judge's help: a ratio of variances."""
        with_judge = float(np.trace(self.covariance))
        return float(np.trace(self.alone)) / with_judge if with_judge > 0.0 else 1.0

    @property
    def effective_votes(self) -> float:
        """Votes people would have to give for intervals as narrow without the judge."""
        return self.votes * self.gain


def prediction_powered(
    pairs: Pairs,
    judged: Outcomes,
    *,
    voted: Floats,
    systems: int,
    weights: Floats | None = None,
    clusters: NDArray[np.integer[Any]] | None = None,
    power: float | None = None,
    calibrated: bool = True,
    prior: float = PRIOR,
) -> PoweredFit:
    """Bradley-Terry ratings of people's opinion that a judge's verdicts sharpen but cannot bias.

    Where people voted, the judge's mistakes are seen and taken out of what it says elsewhere, so a judge that is
    wrong in a regular way costs precision, not truth (prediction-powered inference: Angelopoulos et al. 2023; how
    much it counts is tuned to the narrowest intervals: PPI++, Angelopoulos, Duchi and Zrnic 2023). People must have
    been given matches at random, or with known chances (`weights`).

    Args:
        pairs: Shape (matches, 2); a match that several people judged comes several times, in one cluster.
        judged: Shape (matches,): the judge's outcome of each, 0..1; a probability may be given as it is.
        voted: Shape (matches,): people's outcome, 0..1; NaN where nobody was asked.
        systems: How many systems there are.
        weights: Shape (matches,), above 0: one over the chance that people were asked (read where they were); alike
            by default.
        clusters: Shape (matches,): sample or judge of each match, for votes that lean together, some thirty or more;
            each match on its own by default.
        power: Weight of the judge, 0..1; tuned by default.
        calibrated: Read the judge's verdict as the chance that people say the same, as it was where they did; then
            even a judge that is mostly wrong helps.
        prior: Weight of the virtual game of each system, as in `bradley_terry`.

    Raises:
        InvalidMatchesError: As in `checked`; shapes that differ; no vote of a person, or a vote or weight out of
            range.
    """
    who, said = checked(pairs, judged, systems=systems)
    given = np.asarray(voted, dtype=np.float64)
    asked = ~np.isnan(given)
    _check(said, given, asked, weights, power)
    if clusters is not None and len(clusters) != len(said):
        raise InvalidMatchesError(f"clusters: {len(clusters)} entries given for {len(said)} matches; one each needed")
    labelled, votes = who[asked], given[asked]
    own = np.ones(len(votes)) if weights is None else np.asarray(weights, dtype=np.float64)[asked]
    own = own / own.mean()
    ids = None if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1].reshape(-1)
    design = _Design(who, given, own=own, weighted=weights is not None, systems=systems, prior=prior)
    model = bradley_terry(weighted_win_matrix(labelled, votes, systems=systems, weights=own), prior=prior)
    theta = alone = (model.ratings - START) / POINTS_PER_NAT
    if calibrated:
        said = _calibrated(who, said, given, own, ids, systems=systems, prior=prior)
    tuned = 0.0
    for _ in range(2):  # the best weight depends on the ratings, weakly
        wanted = 0.0 if asked.all() else power
        wanted = design.best_power(theta, said, ids) if wanted is None else wanted
        theta, tuned = _solved(design, theta, alone, said, wanted)
    unseen = one_sided(labelled, votes, systems=systems)
    return PoweredFit(
        ratings=START + POINTS_PER_NAT * (theta - theta.mean()),
        covariance=_widened(design.covariance(theta, said, tuned, ids), model.covariance, unseen),
        power=float(tuned),
        votes=len(votes),
        alone=_widened(design.covariance(alone, said, 0.0, ids), model.covariance, unseen),
    )


def _calibrated(
    who: NDArray[np.int64],
    said: Floats,
    given: Floats,
    own: Floats,
    ids: NDArray[np.int64] | None,
    *,
    systems: int,
    prior: float,
) -> Floats:
    """Chance that people prefer the first, from the judge's verdict, the ratings and which one was heard first.

    Cross-fitted: where people voted, from the other folds' votes alone, else the fit would flatter itself (Zrnic and
    Candès 2024).
    """
    asked = ~np.isnan(given)
    votes, labelled = given[asked], who[asked]
    fold = (np.arange(len(votes)) if ids is None else ids[asked]) % FOLDS
    wins = np.stack(
        [weighted_win_matrix(labelled, votes, systems=systems, weights=own * (fold != k)) for k in range(FOLDS)]
    )
    strengths = (bt_resamples(wins, prior=prior) - START) / POINTS_PER_NAT
    made = np.zeros(len(said))
    mine = np.empty(len(votes))
    features = np.stack([np.ones(len(said)), 2.0 * said - 1.0], axis=1)
    for k in range(FOLDS):
        gap = strengths[k, who[:, 0]] - strengths[k, who[:, 1]]
        rest = fold != k
        beta = _logistic(features[asked][rest], gap[asked][rest], votes[rest], own[rest])
        chance = 0.5 * (1.0 + np.tanh(0.5 * (gap + features @ beta)))
        made += chance / FOLDS
        mine[~rest] = chance[asked][~rest]
    made[asked] = mine
    return made


def _logistic(features: Floats, offset: Floats, votes: Floats, own: Floats) -> Floats:
    beta = np.zeros(features.shape[1])
    for _ in range(STEPS):
        p = 0.5 * (1.0 + np.tanh(0.5 * (offset + features @ beta)))
        pull = features.T @ (own * (votes - p)) - beta  # the unit ridge keeps a judge that is always right finite
        slope = (features * (own * p * (1.0 - p))[:, None]).T @ features + np.eye(len(beta))
        step = np.linalg.solve(slope, pull)
        beta = beta + step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < TOLERANCE:
            break
    return np.asarray(beta, dtype=np.float64)


def _solved(design: "_Design", start: Floats, alone: Floats, said: Floats, power: float) -> tuple[Floats, float]:
    """Strengths, and the judge's weight: halved until there is a solution, which few one-sided votes may not allow."""
    while power > 0.01:
        theta = design.solve(start, said, power)
        if theta is not None:
            return theta, power
        power *= 0.5
    return alone, 0.0


def _widened(covariance: Floats, model: Floats, unseen: NDArray[np.bool_]) -> Floats:
    missing = np.where(unseen, np.diag(model) - np.diag(covariance), 0.0)
    return np.asarray(covariance + np.diag(np.clip(missing, 0.0, None)), dtype=np.float64)


def _check(said: Floats, given: Floats, asked: NDArray[np.bool_], weights: Floats | None, power: float | None) -> None:
    if given.shape != said.shape:
        raise InvalidMatchesError(f"people's votes {given.shape} given for {said.shape} matches; NaN where none")
    if not asked.any():
        raise InvalidMatchesError("people's votes: none given; without any the judge cannot be checked")
    if not ((given[asked] >= 0.0) & (given[asked] <= 1.0)).all():
        raise InvalidMatchesError("people's votes: one is outside 0..1; 0..1 needed, or NaN where nobody was asked")
    if weights is not None:
        own = np.asarray(weights, dtype=np.float64)
        if own.shape != said.shape or not (np.isfinite(own[asked]) & (own[asked] > 0.0)).all():
            raise InvalidMatchesError("weights: one above 0 for each match that people judged needed")
    if power is not None and not 0.0 <= power <= 1.0:
        raise InvalidMatchesError(f"power {power} given; 0..1 needed")


Pulls = tuple[Floats, Floats]
"""How much each match pulls its first system up: by people (less the judge there), and by the judge elsewhere."""


class _Design:
    """The pulls of people's votes and of the judge's verdicts on the ratings."""

    def __init__(
        self, who: NDArray[np.int64], votes: Floats, *, own: Floats, weighted: bool, systems: int, prior: float
    ) -> None:
        self._who, self._systems = who, systems
        self._asked = ~np.isnan(votes)
        self._votes = np.where(self._asked, votes, 0.0)
        self._labelled = np.zeros(len(who))
        self._labelled[self._asked] = own / own.sum()
        # Where some were asked likelier than others, the rest are no random matches, so the judge speaks on all.
        elsewhere = np.ones(len(who)) if weighted else (~self._asked).astype(np.float64)
        self._others = elsewhere / max(1.0, elsewhere.sum())
        self._prior = prior / len(own)

    def _chance(self, theta: Floats) -> Floats:
        gap = theta[self._who[:, 0]] - theta[self._who[:, 1]]
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * gap)), dtype=np.float64)

    def _pulls(self, chance: Floats, said: Floats, power: float) -> Pulls:
        judge = power * (said - chance)
        return self._labelled * (self._votes - chance - judge), self._others * judge

    def _sum(self, pulls: Floats) -> Floats:
        up = np.bincount(self._who[:, 0], weights=pulls, minlength=self._systems)
        return np.asarray(up - np.bincount(self._who[:, 1], weights=pulls, minlength=self._systems), dtype=np.float64)

    def _laplacian(self, each: Floats) -> Floats:
        size = self._systems
        cells = np.bincount(self._who[:, 0] * size + self._who[:, 1], weights=each, minlength=size * size)
        met = cells.reshape(size, size)
        met = met + met.T
        return np.asarray(np.diag(met.sum(axis=1)) - met, dtype=np.float64)

    def _hessian(self, theta: Floats, chance: Floats, power: float) -> Floats:
        slope = ((1.0 - power) * self._labelled + power * self._others) * chance * (1.0 - chance)
        tail = np.exp(-np.abs(theta))
        return self._laplacian(slope) + np.diag(self._prior * tail / (1.0 + tail) ** 2)

    def solve(self, theta: Floats, said: Floats, power: float) -> Floats | None:
        """Where all pulls cancel; None where they do not, as the judge corrected says that one always wins and more."""
        for _ in range(STEPS):
            chance = self._chance(theta)
            people, judge = self._pulls(chance, said, power)
            pull = self._sum(people + judge) - self._prior * 0.5 * np.tanh(0.5 * theta)
            step = np.linalg.solve(self._hessian(theta, chance, power), pull)
            step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max(initial=0.0)), 1e-12))
            theta = theta + step
            if np.abs(step).max(initial=0.0) < TOLERANCE:
                return theta
        return None

    def covariance(self, theta: Floats, said: Floats, power: float, ids: NDArray[np.int64] | None) -> Floats:
        """Sandwich covariance of the centred ratings, squared Elo points."""
        chance = self._chance(theta)
        pulls = self._pulls(chance, said, power)
        bread = self._bread(theta, chance, power)
        # as many votes (or clusters) as systems are lost to the fit
        groups = int(self._asked.sum()) if ids is None else len(np.unique(ids[self._asked]))
        few = groups / max(1.0, groups - self._systems)
        return np.asarray(few * bread.T @ self._meat(pulls, pulls, ids) @ bread * POINTS_PER_NAT**2, dtype=np.float64)

    def best_power(self, theta: Floats, said: Floats, ids: NDArray[np.int64] | None) -> float:
        """The weight of the judge that makes the ratings' total variance least, 0..1."""
        chance = self._chance(theta)
        bread = self._bread(theta, chance, 0.0)
        people = self._pulls(chance, said, 0.0)
        both = self._pulls(chance, said, 1.0)
        judge = (both[0] - people[0], both[1])
        common = float(np.trace(bread.T @ self._meat(people, judge, ids) @ bread))
        alone = float(np.trace(bread.T @ self._meat(judge, judge, ids) @ bread))
        return float(np.clip(-common / alone, 0.0, 1.0)) if alone > 0.0 else 0.0

    def _bread(self, theta: Floats, chance: Floats, power: float) -> Floats:
        centring = np.eye(self._systems) - 1.0 / self._systems
        return np.asarray(np.linalg.inv(self._hessian(theta, chance, power)) @ centring, dtype=np.float64)

    def _meat(self, one: Pulls, other: Pulls, ids: NDArray[np.int64] | None) -> Floats:
        """Sum over clusters of one's pulls times the other's, each about its mean over people's votes and elsewhere."""
        if ids is not None:
            return np.asarray(self._about_means(one, ids).T @ self._about_means(other, ids), dtype=np.float64)
        shares = np.stack([self._labelled, self._others])
        means, other_means = (np.stack([self._sum(part) for part in pulls]) for pulls in (one, other))
        moved, other_moved = (
            np.stack([self._sum((pulls[0] + pulls[1]) * share) for share in shares]) for pulls in (one, other)
        )
        products = self._laplacian((one[0] + one[1]) * (other[0] + other[1]))
        products -= moved.T @ other_means + means.T @ other_moved
        return np.asarray(products + means.T @ (shares @ shares.T) @ other_means, dtype=np.float64)

    def _about_means(self, pulls: Pulls, ids: NDArray[np.int64]) -> Floats:
        groups, size = int(ids.max()) + 1, self._systems
        total = np.zeros((groups, size))
        for part, share in zip(pulls, (self._labelled, self._others), strict=True):
            cells = groups * size
            moved = np.bincount(ids * size + self._who[:, 0], weights=part, minlength=cells)
            moved -= np.bincount(ids * size + self._who[:, 1], weights=part, minlength=cells)
            total += moved.reshape(groups, size)
            total -= np.bincount(ids, weights=share, minlength=groups)[:, None] * self._sum(part)
        return total
