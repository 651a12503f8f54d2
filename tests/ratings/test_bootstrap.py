"""Bootstraps: seeded, equal with and without the compiler, and as wide as repeated studies say."""

import numpy as np
import pytest

from s2s_arena.rank.paper_tables import TABLE_4
from s2s_arena.ratings import kernels
from s2s_arena.ratings.bootstrap import (
    Bootstrap,
    bt_bootstrap,
    bt_bootstrap_clustered,
    elo_bootstrap,
)
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.win_matrix import tie_matrix, weighted_win_matrix, win_matrix
from tests.strategies import simulated

STRENGTHS = np.linspace(1200, 800, 5)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_same_seed_gives_the_same_intervals() -> None:
    pairs, won = simulated(STRENGTHS, matches=200, rng=rng())
    one, two, other = (elo_bootstrap(pairs, won, systems=5, rng=rng(s), resamples=50) for s in (1, 1, 2))
    assert np.array_equal(one.resampled, two.resampled)
    assert not np.array_equal(one.resampled, other.resampled)
    wins = win_matrix(pairs, won, systems=5)
    first, again = (bt_bootstrap(wins, rng=rng(1), resamples=50).resampled for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.skipif(not kernels.available(), reason="numba is not installed")
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("systems", [5, 300])
def test_the_compiled_resamples_are_the_same_draws(monkeypatch: pytest.MonkeyPatch, ties: bool, systems: int) -> None:
    pairs, won = simulated(np.linspace(1300, 700, systems), matches=157, rng=rng())
    scores = np.where(np.arange(157) % 5 == 0, 0.5, won) if ties else won
    made = []
    for compiled in (True, False):
        monkeypatch.setattr(kernels, "worth", lambda work, alone, compiled=compiled: compiled)
        made.append(elo_bootstrap(pairs, scores, systems=systems, rng=rng(1), resamples=37).resampled)
    assert np.abs(made[0] - made[1]).max() < 1e-9


@pytest.mark.skipif(not kernels.available(), reason="numba is not installed")
def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, won = simulated(STRENGTHS, matches=200, rng=rng())
    made = []
    for processors in (1, 3):
        monkeypatch.setattr(kernels, "worth", lambda work, alone: True)
        monkeypatch.setattr(kernels, "_processors", lambda processors=processors: processors)
        monkeypatch.setattr(kernels, "THREADED_FROM", 100)
        made.append(elo_bootstrap(pairs, won, systems=5, rng=rng(1), resamples=45).resampled)
    assert np.array_equal(*made)


@pytest.mark.skipif(not kernels.available(), reason="numba is not installed")
@pytest.mark.parametrize("matches", [30, 3000])
def test_compiled_and_numpy_fits_see_the_same_draws(monkeypatch: pytest.MonkeyPatch, matches: int) -> None:
    wins = win_matrix(*simulated(STRENGTHS, matches=matches, rng=rng()), systems=5)
    made = []
    for compiled in (True, False):
        monkeypatch.setattr(kernels, "worth", lambda work, alone, compiled=compiled: compiled)
        made.append(bt_bootstrap(wins, rng=rng(1), resamples=60).resampled)
    assert np.abs(made[0] - made[1]).max() < 1e-5


def test_the_papers_spearman_comes_out() -> None:
    # Table 4's strengths, 1,001 matches: the paper reports .94 +- .03 for Elo over 1,000 bootstraps.
    strengths = np.array([figures[0] for figures in TABLE_4.values()])
    means = []
    for seed in range(8):
        pairs, won = simulated(strengths, matches=1001, rng=rng(seed))
        means.append(elo_bootstrap(pairs, won, systems=10, rng=rng(seed), resamples=200).spearman[0])
    assert np.mean(means) == pytest.approx(0.94, abs=0.03)


def test_bt_intervals_cover_the_truth_as_often_as_they_say() -> None:
    truth = STRENGTHS - STRENGTHS.mean() + 1000
    covered = []
    for seed in range(100):
        wins = win_matrix(*simulated(STRENGTHS, matches=400, rng=rng(seed)), systems=5)
        low, high = bt_bootstrap(wins, rng=rng(seed), resamples=200).interval()
        covered.append((low <= truth) & (truth <= high))
    assert 0.92 <= np.mean(covered) <= 0.98


def test_ties_are_half_a_win_each() -> None:
    pairs = np.array([[0, 1]] * 30)
    scores = np.array([1.0, 0.5, 0.0] * 10)
    wins, ties = (matrix(pairs, scores, systems=2) for matrix in (win_matrix, tie_matrix))
    made = bt_bootstrap(wins, ties=ties, rng=rng(), resamples=400)
    assert made.original == pytest.approx(bradley_terry(weighted_win_matrix(pairs, scores, systems=2)).ratings)
    strict = bt_bootstrap(np.array([[0, 15], [15, 0]]), rng=rng(), resamples=400)
    assert made.resampled[:, 0].std() < strict.resampled[:, 0].std()


def test_clusters_of_single_matches_are_the_plain_bootstrap() -> None:
    pairs, won = simulated(STRENGTHS, matches=500, rng=rng())
    wins = win_matrix(pairs, won, systems=5)
    plain = bt_bootstrap(wins, rng=rng(1), resamples=600)
    single = bt_bootstrap_clustered(pairs, won, systems=5, rng=rng(2), resamples=600, clusters=(np.arange(500),))
    assert single.original == pytest.approx(plain.original)
    assert single.resampled.std(axis=0) == pytest.approx(plain.resampled.std(axis=0), rel=0.15)


def test_one_cluster_says_nothing_about_spread() -> None:
    pairs, won = simulated(STRENGTHS, matches=50, rng=rng())
    made = bt_bootstrap_clustered(pairs, won, systems=5, rng=rng(), resamples=5, clusters=(np.zeros(50, dtype=int),))
    assert made.resampled == pytest.approx(np.tile(made.original, (5, 1)))


def test_clustered_elo_plays_the_drawn_matches() -> None:
    pairs, won = simulated(STRENGTHS, matches=60, rng=rng())
    made = elo_bootstrap(pairs, won, systems=5, rng=rng(), resamples=30, clusters=(np.arange(60) // 6,))
    assert made.original == pytest.approx(elo(pairs, won, systems=5))
    assert made.resampled.mean(axis=1) == pytest.approx(np.full(30, 1000.0))
    assert made.resampled.std(axis=0).min() > 5


def test_figures_of_a_bootstrap_by_hand() -> None:
    made = Bootstrap(
        original=np.array([3.0, 2.0, 1.0]),
        resampled=np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [2.0, 2.0, 1.0]]),
    )
    assert made.mean == pytest.approx([2.0, 2.0, 5 / 3])
    assert made.first_share == pytest.approx([0.5, 1 / 6, 1 / 3])
    best, worst = made.place_interval(0.9)
    assert best.tolist() == [1, 1, 1]
    assert worst.tolist() == [3, 2, 3]
    # correlations 1, -1 and sqrt(3)/2 for the one with a tie
    mean, sd = made.spearman
    assert mean == pytest.approx(np.sqrt(3) / 6)
    assert sd == pytest.approx(np.std([1, -1, np.sqrt(3) / 2], ddof=1))


def test_no_matches_are_no_knowledge_and_no_crash() -> None:
    none = np.zeros((0, 2), dtype=int)
    assert elo_bootstrap(none, np.zeros(0), systems=3, rng=rng(), resamples=4).resampled.shape == (4, 3)
    made = bt_bootstrap(np.zeros((3, 3), dtype=int), rng=rng(), resamples=4)
    assert made.resampled == pytest.approx(np.full((4, 3), 1000.0))
