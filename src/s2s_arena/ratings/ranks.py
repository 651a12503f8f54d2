"""Ranks, rank correlation and normal quantiles, without the half second that scipy.stats takes to import."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def z_value(level: float = 0.95) -> float:
    """The two-sided normal quantile of a confidence level in (0, 1): 1.96 for .95."""
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1 for the smallest; equal values share the mean of their ranks.

    Args:
        values: Shape (..., n).

    Returns:
        Shape (..., n).
    """
    rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
    rows = rows.reshape(-1, rows.shape[-1])
    order = np.argsort(rows, axis=1, kind="stable")
    ranks = np.empty_like(rows)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1.0, rows.shape[1] + 1.0), rows.shape), axis=1)
    sorted_rows = np.take_along_axis(rows, order, axis=1)
    tied = (sorted_rows[:, 1:] == sorted_rows[:, :-1]).any(axis=1)
    for row in np.flatnonzero(tied):
        _, inverse, counts = np.unique(rows[row], return_inverse=True, return_counts=True)
        ranks[row] = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return ranks.reshape(np.shape(values))


def spearman(values: Floats, others: Floats) -> Floats:
    """Spearman's rank correlation of `values` with each row of `others`.

    Args:
        values: Shape (n,).
        others: Shape (rows, n).

    Returns:
        Shape (rows,), -1..1; 0 where one side is constant, so that no order can agree with it.
    """
    mine = average_ranks(values)
    theirs = average_ranks(np.atleast_2d(others))
    mine = mine - mine.mean()
    theirs = theirs - theirs.mean(axis=1, keepdims=True)
    norm = np.sqrt((mine @ mine) * np.einsum("ij,ij->i", theirs, theirs))
    correlations = np.zeros(len(theirs))
    np.divide(theirs @ mine, norm, out=correlations, where=norm > 0.0)
    return correlations


def places(ratings: Floats) -> NDArray[np.int64]:
    """Places from 1 for the highest; equal ratings share the better place.

    Args:
        ratings: Shape (..., systems).

    Returns:
        Shape (..., systems).
    """
    rows = np.atleast_2d(np.asarray(ratings, dtype=np.float64))
    order = np.argsort(-rows, axis=1, kind="stable")
    falling = np.take_along_axis(rows, order, axis=1)
    columns = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    new = np.ones(rows.shape, dtype=bool)
    new[:, 1:] = falling[:, 1:] != falling[:, :-1]
    shared = np.maximum.accumulate(np.where(new, columns, 0), axis=1) + 1
    result = np.empty(rows.shape, dtype=np.int64)
    np.put_along_axis(result, order, shared, axis=1)
    return result.reshape(np.shape(ratings))
