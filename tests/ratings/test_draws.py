"""Draws with replacement: every match as often as another, cells as the multinomial has them, clusters whole."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import draws as module
from s2s_arena.ratings.bootstrap import bt_bootstrap
from s2s_arena.ratings.draws import cell_counts, cluster_weights, streams
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_draws_hit_every_match_equally_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_CELLS", 1000)
    states = rng().integers(0, 2**64, size=40, dtype=np.uint64)
    drawn = np.concatenate(list(streams(states, matches=10, length=2000)))
    assert drawn.shape == (2000, 40)
    counts = np.bincount(drawn.reshape(-1), minlength=10)
    assert np.abs(counts - 8000).max() < 5 * np.sqrt(8000)


@pytest.mark.parametrize("begin", [0, 1, 6, 13])
def test_a_stream_can_be_entered_anywhere(begin: int) -> None:
    states = rng().integers(0, 2**64, size=3, dtype=np.uint64)
    whole = np.concatenate(list(streams(states, matches=1000, length=40)))
    part = np.concatenate(list(streams(states, matches=1000, length=20, begin=begin)))
    assert np.array_equal(part, whole[begin : begin + 20])


@pytest.mark.parametrize("way", ["one by one", "binomials", "poisson"])
def test_each_way_of_drawing_cells_has_the_multinomials_moments(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(module, "ONE_BY_ONE", 10**9 if way == "one by one" else 0)
    monkeypatch.setattr(module, "POISSON_FROM", 0 if way == "poisson" else 10**12)
    monkeypatch.setattr(module, "BLOCK_CELLS", 30_000)
    counts = np.array([0, 40, 3, 0, 57, 100])
    drawn = np.concatenate(list(cell_counts(counts, resamples=4000, rng=rng())))
    assert drawn.shape == (4000, 6)
    assert not drawn[:, [0, 3]].any()
    assert drawn.mean(axis=0) == pytest.approx(counts, rel=0.04)
    share = 0.0 if way == "poisson" else 1.0
    assert drawn.var(axis=0) == pytest.approx(counts * (1 - share * counts / 200), rel=0.1)
    if way != "poisson":
        assert (drawn.sum(axis=1) == 200).all()


def test_poisson_tables_have_the_laws_moments() -> None:
    table, rows = module._poisson_quantiles(np.array([1, 7, 100, 7]))
    assert rows.tolist() == [0, 1, 2, 1]
    assert table.mean(axis=1) == pytest.approx([1, 7, 100], rel=2e-3)
    assert table.var(axis=1) == pytest.approx([1, 7, 100], rel=5e-3)


def test_poisson_draws_spread_ratings_as_the_multinomial_does(monkeypatch: pytest.MonkeyPatch) -> None:
    wins = win_matrix(*simulated(np.linspace(1200, 800, 5), matches=2000, rng=rng()), systems=5)
    exact = bt_bootstrap(wins, rng=rng(1), resamples=2000)
    monkeypatch.setattr(module, "POISSON_FROM", 0)
    quick = bt_bootstrap(wins, rng=rng(1), resamples=2000)
    assert quick.resampled.std(axis=0) == pytest.approx(exact.resampled.std(axis=0), rel=0.06)
    assert quick.mean == pytest.approx(exact.mean, abs=1.5)


def test_whole_clusters_are_drawn() -> None:
    ids = np.array([0, 0, 1, 1, 1, 2])
    for weights in cluster_weights((ids,), resamples=20, rng=rng()):
        assert weights[0] == weights[1]
        assert weights[2] == weights[3] == weights[4]
        assert weights[0] + weights[2] + weights[5] == 3


def test_two_kinds_of_clusters_multiply() -> None:
    sample, judge = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    for w in cluster_weights((sample, judge), resamples=20, rng=rng()):
        assert w[0] * w[3] == w[1] * w[2]


def test_clusters_of_different_lengths_are_refused() -> None:
    with pytest.raises(InvalidMatchesError, match="clusters"):
        next(cluster_weights((np.arange(3), np.arange(4)), resamples=1, rng=rng()))
