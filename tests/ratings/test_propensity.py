"""Inverse-propensity weights undo how matches were drawn, and say what that cost."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clustered import clustered_fit
from s2s_arena.ratings.propensity import inverse_propensity
from s2s_arena.ratings.win_matrix import weighted_win_matrix


def test_weights_by_hand() -> None:
    # 1 / p = 2, 2, 4: mean 8/3; effective (8)^2 / (4 + 4 + 16) = 64 / 24
    made = inverse_propensity(np.array([0.5, 0.5, 0.25]))
    assert made.weights == pytest.approx([0.75, 0.75, 1.5])
    assert made.effective == pytest.approx(64 / 24)
    assert made.clipped == 0


def test_equal_chances_weigh_nothing() -> None:
    made = inverse_propensity(np.full(7, 0.03))
    assert made.weights == pytest.approx(np.ones(7))
    assert made.effective == pytest.approx(7)


def test_rare_draws_are_cut_and_counted() -> None:
    made = inverse_propensity(np.array([0.1] * 9 + [1e-6]), largest=5.0)
    assert made.clipped == 1
    assert made.weights.max() == pytest.approx(5 * made.weights[0])
    assert made.weights.max() == pytest.approx(made.limit)
    assert inverse_propensity(np.array([0.1] * 9 + [1e-6]), largest=np.inf).clipped == 0


def test_a_board_drawn_unevenly_comes_out_as_if_drawn_evenly() -> None:
    # No strengths fit these chances (A beats B, B beats C, C beats A, unequally), so the answer is the drawing's.
    chances = np.array([[0.5, 0.9, 0.4], [0.1, 0.5, 0.7], [0.6, 0.3, 0.5]])
    pairs = np.array([[0, 1], [1, 2], [0, 2]])
    even = bradley_terry(1e5 * np.where(np.eye(3, dtype=bool), 0.0, chances)).ratings
    rng = np.random.default_rng(0)
    which = rng.choice(3, size=60_000, p=[0.7, 0.2, 0.1])
    drawn = pairs[which]
    won = rng.random(60_000) < chances[drawn[:, 0], drawn[:, 1]]
    made = inverse_propensity(np.array([0.7, 0.2, 0.1])[which])
    plain, weighted = (
        bradley_terry(weighted_win_matrix(drawn, won, systems=3, weights=w)).ratings for w in (None, made.weights)
    )
    assert weighted == pytest.approx(even, abs=6)
    assert np.abs(plain - even).max() > 20
    assert 0.3 * 60_000 < made.effective < 0.7 * 60_000


def test_the_robust_covariance_knows_that_a_weight_is_not_a_vote() -> None:
    rng = np.random.default_rng(1)
    strengths = np.array([1100.0, 1000.0, 900.0])
    fits = []
    for _ in range(150):
        first = rng.integers(3, size=300)
        second = (first + rng.integers(1, 3, size=300)) % 3
        won = rng.random(300) < 1 / (1 + 10 ** ((strengths[second] - strengths[first]) / 400))
        weights = inverse_propensity(rng.choice([0.05, 0.5], size=300)).weights
        pairs = np.stack([first, second], axis=1)
        fits.append(clustered_fit(pairs, won, systems=3, clusters=(), weights=weights))
    spread = np.std([fit.ratings for fit in fits], axis=0)
    assert np.mean([fit.standard_errors for fit in fits], axis=0) == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("p", [0.0, -0.1, 1.1, np.nan])
def test_what_is_no_probability_is_named(p: float) -> None:
    with pytest.raises(InvalidMatchesError, match="match 1"):
        inverse_propensity(np.array([0.5, p]))


def test_cutting_below_the_median_is_refused() -> None:
    with pytest.raises(InvalidMatchesError, match="largest"):
        inverse_propensity(np.array([0.5]), largest=0.5)
    assert inverse_propensity(np.zeros(0)).effective == 0.0


def test_the_robust_covariance_is_that_of_a_logistic_regression() -> None:
    statsmodels = pytest.importorskip("statsmodels.api", reason="optional oracle not installed")
    rng = np.random.default_rng(2)
    first = rng.integers(4, size=500)
    second = (first + rng.integers(1, 4, size=500)) % 4
    won = rng.random(500) < 1 / (1 + 10 ** ((second - first) / 4))
    design = np.eye(4)[first] - np.eye(4)[second]
    theirs = statsmodels.Logit(won.astype(float), design[:, 1:]).fit(disp=0, cov_type="HC0").cov_params()
    full = np.zeros((4, 4))
    full[1:, 1:] = theirs
    centring = np.eye(4) - 0.25
    pairs = np.stack([first, second], axis=1)
    ours = clustered_fit(pairs, won, systems=4, clusters=(), prior=1e-9).covariance
    factor = (400 / np.log(10)) ** 2
    assert ours == pytest.approx(centring @ full @ centring * factor, rel=0.02, abs=1.0)
