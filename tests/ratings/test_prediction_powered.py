"""A judge may narrow people's intervals, never bias them: nominal coverage whatever the judge does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clustered import clustered_fit
from s2s_arena.ratings.prediction_powered import prediction_powered
from s2s_arena.ratings.win_matrix import weighted_win_matrix

from ..strategies import tournaments
from .fields import STRENGTHS, SYSTEMS, chance

TRUTH = STRENGTHS - STRENGTHS.mean() + 1000.0


def good(rng, pairs, people):  # type: ignore[no-untyped-def]
    return np.where(rng.random(len(people)) < 0.85, people, 1.0 - people)


def wrong(rng, pairs, people):  # type: ignore[no-untyped-def]
    return 1.0 - good(rng, pairs, people)


def partisan(rng, pairs, people):  # type: ignore[no-untyped-def]
    """Good, but the last system always wins."""
    said = good(rng, pairs, people)
    last = SYSTEMS - 1
    return np.where(pairs[:, 0] == last, 1.0, np.where(pairs[:, 1] == last, 0.0, said))


def names(rng, pairs, people):  # type: ignore[no-untyped-def]
    """Knows the systems and does not listen."""
    return (STRENGTHS[pairs[:, 0]] > STRENGTHS[pairs[:, 1]]).astype(float)


def study(rng, judge, *, matches: int = 4000, votes: int = 300):  # type: ignore[no-untyped-def]
    first = rng.integers(SYSTEMS, size=matches)
    pairs = np.stack([first, (first + rng.integers(1, SYSTEMS, size=matches)) % SYSTEMS], axis=1)
    people = (rng.random(matches) < chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])).astype(float)
    voted = np.full(matches, np.nan)
    asked = rng.permutation(matches)[:votes]
    voted[asked] = people[asked]
    return pairs, judge(rng, pairs, people), voted, people


@pytest.mark.parametrize("judge", [good, wrong, partisan, names])
def test_intervals_cover_the_truth_of_people_whatever_the_judge(judge) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    inside, gains, errors, alone = 0, [], [], []
    for _ in range(60):
        pairs, judged, voted, _ = study(rng, judge)
        made = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS)
        low, high = made.interval()
        inside += int((np.abs(made.ratings - TRUTH) <= (high - low) / 2).sum())
        gains.append(made.gain)
        errors.append(((made.ratings - TRUTH) ** 2).mean())
        by_people = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS, power=0.0)
        alone.append(((by_people.ratings - TRUTH) ** 2).mean())
    assert 0.92 <= inside / (60 * SYSTEMS) <= 0.985
    # the gain it tells is the gain there is
    assert np.mean(gains) == pytest.approx(np.mean(alone) / np.mean(errors), rel=0.15)
    if judge is good:
        assert np.mean(gains) > 1.35
    if judge is wrong:
        assert np.mean(gains) > 1.2  # known to be wrong, it is as good as right
    if judge is names:
        assert np.mean(gains) < 1.05  # what it knows, the ratings know


def test_the_judge_alone_would_mislead() -> None:
    pairs, judged, voted, _ = study(np.random.default_rng(1), partisan, matches=20_000, votes=4000)
    trusted = bradley_terry(weighted_win_matrix(pairs, judged, systems=SYSTEMS)).ratings
    made = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS).ratings
    assert trusted[-1] - TRUTH[-1] > 300.0
    assert abs(made[-1] - TRUTH[-1]) < 40.0


@settings(max_examples=30, deadline=None)
@given(tournaments(), st.integers(0, 3))
def test_where_people_judged_all_their_votes_decide_alone(t, seed) -> None:  # type: ignore[no-untyped-def]
    if not len(t.won):
        return
    judged = np.random.default_rng(seed).random(len(t.won))
    made = prediction_powered(t.pairs, judged, voted=t.won.astype(float), systems=t.n)
    alone = bradley_terry(weighted_win_matrix(t.pairs, t.won, systems=t.n))
    assert made.ratings == pytest.approx(alone.ratings, abs=1e-3)
    assert made.power == 0.0 and made.gain == pytest.approx(1.0) and made.effective_votes == pytest.approx(len(t.won))
    assert np.isfinite(made.covariance).all()


def test_the_covariance_of_people_alone_is_the_clustered_one() -> None:
    pairs, judged, voted, _ = study(np.random.default_rng(2), good, matches=6000, votes=3000)
    asked = ~np.isnan(voted)
    sample = np.arange(len(voted)) % 200
    for given_clusters, by in ((None, ()), (sample, (sample[asked],))):
        made = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS, clusters=given_clusters)
        theirs = clustered_fit(pairs[asked], voted[asked], systems=SYSTEMS, clusters=by)
        assert np.sqrt(np.diag(made.alone)) == pytest.approx(theirs.standard_errors, rel=0.06)
        assert (made.standard_errors < np.sqrt(np.diag(made.alone))).all()


def test_a_cluster_for_each_match_changes_nothing() -> None:
    pairs, judged, voted, _ = study(np.random.default_rng(3), partisan, matches=900, votes=300)
    alone = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS, calibrated=False)
    each = prediction_powered(
        pairs, judged, voted=voted, systems=SYSTEMS, calibrated=False, clusters=np.arange(900)[::-1]
    )
    assert each.power == pytest.approx(alone.power) and each.power > 0.05
    assert each.covariance == pytest.approx(alone.covariance, rel=1e-6, abs=1e-6)


def test_weights_undo_asking_people_where_the_judge_prefers_the_first_two() -> None:
    # People are asked five times as often where the judge lets one of the first two systems win: alone, their votes
    # would flatter those two.
    rng = np.random.default_rng(4)
    errors, inside = {"weighted": [], "not": []}, 0
    for _ in range(40):
        pairs, judged, _, people = study(rng, good, matches=3000)
        winner = np.where(judged == 1.0, pairs[:, 0], pairs[:, 1])
        p = np.where(winner < 2, 0.5, 0.1)
        voted = np.where(rng.random(3000) < p, people, np.nan)
        made = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS, weights=1.0 / p)
        low, high = made.interval()
        inside += int((np.abs(made.ratings - TRUTH) <= (high - low) / 2).sum())
        errors["weighted"].append((made.ratings - TRUTH)[:2].mean())
        naive = prediction_powered(pairs, judged, voted=voted, systems=SYSTEMS)
        errors["not"].append((naive.ratings - TRUTH)[:2].mean())
    assert abs(np.mean(errors["weighted"])) < 12.0
    assert abs(np.mean(errors["not"])) > 40.0
    assert 0.91 <= inside / (40 * SYSTEMS) <= 0.99


def test_an_undefeated_system_keeps_a_wide_interval() -> None:
    pairs = np.array([[0, 1]] * 30 + [[1, 2]] * 30)
    voted = np.array([1.0] * 6 + [np.nan] * 24 + [1.0, 0.0] * 8 + [np.nan] * 14)
    made = prediction_powered(pairs, np.ones(60), voted=voted, systems=3)
    assert np.isfinite(made.ratings).all() and made.standard_errors[0] > 100.0


@settings(max_examples=60, deadline=None)
@given(tournaments(min_systems=3, max_matches=25), st.integers(0, 2**20))
def test_few_one_sided_votes_never_send_a_rating_away(t, seed) -> None:  # type: ignore[no-untyped-def]
    if not len(t.won):
        return
    rng = np.random.default_rng(seed)
    voted = np.where(rng.random(len(t.won)) < 0.4, t.won.astype(float), np.nan)
    voted[0] = t.won[0]
    made = prediction_powered(t.pairs, rng.random(len(t.won)).round(), voted=voted, systems=t.n, calibrated=False)
    assert np.abs(made.ratings - 1000.0).max() < 4000.0
    assert np.isfinite(made.covariance).all() and 0.0 <= made.power <= 1.0
    assert made.ratings.mean() == pytest.approx(1000.0)


def test_what_cannot_be_estimated_is_refused() -> None:
    pairs, judged = np.array([[0, 1], [1, 0]]), np.array([1.0, 0.0])
    cases = {
        "none given": {"voted": np.full(2, np.nan)},
        "NaN where none": {"voted": np.zeros(3)},
        "outside 0..1": {"voted": np.array([2.0, np.nan])},
        "above 0": {"voted": np.array([1.0, np.nan]), "weights": np.zeros(2)},
        "power 2": {"voted": np.array([1.0, np.nan]), "power": 2.0},
        "3 entries given for 2": {"voted": np.array([1.0, np.nan]), "clusters": np.zeros(3, dtype=int)},
    }
    for says, given_args in cases.items():
        with pytest.raises(InvalidMatchesError, match=says):
            prediction_powered(pairs, judged, systems=2, **given_args)  # type: ignore[arg-type]
