"""Style control for speech: what length, loudness, silence, pace and being heard first win; ratings without them."""

from collections.abc import Mapping
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

RIDGE = 1.0
"""Precision of the normal prior of each coefficient, in log-odds per unit: one unit is a priori a common size."""

HEARD_FIRST = "heard_first"
STEPS = 100
TOLERANCE = 1e-9  # nats in the last Newton step
LONGEST_STEP = 1.0  # nats: longer Newton steps may overshoot where a side is nearly always right
DECIBELS_PER_DOUBLING = 10.0  # of perceived loudness: sones double every 10 phons (Stevens 1955)


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleEffect:
    """What one feature of style is worth.

    Attributes:
        name: Of the feature, or "heard_first".
        coefficient: Log-odds of winning for one standard unit more of the feature; for `heard_first`, of being first.
        standard_error: Log-odds, sandwich.
        low: Log-odds, interval at the level of the fit.
        high: Log-odds.
        points: The coefficient in Elo points.
        scale: One standard unit: root mean square of the contrast (a - b) / (a + b) over matches; 1 for `heard_first`.
        known: Share of matches, 0..1, in which the feature of both answers is known.
    """

    name: str
    coefficient: float
    standard_error: float
    low: float
    high: float
    points: float
    scale: float
    known: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleFit:
    """Ratings at equal style, and what style is worth.

    Attributes:
        effects: In the order given; `heard_first` last.
        plain: Shape (systems,), Elo points, mean 1000: without style control.
        ratings: Shape (systems,), Elo points, mean 1000: with it.
        covariance: Shape (systems, systems), squared Elo points, of `ratings`, from the curvature of the model: right
            if matches are independent, and wide for undefeated and unplayed systems.
        robust_covariance: Shape (systems, systems), squared Elo points: the sandwich, right also when matches share
            clusters, but too narrow for systems that are nearly undefeated.
        level: Of the intervals of `effects`.
        matches: How many.
        clusters: How many the sandwich rests on; as many as matches without clusters.
    """

    effects: tuple[StyleEffect, ...]
    plain: Ratings
    ratings: Ratings
    covariance: Floats
    robust_covariance: Floats
    level: float
    matches: int
    clusters: int


