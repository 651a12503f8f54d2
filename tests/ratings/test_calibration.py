"""Margins as log-odds, against a general optimiser and against chances that are known."""

import numpy as np
import pytest
from scipy.optimize import minimize

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.calibration import calibrate, slope


def drawn(rng: np.random.Generator, *, true: float, cases: int) -> np.ndarray:
    """Margins of a judge that is right with chance 1 / (1 + exp(-true |margin|))."""
    lean = rng.exponential(0.5, cases)
    right = rng.random(cases) < 1.0 / (1.0 + np.exp(-true * lean))
    return np.where(right, lean, -lean)


@pytest.mark.parametrize("true", [0.5, 2.0, 10.0])
def test_the_slope_is_found(true: float):
    margins = drawn(np.random.default_rng(1), true=true, cases=40_000)
    assert slope(margins) == pytest.approx(true, rel=0.05)


def test_the_slope_is_what_a_general_optimiser_finds_for_smoothed_targets():
    margins = drawn(np.random.default_rng(2), true=3.0, cases=80)
    right = (margins > 0).sum()
    target = np.where(margins > 0, (right + 1) / (right + 2), 1 / (right + 2))

    def loss(a: np.ndarray) -> float:
        chance = 1 / (1 + np.exp(-a[0] * np.abs(margins)))
        return -float((target * np.log(chance) + (1 - target) * np.log(1 - chance)).sum())

    assert slope(margins) == pytest.approx(minimize(loss, [1.0], method="Nelder-Mead").x[0], rel=1e-3)


def test_margins_in_other_units_have_a_slope_in_those():
    margins = drawn(np.random.default_rng(3), true=3.0, cases=500)
    assert slope(margins * 100.0) == pytest.approx(slope(margins) / 100.0, rel=1e-4)


def test_margins_that_are_always_right_have_a_finite_slope_and_those_that_mislead_nearly_none():
    lean = np.linspace(0.1, 2.0, 50)
    assert 1.0 < slope(lean) < 1000.0
    assert slope(-lean) < 0.01


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([]), np.array([1.0, np.nan])])
def test_margins_that_tell_nothing_are_refused(bad: np.ndarray):
    with pytest.raises(InvalidMatchesError, match="calibration"):
        slope(bad)


def test_chances_of_a_judge_that_is_as_it_says_are_right():
    rng = np.random.default_rng(4)
    margins = drawn(rng, true=2.0, cases=3000)
    found = calibrate(margins, np.arange(3000), rng=rng)
    assert found is not None
    assert found.slope.low is not None
    assert found.slope.high is not None
    assert found.slope.low < 2.0 < found.slope.high
    assert found.error.value is not None
    assert found.error.value < 0.04
    chance = 1 / (1 + np.exp(-2.0 * np.abs(margins)))
    best = 1 + np.mean(np.log(np.where(margins > 0, chance, 1 - chance))) / np.log(2)
    assert found.saved.value == pytest.approx(best, abs=0.01)


def test_margins_that_say_nothing_of_being_right_save_nothing():
    rng = np.random.default_rng(5)
    lean = rng.exponential(1.0, 2000)
    margins = np.where(rng.random(2000) < 0.5, lean, -lean)
    found = calibrate(margins, np.arange(2000), rng=rng)
    assert found is not None
    assert found.saved.value == pytest.approx(0.0, abs=0.01)


def test_both_orders_of_a_pair_are_one_case():
    rng = np.random.default_rng(6)
    margins = drawn(rng, true=2.0, cases=200)
    once = calibrate(margins, np.arange(200), rng=np.random.default_rng(0))
    twice = calibrate(np.tile(margins, 2), np.tile(np.arange(200), 2), rng=np.random.default_rng(0))
    assert once is not None
    assert twice is not None
    assert once.slope.cases == twice.slope.cases == 200
    assert twice.slope.low == pytest.approx(once.slope.low, rel=0.05)


def test_few_pairs_say_nothing():
    assert calibrate(np.ones(19), np.arange(19), rng=np.random.default_rng(0)) is None
    assert calibrate(np.zeros(50), np.arange(50), rng=np.random.default_rng(0)) is None
