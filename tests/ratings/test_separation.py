"""Separation of all pairs at once: its error rate in simulated studies, and its agreement with known quantiles."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bootstrap import bt_bootstrap
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.separation import separate, separate_draws
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated

EQUAL = np.full(6, 1000.0)


def simulated_wins(strengths, *, matches, rng):  # type: ignore[no-untyped-def]
    pairs, won = simulated(strengths, matches=matches, rng=rng)
    return win_matrix(pairs, won, systems=len(strengths))


def test_the_critical_value_is_that_of_the_studentised_range() -> None:
    # Independent ratings of equal error: the largest |difference| / SE is Tukey's q / sqrt 2.
    stats = pytest.importorskip("scipy.stats")
    for systems in (2, 5, 10):
        found = separate(np.zeros(systems), np.eye(systems), rng=np.random.default_rng(1), draws=20_000).critical
        q = stats.studentized_range.ppf(0.95, systems, np.inf)
        assert found == pytest.approx(q / np.sqrt(2), abs=0.04)


def test_adjusted_p_values_are_those_of_tukey() -> None:
    stats = pytest.importorskip("scipy.stats")
    ratings = np.array([0.0, 1.0, 2.2, 4.1])
    found = separate(ratings, np.eye(4), rng=np.random.default_rng(2), draws=40_000).p_values
    gaps = np.abs(ratings[:, None] - ratings[None, :])
    q = stats.studentized_range.sf(gaps, 4, np.inf)
    assert found == pytest.approx(q, abs=0.012)


@pytest.mark.parametrize("step_down", [False, True])
def test_equal_systems_are_separated_in_at_most_one_study_of_twenty(step_down: bool) -> None:
    rng = np.random.default_rng(3)
    studies = 400
    false = 0
    for _ in range(studies):
        fit = bradley_terry(simulated_wins(EQUAL, matches=300, rng=rng))
        found = separate(fit.ratings, fit.covariance, rng=rng, draws=1000, step_down=step_down)
        false += bool(found.better.any())
    # 5 % nominal; three standard errors of 400 studies are 3.3 %
    assert 0.015 <= false / studies <= 0.083


def test_bootstrap_draws_keep_the_error_rate_too() -> None:
    rng = np.random.default_rng(4)
    studies = 160
    false = 0
    for _ in range(studies):
        boot = bt_bootstrap(simulated_wins(EQUAL, matches=400, rng=rng), rng=rng, resamples=400)
        false += bool(separate_draws(boot.original, boot.resampled).better.any())
    assert 0.005 <= false / studies <= 0.102  # three standard errors of 160 studies


def test_step_down_makes_no_more_false_claims_when_some_systems_differ() -> None:
    strengths = np.array([1300.0, 1300, 1000, 1000, 700, 700])  # 3 true ties among 15 pairs
    same = strengths[:, None] == strengths[None, :]
    rng = np.random.default_rng(5)
    false = more = 0
    studies = 300
    for _ in range(studies):
        fit = bradley_terry(simulated_wins(strengths, matches=400, rng=rng))
        single = separate(fit.ratings, fit.covariance, rng=np.random.default_rng(0), draws=1000)
        stepped = separate(fit.ratings, fit.covariance, rng=np.random.default_rng(0), draws=1000, step_down=True)
        assert not (single.better & ~stepped.better).any()
        false += bool((stepped.better & same).any())
        more += int(stepped.better.sum() - single.better.sum())
    assert false / studies <= 0.088
    assert more > 0


def test_rank_sets_hold_all_true_ranks_at_once() -> None:
    strengths = np.linspace(1120, 880, 6)
    rng = np.random.default_rng(6)
    held = 0
    studies = 300
    for _ in range(studies):
        fit = bradley_terry(simulated_wins(strengths, matches=400, rng=rng))
        found = separate(fit.ratings, fit.covariance, rng=rng, draws=1000, step_down=True)
        held += bool(((found.rank_low <= np.arange(1, 7)) & (found.rank_high >= np.arange(1, 7))).all())
    assert held / studies >= 0.92


def test_simultaneous_intervals_cover_all_true_gaps() -> None:
    strengths = np.linspace(1200, 800, 6)
    gaps = strengths[:, None] - strengths[None, :]
    rng = np.random.default_rng(7)
    covered = 0
    studies = 400
    for _ in range(studies):
        fit = bradley_terry(simulated_wins(strengths, matches=600, rng=rng))
        found = separate(fit.ratings, fit.covariance, rng=rng, draws=1000)
        covered += bool(((found.low <= gaps) & (gaps <= found.high)).all())
    assert 0.917 <= covered / studies <= 0.99


def test_intervals_leave_out_0_exactly_where_single_step_p_values_are_small() -> None:
    fit = bradley_terry(simulated_wins(np.linspace(1200, 800, 8), matches=500, rng=np.random.default_rng(8)))
    found = separate(fit.ratings, fit.covariance, rng=np.random.default_rng(9))
    assert np.array_equal(found.low > 0, found.better)
    assert not (found.better & found.better.T).any()
    assert np.array_equal(found.rank_high, 8 - (found.p_values <= 0.05).sum(1) + (found.rank_low - 1))


def test_renaming_systems_renames_the_result() -> None:
    fit = bradley_terry(simulated_wins(np.linspace(1200, 800, 5), matches=300, rng=np.random.default_rng(10)))
    boot = bt_bootstrap(np.ones((5, 5), dtype=np.int64), rng=np.random.default_rng(0), resamples=300)
    new = np.array([3, 1, 4, 0, 2])
    one = separate_draws(fit.ratings, boot.resampled)
    two = separate_draws(fit.ratings[new], boot.resampled[:, new])
    assert two.p_values == pytest.approx(one.p_values[np.ix_(new, new)])
    assert two.letters == tuple(one.letters[i] for i in new)
    assert two.tiers.tolist() == one.tiers[new].tolist()


def test_boards_of_one_system_and_of_unplayed_systems_separate_nothing() -> None:
    alone = separate(np.array([1000.0]), np.zeros((1, 1)), rng=np.random.default_rng(0))
    assert (alone.letters, alone.tiers.tolist(), alone.rank_high.tolist()) == (("a",), [1], [1])
    unplayed = separate_draws(np.full(3, 1000.0), np.full((100, 3), 1000.0))
    assert not unplayed.better.any()
    assert unplayed.groups == ((0, 1, 2),)
    assert (unplayed.p_values == 1).all()


def test_malformed_input_is_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidMatchesError, match=r"\(systems, systems\) needed"):
        separate(np.zeros(3), np.eye(2), rng=rng)
    with pytest.raises(InvalidMatchesError, match="level 95"):
        separate(np.zeros(2), np.eye(2), rng=rng, level=95)
    with pytest.raises(InvalidMatchesError, match="20 draws"):
        separate_draws(np.zeros(2), np.zeros((20, 2)))
    with pytest.raises(InvalidMatchesError, match="not finite"):
        separate(np.zeros(2), np.array([[1.0, np.nan], [np.nan, 1.0]]), rng=rng)
