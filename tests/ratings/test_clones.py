"""The clone check passes sound methods, fails unsound ones, and says how often it errs."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clones import clone_check, split_system
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated

STRENGTHS = np.linspace(1250, 750, 6)


def test_a_split_moves_about_half_of_one_systems_matches_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    pairs, _ = simulated(STRENGTHS, matches=3000, rng=rng)
    split = split_system(pairs, system=2, other=6, rng=rng)
    assert np.array_equal(np.where(split == 6, 2, split), pairs)
    share = (split == 6).sum() / (pairs == 2).sum()
    assert share == pytest.approx(0.5, abs=0.06)


def test_a_sound_method_fails_no_more_often_than_it_may() -> None:
    rng = np.random.default_rng(1)
    failed, small = 0, []
    for _ in range(150):
        pairs, won = simulated(STRENGTHS, matches=500, rng=rng)
        check = clone_check(pairs, won, systems=6, rng=rng, alpha=0.05)
        failed += not check.passed
        small += [clone.p_value <= 0.1 for clone in check.clones]
    assert failed / 150 <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5
    # p-values of single clones are uniform or, by the prior, a little larger
    assert 0.055 <= np.mean(small) <= 0.13


def test_a_method_with_intervals_a_quarter_as_wide_fails() -> None:
    def overconfident(pairs, won, systems):  # type: ignore[no-untyped-def]
        fit = bradley_terry(win_matrix(pairs, won, systems=systems))
        return fit.ratings, fit.covariance / 16

    rng = np.random.default_rng(2)
    passed = 0
    for _ in range(40):
        pairs, won = simulated(STRENGTHS, matches=600, rng=rng)
        passed += clone_check(pairs, won, systems=6, rng=rng, rate=overconfident).passed
    assert passed <= 4


def test_sequential_elo_with_bradley_terry_errors_fails_on_many_matches() -> None:
    # At K = 32 the order of play moves a rating by some 40 points however many matches there are.
    def order_bound(pairs, won, systems):  # type: ignore[no-untyped-def]
        errors = bradley_terry(win_matrix(pairs, won, systems=systems)).covariance
        return elo(pairs, won, systems=systems), errors

    rng = np.random.default_rng(3)
    pairs, won = simulated(STRENGTHS, matches=20_000, rng=rng)
    assert not clone_check(pairs, won, systems=6, rng=rng, rate=order_bound).passed
    assert clone_check(pairs, won, systems=6, rng=rng).passed


def test_the_short_cut_is_the_full_fit() -> None:
    def in_full(pairs, won, systems):  # type: ignore[no-untyped-def]
        fit = bradley_terry(win_matrix(pairs, won, systems=systems))
        return fit.ratings, fit.covariance

    pairs, won = simulated(STRENGTHS, matches=400, rng=np.random.default_rng(4))
    short = clone_check(pairs, won, systems=6, rng=np.random.default_rng(5))
    full = clone_check(pairs, won, systems=6, rng=np.random.default_rng(5), rate=in_full)
    assert [c.gap for c in short.clones] == pytest.approx([c.gap for c in full.clones], abs=1e-4)
    assert [c.matches for c in short.clones] == [c.matches for c in full.clones]


def test_systems_with_hardly_a_match_are_left_out() -> None:
    check = clone_check(
        np.array([[0, 1], [1, 0], [0, 2]]), np.array([1, 1, 0]), systems=4, rng=np.random.default_rng(0)
    )
    assert [clone.system for clone in check.clones] == [0, 1]
    assert check.passed
    none = clone_check(np.zeros((0, 2), dtype=int), np.zeros(0), systems=3, rng=np.random.default_rng(0))
    assert (none.passed, none.p_value, none.clones) == (True, 1.0, ())


def test_malformed_input_is_named() -> None:
    with pytest.raises(InvalidMatchesError, match="alpha 5"):
        clone_check(np.array([[0, 1]]), np.array([1]), systems=2, rng=np.random.default_rng(0), alpha=5)
