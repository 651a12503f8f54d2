"""Cycles: counted as by hand, found where they are planted, and not found where one scale is true."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.cycles import cycles
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated, tournaments


@settings(max_examples=40, deadline=None)
@given(tournaments(min_systems=3, max_systems=6, max_matches=60))
def test_the_count_is_that_of_looking_at_every_triple(t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    loops = {
        frozenset((i, j, k))
        for i, j, k in (p for c in combinations(range(t.n), 3) for p in (c, c[::-1]))
        if wins[i, j] > wins[j, i] and wins[j, k] > wins[k, j] and wins[k, i] > wins[i, k]
    }
    found = cycles(wins, rng=np.random.default_rng(0), resamples=20, listed=100)
    assert found.found == len(loops)
    assert {frozenset(c.systems) for c in found.strongest} == loops
    for cycle in found.strongest:
        assert min(cycle.rates) > 0.5
        assert cycle.systems[0] == min(cycle.systems)


def test_one_cycle_by_hand() -> None:
    # 9 of 10, 8 of 10, 7 of 10 around the loop: curl = ln(9.5/1.5) + ln(8.5/2.5) + ln(7.5/3.5) = 3.8317 nats;
    # variance = 1/9.5 + 1/1.5 + 1/8.5 + 1/2.5 + 1/7.5 + 1/3.5 = 1.7086, so z = 2.9314.
    wins = np.array([[0, 9, 3], [1, 0, 8], [7, 2, 0]])
    (cycle,) = cycles(wins, rng=np.random.default_rng(0)).strongest
    assert cycle.systems == (0, 1, 2)
    assert cycle.rates == pytest.approx((0.9, 0.8, 0.7))
    assert cycle.matches == (10, 10, 10)
    assert cycle.curl == pytest.approx(3.8317 * 173.7178, rel=1e-3)
    assert cycle.z == pytest.approx(2.9314, abs=1e-3)
    assert cycle.p_value < 0.02


def test_the_other_way_round_is_the_same_cycle() -> None:
    wins = np.array([[0, 9, 3], [1, 0, 8], [7, 2, 0]])
    one = cycles(wins, rng=np.random.default_rng(0)).strongest[0]
    two = cycles(wins.T, rng=np.random.default_rng(0)).strongest[0]
    assert two.systems == (0, 2, 1)
    assert two.curl == pytest.approx(one.curl)
    assert sorted(two.rates) == pytest.approx(sorted(one.rates))


def test_cycles_of_chance_alone_are_expected() -> None:
    rng = np.random.default_rng(1)
    count_p, strongest_p, expected, found = [], [], [], []
    for _ in range(200):
        pairs, won = simulated(np.linspace(1080, 920, 6), matches=300, rng=rng)
        result = cycles(win_matrix(pairs, won, systems=6), rng=rng, resamples=200)
        count_p.append(result.p_value)
        strongest_p.append(result.strongest_p)
        expected.append(result.expected)
        found.append(result.found)
    assert np.mean(np.array(count_p) <= 0.05) <= 0.1
    assert 0.005 <= np.mean(np.array(strongest_p) <= 0.05) <= 0.1
    assert np.mean(found) > 0.5
    assert np.mean(expected) == pytest.approx(np.mean(found), rel=0.35)


def test_a_planted_cycle_is_found_and_named() -> None:
    rng = np.random.default_rng(2)
    pairs, won = simulated(np.linspace(1200, 800, 8), matches=3000, rng=rng)
    wins = win_matrix(pairs, won, systems=8)
    for winner, loser in ((2, 5), (5, 7), (7, 2)):
        wins[winner, loser], wins[loser, winner] = 75, 25
    result = cycles(wins, rng=rng)
    assert set(result.strongest[0].systems) == {2, 5, 7}
    assert result.strongest[0].p_value < 0.01
    assert result.strongest_p < 0.01
    assert result.triples == 56


def test_boards_without_triples_have_no_cycles() -> None:
    for wins in (np.zeros((0, 0)), np.zeros((1, 1)), np.array([[0, 3], [1, 0]]), np.zeros((4, 4))):
        result = cycles(wins.astype(np.int64), rng=np.random.default_rng(0))
        assert (result.triples, result.found, result.p_value, result.strongest) == (0, 0, 1.0, ())


def test_malformed_input_is_named() -> None:
    with pytest.raises(InvalidMatchesError, match="whole number"):
        cycles(np.full((3, 3), 0.5), rng=np.random.default_rng(0))  # type: ignore[arg-type]
    with pytest.raises(InvalidMatchesError, match="0 resamples"):
        cycles(np.ones((3, 3), dtype=np.int64), rng=np.random.default_rng(0), resamples=0)
