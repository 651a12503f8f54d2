"""Order noise: what a reshuffle of the same results does to sequential Elo."""

import numpy as np
import pytest

from s2s_arena.rank.paper_tables import TABLE_4
from s2s_arena.ratings import kernels
from s2s_arena.ratings import order as module
from s2s_arena.ratings.order import order_noise
from tests.strategies import simulated


def test_reshuffling_the_papers_setting_moves_a_rating_by_forty_points() -> None:
    strengths = np.array([figures[0] for figures in TABLE_4.values()])
    noise = [
        order_noise(
            *simulated(strengths, matches=1001, rng=np.random.default_rng(seed)),
            systems=10,
            rng=np.random.default_rng(seed),
            shuffles=60,
        )
        for seed in range(6)
    ]
    assert np.mean([n.sd for n in noise]) == pytest.approx(41, abs=3)
    assert np.mean([n.changed for n in noise]) > 0.9
    assert noise[0].mean.mean() == pytest.approx(1000)


def test_one_match_has_no_order() -> None:
    noise = order_noise(np.array([[0, 1]]), np.array([True]), systems=2, rng=np.random.default_rng(0), shuffles=5)
    assert noise.mean == pytest.approx([1016.0, 984.0])
    assert noise.sd == pytest.approx([0.0, 0.0])
    assert noise.changed == 0.0


def test_blocks_and_the_compiler_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, won = simulated(np.linspace(1200, 800, 4), matches=90, rng=np.random.default_rng(0))
    made = []
    for compiled, block in ((False, 10**6), (False, 200), (kernels.available(), 500)):
        monkeypatch.setattr(kernels, "worth", lambda work, alone, compiled=compiled: compiled)
        monkeypatch.setattr(module, "BLOCK", block)
        made.append(order_noise(pairs, won, systems=4, rng=np.random.default_rng(1), shuffles=12))
    for other in made[1:]:
        assert other.mean == pytest.approx(made[0].mean, abs=1e-9)
        assert other.sd == pytest.approx(made[0].sd, abs=1e-9)


def test_long_lists_are_reshuffled_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORK", 3000)
    pairs, won = simulated(np.linspace(1200, 800, 4), matches=100, rng=np.random.default_rng(0))
    assert order_noise(pairs, won, systems=4, rng=np.random.default_rng(0)).shuffles == 30
    assert order_noise(pairs[:3], won[:3], systems=4, rng=np.random.default_rng(0)).shuffles == 200
