"""Draws with replacement: streams of single matches, counts of win-matrix cells, and weights of whole clusters."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError

Clusters = Sequence[NDArray[np.integer[Any]]]
"""Arrays of shape (matches,): which sample, which judge ... each match belongs to."""

BLOCK_CELLS = 1_000_000  # numbers held at once while resampling: 8 MB, which the system hands out quickly
ONE_BY_ONE = 25  # draws a cell, below which drawing matches and counting them is quicker than binomials
POISSON_FROM = 2_000_000  # cells to draw in all, from which single binomials take longer than everything else
QUANTILES = 2**13


def streams(states: NDArray[np.uint64], *, matches: int, length: int, begin: int = 0) -> Iterator[NDArray[np.int64]]:
    """Blocks of draws, shape (steps, resamples), each 0..matches-1, from one splitmix64 stream a resample.

    Draw 2n of a stream is the high half of its word n, draw 2n + 1 the low half (Steele et al. 2014). A draw
    favours no match by more than matches / 2**32.

    Args:
        states: Shape (resamples,): where each stream starts.
        matches: How many there are to draw from.
        length: Draws a resample.
        begin: The first draw of the stream that is used.
    """
    block = max(1, BLOCK_CELLS // max(1, len(states)))
    low_half = np.uint64(0xFFFFFFFF)
    for low in range(begin, begin + length, block):
        steps = np.arange(low, min(low + block, begin + length))
        words = np.arange(low // 2, int(steps[-1]) // 2 + 1, dtype=np.uint64) + np.uint64(1)
        z = states[None, :] + words[:, None] * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        halves = np.stack([z >> np.uint64(32), z & low_half], axis=1).reshape(-1, len(states))
        halves = halves[low % 2 : low % 2 + len(steps)]
        yield ((halves * np.uint64(matches)) >> np.uint64(32)).astype(np.int64)


def cell_counts(
    counts: NDArray[np.int64], *, resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Blocks of resampled counts, shape (some, cells): as many draws as there were, with replacement.

    Empty cells stay empty and cost nothing. Few draws a cell are drawn one by one, more by binomials, and very
    many cells by independent Poisson laws, which differ from the multinomial only in the total (it varies by
    its own root and moves no rating; the Poisson bootstrap, Chamandy et al. 2012).

    Args:
        counts: Shape (cells,), not negative.
        resamples: How many, at least 1.
        rng: Where the draws come from.
    """
    occupied = np.flatnonzero(counts)
    total = int(counts.sum())
    cells = len(occupied)
    poisson = resamples * cells >= POISSON_FROM
    single = total <= ONE_BY_ONE * cells and not poisson
    quantiles = _poisson_quantiles(counts[occupied]) if poisson else None
    match_cell = np.repeat(occupied, counts[occupied]) if single else occupied
    block = max(1, BLOCK_CELLS // max(1, len(counts), total if single else 0))
    for low in range(0, resamples, block):
        some = min(block, resamples - low)
        if single:
            drawn = match_cell[rng.integers(total, size=(some, total), dtype=np.uint32)]
            drawn += np.arange(some)[:, None] * len(counts)
            made = np.bincount(drawn.reshape(-1), minlength=some * len(counts)).astype(np.float64)
            yield made.reshape(some, len(counts))
            continue
        result = np.zeros((some, len(counts)))
        if quantiles is None:
            result[:, occupied] = rng.multinomial(total, counts[occupied] / max(1, total), size=some)
        else:
            table, rows = quantiles
            result[:, occupied] = table[rows, rng.integers(QUANTILES, size=(some, cells), dtype=np.uint16)]
        yield result


def _poisson_quantiles(counts: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Poisson quantiles at the midpoints of `QUANTILES` equal shares, one row a distinct mean, and each cell's row."""
    midpoints = (np.arange(QUANTILES) + 0.5) / QUANTILES
    means, rows = np.unique(counts, return_inverse=True)
    table = np.empty((len(means), QUANTILES), dtype=np.int32)
    for row, mean in enumerate(means.tolist()):
        reach = 6.0 * math.sqrt(mean) + 12.0
        first = max(0, int(mean - reach))
        steps = np.arange(first + 1, int(mean + reach) + 1)
        log_ratio = np.concatenate([[0.0], np.cumsum(math.log(mean) - np.log(steps))])
        chance = np.exp(log_ratio - log_ratio.max())
        table[row] = first + np.searchsorted(np.cumsum(chance) / chance.sum(), midpoints)
    return table, rows.astype(np.int64)


def cluster_weights(clusters: Clusters, *, resamples: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """How often each match is drawn, one array of shape (matches,) a resample.

    With one array of clusters, clusters are drawn with replacement. With several (sample and judge), each
    kind is drawn on its own and a match counts the product (the pigeonhole bootstrap, Owen 2007).

    Args:
        clusters: Arrays of shape (matches,).
        resamples: How many.
        rng: Where the draws come from.

    Raises:
        InvalidMatchesError: The arrays differ in length.
    """
    indexed = [np.unique(np.asarray(ids), return_inverse=True) for ids in clusters]
    if len({len(inverse) for _, inverse in indexed}) > 1:
        raise InvalidMatchesError("clusters: arrays of different lengths given; one entry per match needed in each")
    for _ in range(resamples):
        weights = np.ones(len(indexed[0][1]), dtype=np.int64)
        for names, inverse in indexed:
            weights *= np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[inverse]
        yield weights
