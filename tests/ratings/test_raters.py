"""Abilities of simulated judges are recovered with intervals that cover, and contrarians show as negative."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.raters import rater_abilities
from s2s_arena.ratings.win_matrix import weighted_win_matrix

from ..strategies import simulated, tournaments
from .fields import STRENGTHS, SYSTEMS, chance


def voted(rng, abilities, votes):  # type: ignore[no-untyped-def]
    """Votes of judges whose vote-weighted mean ability is 1; the abilities so scaled come back too."""
    first = rng.integers(SYSTEMS, size=votes)
    pairs = np.stack([first, (first + rng.integers(1, SYSTEMS, size=votes)) % SYSTEMS], axis=1)
    judges = rng.integers(len(abilities), size=votes)
    scaled = abilities / np.mean(abilities[judges])
    gap = STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]]
    return pairs, rng.random(votes) < chance(scaled[judges] * gap), judges, scaled


def test_simulated_abilities_are_recovered_and_their_intervals_cover() -> None:
    rng = np.random.default_rng(0)
    inside, together = [], []
    for _ in range(20):
        pairs, won, judges, truth = voted(rng, rng.normal(1.0, 0.5, 40), 4000)
        made = rater_abilities(pairs, won, judges=judges, systems=SYSTEMS, raters=40)
        low, high = made.ability_interval()
        inside.append(((low <= truth) & (truth <= high)).mean())
        together.append(np.corrcoef(truth, made.abilities)[0, 1])
        assert made.ratings == pytest.approx(STRENGTHS - STRENGTHS.mean() + 1000.0, abs=150.0)
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean(together) > 0.85


def test_a_contrarian_is_negative_and_a_coin_is_about_nought() -> None:
    rng = np.random.default_rng(1)
    pairs, won, judges, _ = voted(rng, np.array([1.0] * 8 + [-1.0, 0.0]), 5000)
    made = rater_abilities(pairs, won, judges=judges, systems=SYSTEMS)
    low, high = made.ability_interval()
    assert high[8] < 0.0 and low[9] < 0.0 < high[9] and (low[:8] > 0.5).all()
    assert made.votes @ made.abilities / made.votes.sum() == pytest.approx(1.0)


def test_knowing_who_is_able_rates_better_than_counting_all_votes_alike() -> None:
    rng = np.random.default_rng(2)
    errors = []
    for _ in range(15):
        pairs, won, judges, _ = voted(rng, np.array([1.8] * 4 + [0.1] * 12), 1500)
        plain = bradley_terry(weighted_win_matrix(pairs, won, systems=SYSTEMS)).ratings
        made = rater_abilities(pairs, won, judges=judges, systems=SYSTEMS, spread=1.0)
        order = np.corrcoef(STRENGTHS, made.ratings)[0, 1], np.corrcoef(STRENGTHS, plain)[0, 1]
        errors.append(order[0] - order[1])
    assert np.mean(errors) > 0.0


def test_one_judge_gives_the_plain_board() -> None:
    pairs, won = simulated(STRENGTHS, matches=800, rng=np.random.default_rng(3))
    made = rater_abilities(pairs, won, judges=np.zeros(800, dtype=int), systems=SYSTEMS, spread=1e-4)
    plain = bradley_terry(weighted_win_matrix(pairs, won, systems=SYSTEMS))
    assert made.ratings == pytest.approx(plain.ratings, abs=0.1)
    assert made.standard_errors == pytest.approx(plain.standard_errors, rel=1e-2)
    assert made.abilities == pytest.approx([1.0])


def test_the_solution_is_the_mode_an_independent_optimiser_finds() -> None:
    optimise = pytest.importorskip("scipy.optimize").minimize
    rng = np.random.default_rng(4)
    pairs, won, judges, _ = voted(rng, rng.normal(1.0, 0.4, 5), 400)
    made = rater_abilities(pairs, won, judges=judges, systems=SYSTEMS, raters=5)

    def loss(x):  # type: ignore[no-untyped-def]
        strengths, abilities = x[:SYSTEMS], x[SYSTEMS:]
        lead = abilities[judges] * (strengths[pairs[:, 0]] - strengths[pairs[:, 1]])
        games = np.logaddexp(0.0, np.where(won, -lead, lead)).sum()
        return games + 0.5 * (np.logaddexp(0.0, strengths) - strengths / 2).sum() + 2.0 * ((abilities - 1) ** 2).sum()

    theirs = optimise(loss, np.concatenate([np.zeros(SYSTEMS), np.ones(5)]), method="BFGS").x
    mean = theirs[SYSTEMS:][judges].mean()
    assert made.abilities == pytest.approx(theirs[SYSTEMS:] / mean, abs=1e-3)
    lead = mean * (theirs[:SYSTEMS] - theirs[:SYSTEMS].mean()) * 400 / np.log(10)
    assert made.ratings == pytest.approx(1000 + lead, abs=0.5)


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.integers(1, 5), st.randoms(use_true_random=False))
def test_any_votes_have_finite_abilities_whoever_is_heard_first(t, raters, random) -> None:  # type: ignore[no-untyped-def]
    judges = np.array([random.randrange(raters) for _ in t.won], dtype=np.int64)
    try:
        made = rater_abilities(t.pairs, t.won, judges=judges, systems=t.n, raters=raters)
    except InvalidMatchesError as error:
        assert "contradict" in str(error)
        return
    turned = rater_abilities(t.swapped, ~t.won, judges=judges, systems=t.n, raters=raters)
    for one, other in (
        (made.ratings, turned.ratings),
        (made.abilities, turned.abilities),
        (made.ability_errors, turned.ability_errors),
    ):
        assert np.isfinite(one).all() and one == pytest.approx(other, abs=1e-3)
    assert made.ratings.mean() == pytest.approx(1000.0)


def test_a_judge_without_votes_is_average_and_as_uncertain_as_expected_beforehand() -> None:
    pairs, won = simulated(STRENGTHS, matches=3000, rng=np.random.default_rng(5))
    made = rater_abilities(pairs, won, judges=np.arange(3000) % 3, systems=SYSTEMS, raters=4)
    assert made.abilities[3] == pytest.approx(1.0, abs=0.15)
    assert made.ability_errors[3] == pytest.approx(0.5, rel=0.2) and made.votes[3] == 0
    assert (made.ability_errors[:3] < 0.2).all()


def test_what_has_no_abilities_is_refused() -> None:
    pairs, won = np.array([[0, 1]]), np.array([1.0])
    for says, options in {
        "one each needed": {"judges": np.zeros(2, dtype=int)},
        "index 3 given": {"judges": np.array([3]), "raters": 2},
        "index -1": {"judges": np.array([-1])},
        "spread 0": {"judges": np.array([0]), "spread": 0.0},
    }.items():
        with pytest.raises(InvalidMatchesError, match=says):
            rater_abilities(pairs, won, systems=2, **options)  # type: ignore[arg-type]
