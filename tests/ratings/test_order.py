"""Order noise: what a reshuffle of the same results does to sequential Elo."""

import numpy as np
import pytest

from s2s_arena.rank.paper_tables import TABLE_4
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
