"""Inverse-propensity weights: what a board would say had every match been as likely to be drawn as any other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError

LARGEST = 10.0
"""Times the median weight beyond which a weight is cut: one lucky rare match must not decide a board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """Weights of matches and what they cost.

    Attributes:
        weights: Shape (matches,), above 0, mean 1: for `win_matrix.weighted_win_matrix` and clustered fits.
        effective: Kish's effective number of matches, 1..matches: as many equal ones would know as much.
        clipped: Matches whose weight was cut; each leans the board towards how matches were drawn.
        limit: Where weights were cut, in means.
    """

    weights: NDArray[np.float64]
    effective: float
    clipped: int
    limit: float


def inverse_propensity(probabilities: NDArray[np.float64], *, largest: float = LARGEST) -> Weighting:
    """Weights 1 / p, cut at `largest` medians, then scaled to mean 1 (Horvitz and Thompson 1952; Hajek 1971).

    A weighted fit needs a robust covariance (`clustered.clustered_fit` takes the weights, with or without clusters):
    the model's own takes a weight of two for two votes.

    Args:
        probabilities: Shape (matches,), in (0, 1]: with which each match was drawn in its round.
        largest: At least 1; infinity never cuts.

    Raises:
        InvalidMatchesError: A probability is outside (0, 1], or `largest` is below 1.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if not largest >= 1.0:
        raise InvalidMatchesError(f"largest weight {largest}: at least 1 (medians) needed")
    bad = np.flatnonzero(~((p > 0.0) & (p <= 1.0)))
    if len(bad):
        raise InvalidMatchesError(f"match {bad[0]}: drawn with probability {p[bad[0]]}; above 0 and at most 1 needed")
    if not len(p):
        return Weighting(weights=np.zeros(0), effective=0.0, clipped=0, limit=largest)
    raw = 1.0 / p
    cut = np.minimum(raw, largest * float(np.median(raw)))
    weights = cut / cut.mean()
    return Weighting(
        weights=weights,
        effective=float(weights.sum() ** 2 / (weights @ weights)),
        clipped=int((cut < raw).sum()),
        limit=float(largest * np.median(raw) / cut.mean()),
    )
