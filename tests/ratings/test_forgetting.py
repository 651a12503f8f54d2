"""The tail of a long resample ends where the whole does, within the bound that is printed."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bootstrap import elo_bootstrap
from s2s_arena.ratings.forgetting import elo_bootstrap_bounded
from tests.strategies import simulated

STRENGTHS = np.linspace(1200, 800, 5)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("k", [8.0, 32.0])
@pytest.mark.parametrize("within", [0.01, 0.5, 20.0])
def test_the_error_is_within_the_bound(k: float, within: float) -> None:
    pairs, won = simulated(STRENGTHS, matches=40_000, rng=rng())
    exact = elo_bootstrap(pairs, won, systems=5, rng=rng(1), resamples=40, k=k)
    quick = elo_bootstrap_bounded(pairs, won, systems=5, rng=rng(1), resamples=40, k=k, within=within)
    assert quick.played < 0.5 * quick.matches
    assert quick.bound <= within
    error = np.abs(quick.bootstrap.resampled - exact.resampled).max(axis=1)
    assert error.mean() <= quick.bound
    assert np.array_equal(quick.bootstrap.original, exact.original)


def test_a_tighter_bound_needs_more_matches() -> None:
    pairs, won = simulated(STRENGTHS, matches=40_000, rng=rng())
    loose, tight = (
        elo_bootstrap_bounded(pairs, won, systems=5, rng=rng(1), resamples=20, within=within) for within in (20.0, 1e-6)
    )
    assert loose.played < tight.played


def test_boards_that_do_not_forget_are_played_whole() -> None:
    # System 0 beats all others, always: its lead grows with every match there ever was.
    pairs, won = simulated(STRENGTHS, matches=6000, rng=rng())
    won = np.where(pairs[:, 0] == 0, True, np.where(pairs[:, 1] == 0, False, won))
    made = elo_bootstrap_bounded(pairs, won, systems=5, rng=rng(1), resamples=10)
    assert made.played == made.matches
    assert made.bound == 0.0
    exact = elo_bootstrap(pairs, won, systems=5, rng=rng(1), resamples=10)
    assert made.bootstrap.resampled == pytest.approx(exact.resampled)


def test_short_lists_are_played_whole() -> None:
    pairs, won = simulated(STRENGTHS, matches=300, rng=rng())
    made = elo_bootstrap_bounded(pairs, won, systems=5, rng=rng(1), resamples=10)
    assert (made.played, made.matches, made.bound) == (300, 300, 0.0)
    none = elo_bootstrap_bounded(np.zeros((0, 2), dtype=int), np.zeros(0), systems=3, rng=rng(), resamples=4)
    assert none.bootstrap.resampled == pytest.approx(np.full((4, 3), 1000.0))


@pytest.mark.parametrize(("option", "value"), [("k", 200.0), ("k", 0.0), ("within", 0.0), ("within", float("nan"))])
def test_what_the_bound_cannot_hold_for_is_refused(option: str, value: float) -> None:
    with pytest.raises(InvalidMatchesError, match=option):
        elo_bootstrap_bounded(np.array([[0, 1]]), np.array([True]), systems=2, rng=rng(), **{option: value})
