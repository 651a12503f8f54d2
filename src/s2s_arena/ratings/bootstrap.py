"""How far ratings would move had other matches been drawn: seeded bootstraps of Elo and Bradley-Terry."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import kernels
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry, bt_resamples, checked_wins
from s2s_arena.ratings.elo import K, elo, play_side_by_side
from s2s_arena.ratings.matches import START, Outcomes, Pairs, Ratings, checked
from s2s_arena.ratings.ranks import places, spearman
from s2s_arena.ratings.win_matrix import Counts, weighted_win_matrix

RESAMPLES = 1000
"""The paper's number of bootstrap runs."""

Clusters = Sequence[NDArray[np.integer[Any]]]
"""Arrays of shape (matches,): which sample, which judge ... each match belongs to."""

COMPILED_FROM = 5_000_000  # updates in all: below, importing the compiler costs more than it saves
POISSON_FROM = 2_000_000  # cells to draw in all, from which single binomials take longer than everything else
QUANTILES = 2**13
BLOCK_CELLS = 4_000_000  # numbers held at once while resampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """Ratings of the matches as they were, and of matches drawn from them with replacement.

    Attributes:
        original: Shape (systems,), Elo points.
        resampled: Shape (resamples, systems), Elo points.
    """

    original: Ratings
    resampled: NDArray[np.float64]

    @property
    def mean(self) -> Ratings:
        """Mean over resamples, shape (systems,)."""
        return np.asarray(self.resampled.mean(axis=0), dtype=np.float64)

    def interval(self, level: float = 0.95) -> tuple[Ratings, Ratings]:
        """Percentile interval of each rating: (low, high), each of shape (systems,)."""
        low, high = np.quantile(self.resampled, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
        return low, high

    def place_interval(self, level: float = 0.95) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Percentile interval of each place, 1 the best: (best, worst), each of shape (systems,)."""
        tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
        low, high = np.quantile(places(self.resampled), tails, axis=0, method="inverted_cdf")
        return low.astype(np.int64), high.astype(np.int64)

    @property
    def first_share(self) -> NDArray[np.float64]:
        """Share of resamples in which each system comes first (a shared first place counts in part)."""
        first = places(self.resampled) == 1
        return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0), dtype=np.float64)

    @property
    def spearman(self) -> tuple[float, float]:
        """Mean and standard deviation of Spearman's correlation of the original with each resampled ranking."""
        correlations = spearman(self.original, self.resampled)
        return float(correlations.mean()), float(correlations.std(ddof=1)) if len(correlations) > 1 else 0.0


