"""Clustered intervals cover as often as they say, where intervals that ignore clusters do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import clustered
from s2s_arena.ratings.bootstrap import bt_bootstrap_clustered
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clustered import clustered_fit, clustered_resamples
from s2s_arena.ratings.win_matrix import win_matrix

from ..strategies import simulated, tournaments
from .fields import STRENGTHS, SYSTEMS, leaning_votes, population_ratings


def coverage(*, clustered: str, studies: int = 60) -> float:
    truth = population_ratings(sample_sd=100.0, judge_sd=100.0)
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(studies):
        pairs, won, sample, judge = leaning_votes(
            rng, votes=1000, samples=100, judges=10, sample_sd=100.0, judge_sd=100.0
        )
        by = {"no": (), "both": (sample, judge)}[clustered]
        low, high = clustered_resamples(pairs, won, systems=SYSTEMS, rng=rng, clusters=by).interval()
        inside += int(((low <= truth) & (truth <= high)).sum())
    return inside / (studies * SYSTEMS)


def test_clustered_intervals_cover_where_judges_and_samples_lean_and_plain_ones_do_not() -> None:
    assert 0.92 <= coverage(clustered="both") <= 0.98
    assert coverage(clustered="no") < 0.89


def test_without_clusters_the_covariance_is_that_of_the_model_when_the_model_is_true() -> None:
    pairs, won = simulated(STRENGTHS, matches=20_000, rng=np.random.default_rng(0))
    model = bradley_terry(win_matrix(pairs, won, systems=SYSTEMS))
    made = clustered_fit(pairs, won, systems=SYSTEMS, clusters=())
    assert made.ratings == pytest.approx(model.ratings, abs=1e-6)
    assert made.standard_errors == pytest.approx(model.standard_errors, rel=0.05)


def test_one_kind_of_cluster_agrees_with_drawing_whole_clusters() -> None:
    rng = np.random.default_rng(1)
    pairs, won, sample, _ = leaning_votes(rng, votes=6000, samples=300, judges=10, sample_sd=300.0, judge_sd=0.0)
    made = clustered_fit(pairs, won, systems=SYSTEMS, clusters=(sample,))
    drawn = bt_bootstrap_clustered(pairs, won, systems=SYSTEMS, rng=rng, clusters=(sample,), resamples=400)
    assert made.standard_errors == pytest.approx(drawn.resampled.std(axis=0), rel=0.15)
    alone = clustered_fit(pairs, won, systems=SYSTEMS, clusters=())
    assert (made.standard_errors > 1.1 * alone.standard_errors).all()


def test_a_cluster_for_each_match_changes_next_to_nothing() -> None:
    pairs, won = simulated(STRENGTHS, matches=3000, rng=np.random.default_rng(2))
    alone = clustered_fit(pairs, won, systems=SYSTEMS, clusters=())
    each = clustered_fit(pairs, won, systems=SYSTEMS, clusters=(np.arange(3000), np.arange(3000)[::-1]))
    assert each.covariance == pytest.approx(alone.covariance, rel=0.05, abs=5.0)


def test_votes_given_twice_do_not_count_as_twice_the_evidence_when_clustered() -> None:
    pairs, won = simulated(STRENGTHS, matches=2000, rng=np.random.default_rng(4))
    once = clustered_fit(pairs, won, systems=SYSTEMS, clusters=()).standard_errors
    twice = (np.tile(pairs, (2, 1)), np.tile(won, 2))
    said = np.tile(np.arange(2000), 2)
    clustered = clustered_fit(*twice, systems=SYSTEMS, clusters=(said,), prior=1.0).standard_errors
    naive = clustered_fit(*twice, systems=SYSTEMS, clusters=(), prior=1.0).standard_errors
    assert clustered == pytest.approx(once, rel=0.01)
    assert naive == pytest.approx(once / np.sqrt(2.0), rel=0.03)


def test_few_judges_make_wider_intervals_than_many() -> None:
    rng = np.random.default_rng(5)
    pairs, won = simulated(STRENGTHS, matches=1000, rng=rng)
    judge = np.arange(1000) % 4
    made = clustered_resamples(pairs, won, systems=SYSTEMS, rng=rng, clusters=(judge,), resamples=4000)
    sd = clustered_fit(pairs, won, systems=SYSTEMS, clusters=(judge,)).standard_errors
    low, high = made.interval()
    assert (high - low) / (2 * sd) == pytest.approx(np.full(SYSTEMS, 3.18), rel=0.12)  # t, 3 degrees of freedom


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.integers(1, 4))
def test_any_board_has_finite_ratings_and_is_blind_to_who_is_heard_first(t, kinds) -> None:  # type: ignore[no-untyped-def]
    clusters = (np.arange(len(t.won)) % kinds,)
    made = clustered_fit(t.pairs, t.won, systems=t.n, clusters=clusters)
    turned = clustered_fit(t.swapped, ~t.won, systems=t.n, clusters=clusters)
    assert np.isfinite(made.ratings).all() and np.isfinite(made.covariance).all()
    assert made.covariance == pytest.approx(turned.covariance, rel=1e-6, abs=1e-3)
    assert np.linalg.eigvalsh(made.covariance).min() > -1e-6 * max(1.0, made.covariance.max())


def test_an_undefeated_system_keeps_a_wide_interval() -> None:
    pairs = np.array([[0, 1]] * 9 + [[1, 2]] * 20 + [[2, 1]] * 20)
    won = np.ones(len(pairs), dtype=bool)
    made = clustered_fit(pairs, won, systems=3, clusters=())
    assert made.standard_errors[0] > 150.0 > made.standard_errors[1]


def test_many_clusters_take_the_plain_formula_in_blocks(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(6)
    pairs, won = simulated(STRENGTHS, matches=900, rng=rng)
    judge = np.concatenate([np.arange(400), rng.integers(400, 600, size=500)])  # alone and in company
    near = clustered_fit(pairs, won, systems=SYSTEMS, clusters=(judge,)).covariance
    monkeypatch.setattr(clustered, "JACKKNIFE_CELLS", 0)
    whole = clustered_fit(pairs, won, systems=SYSTEMS, clusters=(judge,)).covariance
    monkeypatch.setattr(clustered, "BLOCK_CELLS", 7 * SYSTEMS)
    assert clustered_fit(pairs, won, systems=SYSTEMS, clusters=(judge,)).covariance == pytest.approx(whole, abs=1e-6)
    assert whole == pytest.approx(near, rel=0.1, abs=20.0)
    # by hand: pulls of clusters, summed one match after the other
    fit = bradley_terry(win_matrix(pairs, won, systems=SYSTEMS))
    pulls = np.zeros((600, SYSTEMS))
    for (i, j), first_won, who in zip(pairs, won, judge, strict=True):
        left = first_won - 1 / (1 + 10 ** ((fit.ratings[j] - fit.ratings[i]) / 400))
        pulls[who, i] += left
        pulls[who, j] -= left
    groups = len(np.unique(judge))
    bread = fit.covariance / (400 / np.log(10))
    assert whole == pytest.approx(groups / (groups - 1) * bread @ pulls.T @ pulls @ bread, rel=2e-2, abs=2.0)


def test_clusters_of_another_length_are_refused() -> None:
    with pytest.raises(InvalidMatchesError, match="1 entries given for 2 matches"):
        clustered_fit(np.array([[0, 1], [1, 0]]), np.array([1.0, 0.0]), systems=2, clusters=(np.array([0]),))
