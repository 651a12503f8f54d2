"""How far ratings would move had other matches been drawn: seeded bootstraps of Elo and Bradley-Terry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings import kernels
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry, bt_resamples, checked_wins
from s2s_arena.ratings.draws import BLOCK_CELLS, Clusters, cell_counts, cluster_weights, streams
from s2s_arena.ratings.elo import COMPILED_RESAMPLES_FROM, K, elo, play_side_by_side
from s2s_arena.ratings.matches import START, Outcomes, Pairs, Ratings, checked
from s2s_arena.ratings.ranks import places, spearman
from s2s_arena.ratings.win_matrix import Counts, weighted_win_matrix

__all__ = [
    "RESAMPLES",
    "Bootstrap",
    "Clusters",
    "bt_bootstrap",
    "bt_bootstrap_clustered",
    "cluster_weights",
    "elo_bootstrap",
]

RESAMPLES = 1000
"""The paper's number of bootstrap runs."""


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
    if kernels.worth(matches * resamples, alone=COMPILED_RESAMPLES_FROM):
        kernels.elo_resamples(ratings, who, scores, states=states, length=matches, k=k)
    else:
        play_side_by_side(ratings, who, scores, drawn=streams(states, matches=matches, length=matches), k=k)
    return Bootstrap(original=original, resampled=ratings)


def bt_bootstrap(
    wins: Counts,
    *,
    rng: np.random.Generator,
    ties: Counts | None = None,
    resamples: int = RESAMPLES,
    prior: float = PRIOR,
) -> Bootstrap:
    """Draw as many results with replacement as there are (multinomial on the occupied cells) and refit each time.

    How the cells are drawn, `draws.cell_counts` says.

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
    size = systems * systems
    counts = matrix.reshape(-1)
    if tied.any():
        counts = np.concatenate([counts, tied.reshape(-1)])
    resampled = np.empty((resamples, systems))
    resampled[:] = original
    done = 0
    for drawn in cell_counts(counts.astype(np.int64), resamples=resamples, rng=rng) if counts.any() else ():
        won = drawn[:, :size].reshape(-1, systems, systems)
        if drawn.shape[1] > size:
            halves = drawn[:, size:].reshape(-1, systems, systems)
            won = won + 0.5 * (halves + halves.transpose(0, 2, 1))
        resampled[done : done + len(won)] = bt_resamples(won, prior=prior, start=original)
        done += len(won)
    return Bootstrap(original=original, resampled=resampled)


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
