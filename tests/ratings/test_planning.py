"""Sample-size plans: the paper's figure, closed forms, and simulated studies that keep what is promised."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.elo import expected
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.pairing import all_pairs, probabilities, uniform_weights
from s2s_arena.ratings.planning import direct_matches, plan, standard_errors_after
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated


def even_counts(strengths, *, matches, chances):  # type: ignore[no-untyped-def]
    """The win matrix one would expect: fractions, so that a fit gives the true strengths back."""
    wins = np.zeros((len(strengths), len(strengths)))
    for (i, j), chance in zip(all_pairs(len(strengths)), chances, strict=True):
        p = expected(np.array([strengths[i] - strengths[j]]))[0]
        wins[i, j], wins[j, i] = matches * chance * p, matches * chance * (1 - p)
    return wins


def test_the_papers_top_three_need_about_4800_direct_votes() -> None:
    # Table 4: 1246.1 - 1231.9 = 14 points. p = .52014; (1.960 + .842)^2 = 7.849;
    # gap = 14 / 173.72 = .080591 nats; 7.849 / (.080591^2 * .52014 * .47986) = 4842.
    votes = direct_matches(14.0)
    assert votes is not None
    assert votes == pytest.approx(4800, rel=0.02)
    assert votes == direct_matches(-14.0)


def test_as_many_direct_votes_as_planned_find_the_gap_as_often_as_planned() -> None:
    rng = np.random.default_rng(1)
    for gap, power in ((60.0, 0.8), (150.0, 0.9)):
        votes = direct_matches(gap, power=power)
        assert votes is not None
        won = rng.binomial(votes, expected(np.array([gap]))[0], size=2000)
        logit = np.log(won / (votes - won))
        found = np.abs(logit) * np.sqrt(won * (votes - won) / votes) > 1.959964
        assert found.mean() == pytest.approx(power, abs=0.035)


def test_a_board_played_as_planned_separates_as_often_as_planned() -> None:
    strengths = np.array([1120.0, 1040, 960, 880])
    chances = probabilities(uniform_weights(4), uniform_mix=0.0)
    nothing = bradley_terry(np.zeros((4, 4)))
    board = plan(strengths, nothing.covariance, chances=chances)[1].board
    assert board is not None
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(500):
        fit = bradley_terry(win_matrix(*simulated(strengths, matches=board, rng=rng), systems=4))
        variance = fit.covariance[1, 1] + fit.covariance[2, 2] - 2 * fit.covariance[1, 2]
        found += abs(fit.ratings[1] - fit.ratings[2]) > 1.959964 * np.sqrt(variance)
    assert found / 500 == pytest.approx(0.8, abs=0.06)


def test_what_was_played_counts_towards_the_plan() -> None:
    strengths = np.array([1080.0, 1000, 920])
    chances = np.full(3, 1 / 3)
    target = plan(strengths, bradley_terry(np.zeros((3, 3))).covariance, chances=chances)[0].board
    assert target is not None
    half = bradley_terry(even_counts(strengths, matches=target / 2, chances=chances))
    left = plan(strengths, half.covariance, chances=chances)[0].board
    assert left == pytest.approx(target / 2, rel=0.03)
    done = bradley_terry(even_counts(strengths, matches=1.2 * target, chances=chances))
    assert plan(strengths, done.covariance, chances=chances)[0].board == 0


def test_forecast_errors_are_those_of_a_fit_with_the_further_matches() -> None:
    strengths = np.linspace(1200, 800, 5)
    chances = np.random.default_rng(3).dirichlet(np.ones(10))
    now = bradley_terry(even_counts(strengths, matches=500, chances=chances))
    later = bradley_terry(even_counts(strengths, matches=2500, chances=chances))
    forecast = standard_errors_after(strengths, now.covariance, matches=2000, chances=chances)
    assert forecast == pytest.approx(later.standard_errors, rel=0.03)
    unchanged = standard_errors_after(now.ratings, now.covariance, matches=0)
    assert unchanged == pytest.approx(now.standard_errors)


def test_direct_matches_alone_are_the_two_system_formula() -> None:
    strengths = np.array([1030.0, 970.0])
    nothing = bradley_terry(np.zeros((2, 2)))
    (only,) = plan(strengths, nothing.covariance, chances=np.ones(1))
    prior = 1 / (2 / (0.5 * 0.25) * POINTS_PER_NAT**2)
    assert only.direct == only.board
    p = expected(np.array([60.0]))[0]
    alone = direct_matches(60.0)
    assert alone is not None and only.direct is not None
    assert only.direct == pytest.approx(alone - prior * POINTS_PER_NAT**2 / (p * (1 - p)), abs=1.01)


def test_dearer_promises_take_more_matches() -> None:
    fit = bradley_terry(
        win_matrix(*simulated(np.linspace(1100, 900, 6), matches=300, rng=np.random.default_rng(4)), systems=6)
    )
    plain = plan(fit.ratings, fit.covariance)
    surer = plan(fit.ratings, fit.covariance, critical=2.85)
    clustered = plan(fit.ratings, fit.covariance, design_effect=2.0)
    for one, two, three in zip(plain, surer, clustered, strict=True):
        assert one.direct is not None and two.direct is not None and three.direct is not None
        assert one.direct <= two.direct
        assert three.direct == pytest.approx(2 * one.direct, abs=2)
        assert one.board is not None and one.direct <= one.board
        assert (one.power >= 0.8) == (one.direct == 0)


def test_equal_systems_never_separate_and_say_so() -> None:
    assert direct_matches(0.0) is None
    wins = 10 * (1 - np.eye(3))
    fit = bradley_terry(wins)
    flat = plan(np.full(3, 1000.0), fit.covariance)
    assert [(n.direct, n.board) for n in flat] == [(None, None)] * 2
    assert [n.power for n in flat] == pytest.approx([0.05, 0.05])
    assert plan(np.array([1000.0]), np.zeros((1, 1))) == ()


def test_malformed_input_is_named() -> None:
    with pytest.raises(InvalidMatchesError, match="power 80"):
        direct_matches(10, power=80)
    with pytest.raises(InvalidMatchesError, match="gap nan"):
        direct_matches(float("nan"))
    with pytest.raises(InvalidMatchesError, match="each of 3 pairs"):
        plan(np.zeros(3), np.eye(3), chances=np.ones(2))
    with pytest.raises(InvalidMatchesError, match="design effect 0"):
        plan(np.zeros(3), np.eye(3), design_effect=0.0)
    with pytest.raises(InvalidMatchesError, match="-1 further"):
        standard_errors_after(np.zeros(3), np.eye(3), matches=-1)