def contrast(first: Floats, second: Floats) -> Floats:
    """(a - b) / (a + b) of two quantities from 0 up; 0 where both are 0, NaN where one is not known.

    Use it for seconds and for syllables a second. Doubling an answer is the same contrast whatever its length.

    Args:
        first: Shape (matches,), of the answer heard first.
        second: Shape (matches,), of the other.

    Returns:
        Shape (matches,), -1..1.

    Raises:
        InvalidMatchesError: A quantity below 0, or shapes that differ.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InvalidMatchesError(
            f"style: features of shapes {a.shape} and {b.shape} given; (matches,) needed for both"
        )
    if (a < 0.0).any() or (b < 0.0).any():
        raise InvalidMatchesError(
            "style: a quantity below 0 given; give levels in decibels to loudness_contrast instead"
        )
    known = np.isfinite(a) & np.isfinite(b)
    result = np.where(known, 0.0, np.nan)
    np.divide(a - b, a + b, out=result, where=known & (a + b > 0.0))
    return result


def loudness_contrast(first_db: Floats, second_db: Floats) -> Floats:
    """(a - b) / (a + b) of perceived loudness, which doubles every 10 dB (Stevens).

    Decibels have an arbitrary zero and are negative below full scale, so their own (a - b) / (a + b) means nothing.
    Loudness in sones, 2^(dB / 10), is what listeners compare; its contrast depends on the difference in decibels
    only, so LUFS and dBFS, and any common gain, give the same: tanh(ln 2 / 20 times the difference).

    Args:
        first_db: Shape (matches,), LUFS or dBFS; NaN or minus infinity (silence) counts as not known.
        second_db: Shape (matches,).

    Returns:
        Shape (matches,), -1..1: 1/3 for 10 dB more.

    Raises:
        InvalidMatchesError: Shapes that differ.
    """
    a, b = np.asarray(first_db, dtype=np.float64), np.asarray(second_db, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InvalidMatchesError(
            f"style: features of shapes {a.shape} and {b.shape} given; (matches,) needed for both"
        )
    gap = np.full(a.shape, np.nan)
    np.subtract(a, b, out=gap, where=np.isfinite(a) & np.isfinite(b))
    return np.asarray(np.tanh(np.log(2.0) / (2.0 * DECIBELS_PER_DOUBLING) * gap), dtype=np.float64)


def style_control(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    features: Mapping[str, Floats],
    clusters: NDArray[np.integer[Any]] | None = None,
    prior: float = PRIOR,
    ridge: float = RIDGE,
    level: float = 0.95,
) -> StyleFit:
    """Logistic Bradley-Terry with style: log-odds(first wins) = R_first - R_second + features + heard first.

    Contrasts are divided by their root mean square and not centred: swapping the sides then only changes signs, and
    equal style counts for nobody. Where a feature is not known the contrast is 0, as for equal style.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        features: Name to contrast, each of shape (matches,), from `contrast` or `loudness_contrast`; NaN for not known.
        clusters: Shape (matches,): which sample or judge each match belongs to, for the sandwich.
        prior: Weight of the virtual game of each system, as in `bradley_terry`.
        ridge: Precision of the normal prior of every coefficient, above 0.
        level: Of the intervals, in (0, 1).

    Raises:
        InvalidMatchesError: As in `checked`; a feature or cluster array of another shape; a reserved name; a prior
            or ridge not above 0.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    if prior <= 0.0 or ridge <= 0.0:
        raise InvalidMatchesError(f"style: prior {prior} and ridge {ridge} given; both above 0 needed")
    if HEARD_FIRST in features:
        raise InvalidMatchesError(f"style: a feature named {HEARD_FIRST} given; the model has it already, leave it out")
    styles, scales, known = _standardised(features, matches=len(scores))
    model = _Model(who=who, scores=scores, styles=styles, systems=systems, prior=prior, ridge=ridge)
    plain = bradley_terry(weighted_win_matrix(who, scores, systems=systems), prior=prior).ratings
    start = np.concatenate([(plain - START) / POINTS_PER_NAT, np.zeros(styles.shape[1])])
    weights = model.fitted(start)
    bread = np.linalg.inv(model.hessian(weights))
    groups, filling = model.filling(weights, _indexed(clusters, matches=len(scores)))
    robust = bread @ (filling + model.penalty(weights)) @ bread
    errors = np.sqrt(np.clip(np.diag(bread @ filling @ bread), 0.0, None))
    centring = np.eye(systems) - 1.0 / max(1, systems)
    z = z_value(level)
    effects = tuple(
        StyleEffect(
            name=name,
            coefficient=float(weights[at]),
            standard_error=float(errors[at]),
            low=float(weights[at] - z * errors[at]),
            high=float(weights[at] + z * errors[at]),
            points=float(weights[at]) * POINTS_PER_NAT,
            scale=scale,
            known=share,
        )
        for at, (name, scale, share) in enumerate(
            zip([*features, HEARD_FIRST], [*scales, 1.0], [*known, 1.0], strict=True), start=systems
        )
    )
    strengths = weights[:systems]
    return StyleFit(
        effects=effects,
        plain=plain,
        ratings=START + POINTS_PER_NAT * (strengths - strengths.mean()) if systems else strengths,
        covariance=centring @ bread[:systems, :systems] @ centring * POINTS_PER_NAT**2,
        robust_covariance=centring @ robust[:systems, :systems] @ centring * POINTS_PER_NAT**2,
        level=level,
        matches=len(scores),
        clusters=groups,
    )


def _standardised(features: Mapping[str, Floats], *, matches: int) -> tuple[Floats, list[float], list[float]]:
    columns, scales, shares = [], [], []
    for name, values in features.items():
        column = np.array(values, dtype=np.float64)
        if column.shape != (matches,):
            raise InvalidMatchesError(f"style: feature {name} of shape {column.shape} given; ({matches},) needed")
        known = np.isfinite(column)
        column[~known] = 0.0
        scale = float(np.sqrt((column[known] ** 2).mean())) if known.any() else 0.0
        columns.append(column / scale if scale > 0.0 else column)
        scales.append(scale)
        shares.append(float(known.mean()) if matches else 0.0)
    columns.append(np.ones(matches))
    return np.stack(columns, axis=1), scales, shares


