"""The test of voters keeps its error rate whatever the voter hears and however often one looks, and catches habits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.voters import SLIP, VoterTest, crowd_rates, voter_test, worth_a_look
from s2s_arena.ratings.win_matrix import weighted_win_matrix

from ..strategies import tournaments
from .fields import STRENGTHS, SYSTEMS, chance


def drawn(rng: np.random.Generator, votes: int):  # type: ignore[no-untyped-def]
    first = rng.integers(SYSTEMS, size=votes)
    second = (first + rng.integers(1, SYSTEMS, size=votes)) % SYSTEMS
    return np.stack([first, second], axis=1), chance(STRENGTHS[first] - STRENGTHS[second])


def caught_at(habit, *, votes: int = 300, voters: int = 200, seed: int = 0) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Number of the vote at which each voter with the habit was flagged; a big number for never."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(voters):
        pairs, rates = drawn(rng, votes)
        made, _ = voter_test(pairs, habit(rng, pairs, rates), crowd=rates, systems=SYSTEMS)
        found.append(made.crossed or 10**9)
    return np.array(found)


def test_villes_bound_holds_over_long_honest_voting_with_and_without_slips() -> None:
    honest = caught_at(lambda rng, pairs, rates: rng.random(len(rates)) < rates, votes=1000, voters=600)
    assert (honest < 10**9).mean() <= 0.01 + 0.008  # alpha, and two standard errors
    slips = caught_at(
        lambda rng, pairs, rates: rng.random(len(rates)) < (1 - SLIP) * rates + SLIP / 2, votes=1000, voters=600, seed=1
    )
    assert (slips < 10**9).mean() <= 0.01 + 0.008


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), st.floats(0.0, 1.0), st.integers(0, 5))
def test_the_e_value_expects_at_most_one_under_any_honest_vote(rates, next_rate, seed) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    pairs = np.array([[0, 1], [1, 2], [2, 0], [1, 0], [0, 2], [2, 1]])[: len(rates)]
    test, _ = voter_test(pairs, rng.random(len(rates)) < 0.5, crowd=np.array(rates), systems=3)
    for slip in (0.0, SLIP / 3, SLIP):
        p = (1 - slip) * next_rate + slip / 2
        after = [test.after(first=2, second=1, first_won=won, crowd=next_rate).log_e_value for won in (1.0, 0.0)]
        assert p * np.exp(after[0]) + (1 - p) * np.exp(after[1]) <= np.exp(test.log_e_value) * (1 + 1e-9)


def test_a_random_clicker_and_a_shill_of_the_last_system_are_caught_in_about_twenty_votes() -> None:
    random = caught_at(lambda rng, pairs, rates: rng.random(len(rates)) < 0.5)
    assert 10 <= np.median(random) <= 25
    shill = caught_at(
        lambda rng, pairs, rates: np.where(
            (pairs == SYSTEMS - 1).any(axis=1), pairs[:, 0] == SYSTEMS - 1, rng.random(len(rates)) < rates
        )
    )
    assert 12 <= np.median(shill) <= 30


def test_a_voter_for_one_side_and_one_who_votes_against_the_crowd_are_caught_in_ten() -> None:
    for habit in (
        lambda rng, pairs, rates: np.ones(len(rates)),
        lambda rng, pairs, rates: np.zeros(len(rates)),
        lambda rng, pairs, rates: rng.random(len(rates)) > rates,
    ):
        assert np.median(caught_at(habit, voters=60)) <= 10


def test_the_habit_is_named() -> None:
    rng = np.random.default_rng(2)
    pairs, rates = drawn(rng, 150)
    honest = rng.random(150) < rates
    against = np.where((pairs == 0).any(axis=1), pairs[:, 1] == 0, honest)
    towards = np.where((pairs == 8).any(axis=1), pairs[:, 0] == 8, honest)
    expected = {
        ("always second", None): np.zeros(150),
        ("inverted", None): ~(rng.random(150) < rates),
        ("random", None): rng.random(150) < 0.5,
        ("anti", 0): against,
        ("pro", 8): towards,
    }
    for habit, won in expected.items():
        test, _ = voter_test(pairs, won, crowd=rates, systems=SYSTEMS)
        assert test.flagged and test.habit == habit


def test_a_live_board_gets_the_same_vote_by_vote_as_all_at_once() -> None:
    rng = np.random.default_rng(3)
    pairs, rates = drawn(rng, 60)
    won = rng.choice([0.0, 0.5, 1.0], size=60)
    whole, path = voter_test(pairs, won, crowd=rates, systems=SYSTEMS)
    live = VoterTest.fresh(SYSTEMS)
    for vote in range(60):
        live = live.after(first=pairs[vote, 0], second=pairs[vote, 1], first_won=won[vote], crowd=rates[vote])
        assert live.log_e_value == pytest.approx(path[vote])
    assert (live.votes, live.crossed) == (whole.votes, whole.crossed) == ((won != 0.5).sum(), whole.crossed)
    assert live.peak == pytest.approx(whole.peak) and whole.crossed is not None


def test_one_vote_by_hand() -> None:
    # Two systems, the crowd gives the first .2 and it wins: an honest vote has at most .98 * .2 + .01 = .206.
    # random .5, first .98, second .02, inverted .8, pro 0 .98, pro 1 .02, anti 0 .02, anti 1 .98, each over .206.
    made = VoterTest.fresh(2).after(first=0, second=1, first_won=1.0, crowd=0.2)
    average = (0.5 + 0.98 + 0.02 + 0.8 + (0.98 + 0.02) / 2 + (0.02 + 0.98) / 2) / 6 / 0.206
    assert np.exp(made.log_e_value) == pytest.approx(average)


def test_crowd_rates_leave_the_voter_out() -> None:
    rng = np.random.default_rng(4)
    pairs, rates = drawn(rng, 400)
    won = (rng.random(400) < rates).astype(float)
    voters = rng.integers(7, size=400) * 3
    made = crowd_rates(pairs, won, voters=voters, systems=SYSTEMS)
    others = voters != 6
    fit = bradley_terry(weighted_win_matrix(pairs[others], won[others], systems=SYSTEMS))
    mine = ~others
    first, second = pairs[mine].T
    side = np.eye(SYSTEMS)[first] - np.eye(SYSTEMS)[second]
    sd = np.sqrt(np.einsum("vi,ij,vj->v", side, fit.covariance, side))
    gaps = np.linspace(-8, 8, 2001)[:, None] * sd + fit.ratings[first] - fit.ratings[second]
    density = np.exp(-(np.linspace(-8, 8, 2001)[:, None] ** 2) / 2)
    assert made[mine] == pytest.approx((chance(gaps) * density).sum(axis=0) / density.sum(), abs=0.01)
    changed = np.where(mine, 1.0 - won, won)
    again = crowd_rates(pairs, changed, voters=voters, systems=SYSTEMS)
    assert again[mine] == pytest.approx(made[mine], abs=1e-6)


def among(pairs, won, voters):  # type: ignore[no-untyped-def]
    crowd = crowd_rates(pairs, won, voters=voters, systems=SYSTEMS)
    parts = [voters == v for v in np.unique(voters)]
    return [voter_test(pairs[mine], won[mine], crowd=crowd[mine], systems=SYSTEMS)[0] for mine in parts]


def test_a_small_crowd_that_knows_little_convicts_nobody() -> None:
    flagged = []
    for seed in range(80):
        rng = np.random.default_rng([8, seed])
        pairs, rates = drawn(rng, 3 * 20)
        flagged += [test.flagged for test in among(pairs, rng.random(60) < rates, np.repeat(np.arange(3), 20))]
    assert np.mean(flagged) <= 0.01 + 0.0125


def test_with_rates_from_the_crowd_honest_voters_pass_and_careless_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    pairs, rates = drawn(rng, 60 * 50)
    voters = np.repeat(np.arange(60), 50)
    random = voters < 6
    won = np.where(random, rng.random(len(rates)) < 0.5, rng.random(len(rates)) < rates)
    tests = among(pairs, won, voters)
    flagged = np.array([test.flagged for test in tests])
    assert flagged[:6].sum() >= 5 and flagged[6:].sum() <= 2
    named = worth_a_look(np.array([test.log_e_value for test in tests]))
    assert named[:6].sum() >= 4 and not named[6:].any()


def test_e_bh_by_hand() -> None:
    # Four voters, share .1: the k-th largest e-value needs 4 / (.1 k) = 40, 20, 13.3, 10.
    values = np.log(np.array([1.0, 21.0, 30.0, 2.0]))
    assert worth_a_look(values, share=0.1).tolist() == [False, True, True, False]
    assert not worth_a_look(np.log(np.array([19.0, 30.0, 2.0, 1.0])), share=0.1).any()
    assert worth_a_look(np.zeros(0)).tolist() == []


@settings(max_examples=30, deadline=None)
@given(tournaments(max_matches=20))
def test_the_side_heard_first_does_not_matter_but_to_the_habits_of_sides(t) -> None:  # type: ignore[no-untyped-def]
    voters = np.arange(len(t.won)) % 3
    rates = crowd_rates(t.pairs, t.won, voters=voters, systems=t.n)
    turned = crowd_rates(t.swapped, ~t.won, voters=voters, systems=t.n)
    assert turned == pytest.approx(1.0 - rates, abs=1e-6)
    one, _ = voter_test(t.pairs, t.won, crowd=rates, systems=t.n)
    two, _ = voter_test(t.swapped, ~t.won, crowd=turned, systems=t.n)
    assert two.log_ratios[[0, 2, 1]] == pytest.approx(one.log_ratios[[0, 1, 2]], abs=1e-4)
    assert two.log_ratios[3:] == pytest.approx(one.log_ratios[3:], abs=1e-4)


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(InvalidMatchesError, match=r"alpha 1\.0"):
        VoterTest.fresh(3, alpha=1.0)
    with pytest.raises(InvalidMatchesError, match=r"probability 1\.2"):
        VoterTest.fresh(3).after(first=0, second=1, first_won=1.0, crowd=1.2)
    with pytest.raises(InvalidMatchesError, match="meets itself"):
        VoterTest.fresh(3).after(first=1, second=1, first_won=1.0, crowd=0.2)
    with pytest.raises(InvalidMatchesError, match="one each needed"):
        voter_test(np.array([[0, 1]]), np.array([1.0]), crowd=np.zeros(2), systems=2)
    with pytest.raises(InvalidMatchesError, match="one each needed"):
        crowd_rates(np.array([[0, 1]]), np.array([1.0]), voters=np.zeros(2, dtype=int), systems=2)
