"""What a plan says: the interval that so many matches buy, against simulation."""

import math

import numpy as np
import pytest

from s2s_arena.judge.costs import interval_elo
from s2s_arena.ratings.bradley_terry import bradley_terry


def test_the_expected_interval_is_that_of_simulated_equal_systems():
    systems, matches, rng = 6, 600, np.random.default_rng(3)
    ratings = []
    for _ in range(300):
        first = rng.integers(systems, size=matches)
        second = (first + rng.integers(1, systems, size=matches)) % systems
        wins = np.zeros((systems, systems))
        won = rng.random(matches) < 0.5
        np.add.at(wins, (np.where(won, first, second), np.where(won, second, first)), 1)
        ratings.append(bradley_terry(wins).ratings)
    width = 2 * 1.96 * np.std(ratings)
    assert interval_elo(matches, systems=systems) == pytest.approx(width, rel=0.08)


def test_four_times_the_matches_halve_the_interval():
    assert interval_elo(400, systems=10) == pytest.approx(interval_elo(100, systems=10) / 2)


def test_nothing_is_known_of_one_system_or_without_matches():
    assert interval_elo(100, systems=1) == interval_elo(0, systems=5) == math.inf