def _indexed(clusters: NDArray[np.integer[Any]] | None, *, matches: int) -> NDArray[np.int64] | None:
    if clusters is None:
        return None
    given = np.asarray(clusters)
    if given.shape != (matches,):
        raise InvalidMatchesError(f"style: clusters of shape {given.shape} given; ({matches},) needed")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """The penalised likelihood of strengths (nats) followed by coefficients; never a dense design of systems."""

    who: NDArray[np.int64]
    scores: Floats
    styles: Floats
    systems: int
    prior: float
    ridge: float

    def chances(self, weights: Floats) -> Floats:
        lead = weights[self.who[:, 0]] - weights[self.who[:, 1]] + self.styles @ weights[self.systems :]
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * lead)))

    def loss(self, weights: Floats) -> float:
        lead = weights[self.who[:, 0]] - weights[self.who[:, 1]] + self.styles @ weights[self.systems :]
        strengths = weights[: self.systems]
        games = np.logaddexp(0.0, lead).sum() - self.scores @ lead
        virtual = self.prior * (np.logaddexp(0.0, strengths) - 0.5 * strengths).sum()
        return float(games + virtual + 0.5 * self.ridge * (weights[self.systems :] ** 2).sum())

    def crossed(self, by_match: Floats) -> Floats:
        """Sum over matches of `by_match` times x x', x the row of the design."""
        first, second = self.who.T
        size = self.systems
        met = np.bincount(first * size + second, weights=by_match, minlength=size * size).reshape(size, size)
        met = met + met.T
        total = np.zeros((size + self.styles.shape[1],) * 2)
        total[:size, :size] = np.diag(met.sum(axis=1)) - met
        total[size:, size:] = self.styles.T @ (by_match[:, None] * self.styles)
        for at, column in enumerate((by_match[:, None] * self.styles).T, start=size):
            total[:size, at] = np.bincount(first, weights=column, minlength=size)
            total[:size, at] -= np.bincount(second, weights=column, minlength=size)
        total[size:, :size] = total[:size, size:].T
        return total

    def penalty(self, weights: Floats) -> Floats:
        tail = np.exp(-np.abs(weights[: self.systems]))
        virtual = self.prior * tail / (1.0 + tail) ** 2
        return np.diag(np.concatenate([virtual, np.full(self.styles.shape[1], self.ridge)]))

    def hessian(self, weights: Floats) -> Floats:
        p = self.chances(weights)
        return np.asarray(self.crossed(p * (1.0 - p)) + self.penalty(weights))

    def gradient(self, weights: Floats) -> Floats:
        residual = self.scores - self.chances(weights)
        strengths = weights[: self.systems]
        pull = np.bincount(self.who[:, 0], weights=residual, minlength=self.systems).astype(np.float64)
        pull = pull - np.bincount(self.who[:, 1], weights=residual, minlength=self.systems)
        pull = pull - self.prior * 0.5 * np.tanh(0.5 * strengths)
        return np.concatenate([pull, residual @ self.styles - self.ridge * weights[self.systems :]])

    def fitted(self, start: Floats) -> Floats:
        """The maximum, by Newton steps that are cut short and halved until none goes uphill."""
        weights = start
        loss = self.loss(weights)
        for _ in range(STEPS):
            step = np.linalg.solve(self.hessian(weights), self.gradient(weights))
            longest = float(np.abs(step).max(initial=0.0))
            share = min(1.0, LONGEST_STEP / longest) if longest > 0.0 else 1.0
            after = self.loss(weights + share * step)
            while after > loss + 1e-9 * abs(loss) and share > 1e-6:
                share *= 0.5
                after = self.loss(weights + share * step)
            weights, loss = weights + share * step, after
            if longest < TOLERANCE:
                break
        return weights

    def filling(self, weights: Floats, clusters: NDArray[np.int64] | None) -> tuple[int, Floats]:
        """How many clusters, and the sum of the squared scores of each (of each match, without clusters)."""
        residual = self.scores - self.chances(weights)
        if clusters is None:
            return len(residual), self.crossed(residual**2)
        groups = int(clusters.max(initial=-1)) + 1
        size = self.systems
        pulls = np.zeros((groups, size + self.styles.shape[1]))
        for side, sign in ((0, 1.0), (1, -1.0)):
            cells = clusters * size + self.who[:, side]
            summed = np.bincount(cells, weights=sign * residual, minlength=groups * size)
            pulls[:, :size] += summed.reshape(groups, size)
        for at, column in enumerate(self.styles.T, start=size):
            pulls[:, at] = np.bincount(clusters, weights=residual * column, minlength=groups)
        # Few clusters make the sandwich too narrow; this is the usual correction (Cameron and Miller 2015).
        return groups, pulls.T @ pulls * (groups / max(1, groups - 1))