def elo_bootstrap(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    k: float = K,
    clusters: Clusters = (),
) -> Bootstrap:
    """Draw as many matches with replacement as there are and play them in the order drawn (paper, section 4).

    With `clusters`, whole clusters are drawn instead and their matches played in random order.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,).
        systems: How many systems there are.
        rng: Where the draws come from; the result is a function of its state, with or without numba.
        resamples: How many times, at least 1.
        k: Points at stake in one match.
        clusters: As in `cluster_weights`.

    Raises:
        InvalidMatchesError: As in `elo`.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    original = elo(who, scores, systems=systems, k=k)
    ratings = np.full((resamples, systems), START)
    matches = len(scores)
    if not matches:
        return Bootstrap(original=original, resampled=ratings)
    if clusters:
        for row, weights in enumerate(cluster_weights(clusters, resamples=resamples, rng=rng)):
            drawn = rng.permutation(np.repeat(np.arange(matches), weights))
            ratings[row] = elo(who[drawn], scores[drawn], systems=systems, k=k)
        return Bootstrap(original=original, resampled=ratings)
    states = rng.integers(0, 2**64, size=resamples, dtype=np.uint64)
    if matches * resamples >= COMPILED_FROM and kernels.available():
        kernels.elo_resamples(ratings, who, scores, states=states, length=matches, k=k)
    else:
        play_side_by_side(ratings, who, scores, drawn=_streams(states, matches=matches, length=matches), k=k)
    return Bootstrap(original=original, resampled=ratings)


def _streams(states: NDArray[np.uint64], *, matches: int, length: int) -> Iterator[NDArray[np.int64]]:
    """Blocks of draws, shape (steps, resamples), from one splitmix64 stream per resample (Steele et al. 2014)."""
    block = max(1, BLOCK_CELLS // len(states))
    golden = np.uint64(0x9E3779B97F4A7C15)
    for low in range(0, length, block):
        steps = np.arange(low + 1, min(low + block, length) + 1, dtype=np.uint64)
        z = states[None, :] + steps[:, None] * golden
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        yield (((z >> np.uint64(32)) * np.uint64(matches)) >> np.uint64(32)).astype(np.int64)


def bt_bootstrap(
    wins: Counts,
    *,
    rng: np.random.Generator,
    ties: Counts | None = None,
    resamples: int = RESAMPLES,
    prior: float = PRIOR,
) -> Bootstrap:
    """Draw as many results with replacement as there are (multinomial on the occupied cells) and refit each time.

    Where the draws are many (100 systems, 1,000 resamples) cells are drawn from Poisson laws instead.

    Args:
        wins: Shape (systems, systems), integer counts.
        rng: Where the draws come from.
        ties: Shape (systems, systems), symmetric counts; a tie is half a win for each.
        resamples: How many times, at least 1.
        prior: Weight of the virtual game, as in `bradley_terry`.

    Raises:
        InvalidMatchesError: As in `bradley_terry`.
    """
    matrix = checked_wins(wins)
    systems = len(matrix)
    tied = np.triu(checked_wins(ties), 1) if ties is not None else np.zeros_like(matrix)
    original = bradley_terry(matrix + 0.5 * (tied + tied.T), prior=prior).ratings
    counts = np.concatenate([matrix.reshape(-1), tied.reshape(-1)]).astype(np.int64)
    occupied = np.flatnonzero(counts)
    total = int(counts.sum())
    resampled = np.empty((resamples, systems))
    resampled[:] = original
    if total:
        many = resamples * len(occupied) >= POISSON_FROM
        quantiles = _poisson_quantiles(counts[occupied]) if many else None
        block = max(1, BLOCK_CELLS // max(1, systems * systems))
        for low in range(0, resamples, block):
            some = min(block, resamples - low)
            cells = np.zeros((some, 2 * systems * systems))
            if quantiles is None:
                cells[:, occupied] = rng.multinomial(total, counts[occupied] / total, size=some)
            else:
                table, rows = quantiles
                cells[:, occupied] = table[rows, rng.integers(QUANTILES, size=(some, len(rows)), dtype=np.uint16)]
            won, halves = cells.reshape(some, 2, systems, systems).transpose(1, 0, 2, 3)
            drawn = won + 0.5 * (halves + halves.transpose(0, 2, 1)) if tied.any() else won
            resampled[low : low + some] = bt_resamples(drawn, prior=prior, start=original)
    return Bootstrap(original=original, resampled=resampled)


def _poisson_quantiles(counts: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Poisson quantiles at the midpoints of `QUANTILES` equal shares, one row a distinct mean, and each cell's row.

    With many cells, independent Poisson counts are the multinomial but for the total, which varies by its own
    root and moves no rating (the Poisson bootstrap, Chamandy et al. 2012); by table they are ten times as fast.
    """
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


def bt_bootstrap_clustered(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    clusters: Clusters,
    resamples: int = RESAMPLES,
    prior: float = PRIOR,
    weights: NDArray[np.float64] | None = None,
) -> Bootstrap:
    """Draw whole clusters (all matches of a sample, of a judge) with replacement and refit each time.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        rng: Where the draws come from.
        clusters: As in `cluster_weights`; empty to draw single matches.
        resamples: How many times, at least 1.
        prior: Weight of the virtual game.
        weights: Shape (matches,), e.g. inverse drawing probabilities; 1 each by default.

    Raises:
        InvalidMatchesError: As in `checked`.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    own = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    original = bradley_terry(weighted_win_matrix(who, scores, systems=systems, weights=own), prior=prior).ratings
    resampled = np.empty((resamples, systems))
    resampled[:] = original
    if len(scores):
        size = systems * systems
        won = who[:, 0] * systems + who[:, 1]
        lost = who[:, 1] * systems + who[:, 0]
        strict = bool(((scores == 0.0) | (scores == 1.0)).all())
        cells = np.where(scores == 1.0, won, lost) if strict else np.concatenate([won, lost])
        shares = own if strict else np.concatenate([own * scores, own * (1.0 - scores)])
        block = max(1, BLOCK_CELLS // max(1, size))
        pending: list[NDArray[np.float64]] = []
        groups = clusters if len(clusters) else (np.arange(len(scores)),)
        done = 0
        for drawn in cluster_weights(groups, resamples=resamples, rng=rng):
            times = drawn if strict else np.concatenate([drawn, drawn])
            wins = np.bincount(cells, weights=shares * times, minlength=size).reshape(systems, systems)
            pending.append(wins.astype(np.float64))
            if len(pending) == block or done + len(pending) == resamples:
                fits = bt_resamples(np.stack(pending), prior=prior, start=original)
                resampled[done : done + len(pending)] = fits
                done += len(pending)
                pending.clear()
    return Bootstrap(original=original, resampled=resampled)


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
