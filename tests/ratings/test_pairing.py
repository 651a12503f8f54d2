"""Pairing: the paper's eq. 1 to the letter, and a known probability for every draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.pairing import (
    all_pairs,
    balanced,
    d_optimal_weights,
    draw,
    floored,
    paper_weights,
    probabilities,
    uniform_weights,
)

RATINGS = st.lists(st.floats(500, 1500), min_size=2, max_size=8).map(np.array)


def test_equation_1_by_hand() -> None:
    # Ratings 1300, 1180, 1000: gaps 120, 300, 180; the largest 300, so mu = 100 and sigma = 50.
    # w = exp(-(120-100)^2 / 5000), exp(-(300-100)^2 / 5000), exp(-(180-100)^2 / 5000).
    assert all_pairs(3).tolist() == [[0, 1], [0, 2], [1, 2]]
    weights = paper_weights(np.array([1300.0, 1180.0, 1000.0]))
    assert weights == pytest.approx(np.exp([-0.08, -8.0, -1.28]))


def test_a_cold_start_is_uniform() -> None:
    assert paper_weights(np.full(5, 1000.0)).tolist() == [1.0] * 10


def test_sigma_is_at_least_one() -> None:
    # Largest gap 3: mu = 1, mu / 2 < 1, so sigma = 1: gaps 3, 0, 3 weigh exp(-2), exp(-.5), exp(-2).
    assert paper_weights(np.array([1003.0, 1000.0, 1000.0])) == pytest.approx(np.exp([-2.0, -2.0, -0.5]))


@settings(max_examples=40, deadline=None)
@given(RATINGS, st.floats(-400, 400))
def test_only_gaps_matter(ratings, shift) -> None:  # type: ignore[no-untyped-def]
    assert paper_weights(ratings + shift) == pytest.approx(paper_weights(ratings), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(RATINGS, st.floats(0, 1))
def test_probabilities_sum_to_one_and_keep_a_floor(ratings, mix) -> None:  # type: ignore[no-untyped-def]
    chances = probabilities(paper_weights(ratings), uniform_mix=mix)
    assert chances.sum() == pytest.approx(1.0)
    assert chances.min() >= mix / len(chances) - 1e-12


def test_d_optimal_prefers_the_pair_that_is_least_known() -> None:
    wins = np.array([[0, 50, 1], [50, 0, 50], [1, 50, 0]])
    fit = bradley_terry(wins)
    weights = d_optimal_weights(fit.ratings, fit.covariance)
    assert all_pairs(3)[weights.argmax()].tolist() == [0, 2]
    # equal ratings: p (1 - p) = 1/4 of Var(Ri) + Var(Rj) - 2 Cov
    c = fit.covariance
    assert weights[0] == pytest.approx((c[0, 0] + c[1, 1] - 2 * c[0, 1]) / 4)


def test_draws_come_as_often_as_their_probability_says() -> None:
    chances = probabilities(np.array([8.0, 1.0, 1.0]), uniform_mix=0.1)
    drawn, chance = draw(chances, size=20_000, rng=np.random.default_rng(0))
    shares = np.bincount(drawn, minlength=3) / 20_000
    assert shares == pytest.approx(chances, abs=0.015)
    assert np.array_equal(chance, chances[drawn])


def test_balance_lowers_what_was_played_more() -> None:
    weights = balanced(uniform_weights(3), played=np.array([4, 4, 7]))
    assert weights.tolist() == [1.0, 1.0, 0.25]
    assert balanced(uniform_weights(3), played=np.array([4, 4, 7]), strength=0.0).tolist() == [1.0] * 3


def test_a_floor_leaves_only_pairs_with_a_system_that_has_played_too_little() -> None:
    weights = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert floored(weights, played=np.array([5, 9, 2, 7]), floor=3).tolist() == [0, 0.2, 0, 0.4, 0, 0.6]
    assert floored(weights, played=np.array([5, 9, 3, 7]), floor=3).tolist() == weights.tolist()
    assert floored(weights, played=np.zeros(4, dtype=int), floor=1).tolist() == weights.tolist()


def test_a_d_optimal_vote_is_the_one_that_tells_most() -> None:
    # The determinant of the information grows by 1 + p (1 - p) Var(gap) with a vote: the first weight must be the
    # largest where one more match, added to the information, makes the determinant largest.
    rng = np.random.default_rng(0)
    wins = rng.integers(1, 20, size=(5, 5)).astype(float)
    fit = bradley_terry(wins)
    weights = d_optimal_weights(fit.ratings, fit.covariance)
    information = np.linalg.pinv(fit.covariance) * POINTS_PER_NAT**2 + np.ones((5, 5))
    grown = []
    for i, j in all_pairs(5):
        p = 1 / (1 + 10 ** ((fit.ratings[j] - fit.ratings[i]) / 400))
        side = np.eye(5)[i] - np.eye(5)[j]
        grown.append(np.linalg.det(information + p * (1 - p) * np.outer(side, side)) / np.linalg.det(information) - 1)
    assert weights / POINTS_PER_NAT**2 == pytest.approx(grown, rel=1e-6)


def test_weights_of_zero_fall_back_to_uniform() -> None:
    assert probabilities(np.zeros(4), uniform_mix=0.0).tolist() == [0.25] * 4


@pytest.mark.parametrize(
    ("weights", "mix", "says"),
    [([], 0.1, "no pair"), ([1.0, -1.0], 0.1, "negative"), ([1.0, np.nan], 0.1, "finite"), ([1.0], 1.5, "share 1.5")],
)
def test_what_cannot_be_drawn_from_is_refused(weights: list[float], mix: float, says: str) -> None:
    with pytest.raises(InvalidMatchesError, match=says):
        probabilities(np.array(weights), uniform_mix=mix)
