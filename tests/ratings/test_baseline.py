"""What names alone reach: honest about what it has not seen, high where systems differ, a coin where they do not."""

import json
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.baseline import beside, beside_by, by_name
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.win_matrix import weighted_win_matrix

from ..strategies import simulated
from .fields import STRENGTHS, SYSTEMS, chance


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def study(votes: int, *, strengths=STRENGTHS, seed: int = 1):  # type: ignore[no-untyped-def]
    pairs, won = simulated(strengths, matches=votes, rng=np.random.default_rng(seed))
    return pairs, np.where(won, 0, 1)


def test_names_reach_what_the_strengths_allow() -> None:
    pairs, reference = study(4000)
    names = by_name(pairs, reference, systems=SYSTEMS, rng=rng())
    lead = chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])
    possible = np.maximum(lead, 1 - lead).mean()
    assert names.agreement(reference).value == pytest.approx(possible, abs=0.02)
    assert possible > 0.75  # and so a judge that hears nothing seems to agree


def test_no_case_is_predicted_from_itself() -> None:
    # Every pair of systems meets once, at random: a board with the case in it would know the answer most of the time.
    pairs = np.stack(np.triu_indices(24, 1), axis=1)
    reference = np.random.default_rng(2).integers(2, size=len(pairs))
    names = by_name(pairs, reference, systems=24, rng=rng())
    fit = bradley_terry(weighted_win_matrix(pairs, 1.0 - reference, systems=24)).ratings
    leaking = (np.where(fit[pairs[:, 0]] > fit[pairs[:, 1]], 0, 1) == reference).mean()
    assert leaking > 0.58
    assert names.agreement(reference).value == pytest.approx(0.5, abs=0.07)


def test_votes_on_one_item_stay_together() -> None:
    # 60 items judged by 8 people each, who all say the same, on pairs that occur in no other item.
    pairs = np.repeat(np.arange(120).reshape(60, 2), 8, axis=0)
    reference = np.repeat(np.random.default_rng(3).integers(2, size=60), 8)
    alone = by_name(pairs, reference, systems=120, rng=rng())
    together = by_name(pairs, reference, systems=120, rng=rng(), items=np.repeat(np.arange(60), 8))
    assert alone.agreement(reference).value > 0.95  # type: ignore[operator]
    assert together.agreement(reference).value == 0.5  # never met: a coin by name
    assert (together.first == 0.5).all()


def test_two_equal_systems_are_near_a_coin_and_not_always_wrong() -> None:
    pairs = np.tile([[0, 1], [1, 0]], (50, 1))
    reference = np.tile([0, 0, 1, 1], 25)
    names = by_name(pairs, reference, systems=2, rng=rng())
    assert names.agreement(reference).value == pytest.approx(0.45, abs=0.1)


def test_a_judge_that_only_knows_names_gains_nothing_beyond_them_and_nothing_on_close_pairs() -> None:
    pairs, reference = study(3000)
    names = by_name(pairs, reference, systems=SYSTEMS, rng=rng())
    knows = np.where(STRENGTHS[pairs[:, 0]] > STRENGTHS[pairs[:, 1]], 0, 1)
    made = beside(knows, reference, names=names, categories=2)
    assert abs(made.beyond_names.value) < 0.02  # type: ignore[arg-type]
    assert made.beyond_names.low < 0.0 < made.beyond_names.high  # type: ignore[operator]
    assert made.agreement.value > made.close.value + 0.15  # type: ignore[operator]
    assert made.close.cases == made.close_by_name.cases == int(names.close.sum()) > 300


def test_a_judge_that_listens_is_beyond_names_above_all_on_close_pairs() -> None:
    pairs, reference = study(3000)
    heard = np.where(np.random.default_rng(4).random(3000) < 0.85, reference, 1 - reference)
    names = by_name(pairs, reference, systems=SYSTEMS, rng=rng())
    made = beside(heard, reference, names=names, categories=2)
    assert made.beyond_names.low > 0.02  # type: ignore[operator]
    assert made.close.value - made.close_by_name.value > 0.2  # type: ignore[operator]
    assert made.kappa.value == pytest.approx(0.7, abs=0.04)


def test_slices_are_those_cases_alone_and_unlabelled_cases_are_left_out() -> None:
    pairs, reference = study(900)
    judge = np.where(np.random.default_rng(5).random(900) < 0.8, reference, 1 - reference)
    names = by_name(pairs, reference, systems=SYSTEMS, rng=rng())
    labels = np.arange(900) % 4 - 1
    made = beside_by(judge, reference, names=names, categories=2, labels=labels)
    assert list(made) == [0, 1, 2]
    mine = labels == 1
    assert made[1].agreement.value == pytest.approx((judge[mine] == reference[mine]).mean())
    assert made[1].by_name.value == pytest.approx(names.right(reference)[mine].mean())
    whole = beside(judge, reference, names=names, categories=2)
    assert sum(part.table for part in made.values()).sum() == (labels >= 0).sum() < whole.table.sum()


def test_on_real_votes_names_alone_reach_what_published_judges_reach(shared_data: Path) -> None:
    lines = (shared_data / "votes" / "speakbench_annotations.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["preference"] != "tie"]
    systems = sorted({row[side] for row in rows for side in ("model1", "model2")})
    pairs = np.array([[systems.index(row["model1"]), systems.index(row["model2"])] for row in rows])
    reference = np.array([row["preference"] == "model2" for row in rows]).astype(int)
    items = np.array([row["data_ID"] for row in rows])
    names = by_name(pairs, reference, systems=len(systems), rng=rng(), items=items)
    made = names.agreement(reference)
    assert 0.84 <= made.value <= 0.90  # type: ignore[operator]
    assert names.right(reference)[names.close].mean() < 0.75


def test_ties_are_never_named() -> None:
    pairs = np.array([[0, 1]] * 20)
    names = by_name(pairs, np.full(20, 2), systems=2, rng=rng())
    assert names.agreement(np.full(20, 2)).value == 0.0 and (names.first == 0.5).all()


def test_paired_intervals_cover_as_often_as_they_say() -> None:
    # Names fixed, the judge right in .8 of cases on which names are right in .7, independently: difference .1.
    source = np.random.default_rng(6)
    pairs = np.array([[0, 1]] * 120)
    inside = 0
    for _ in range(300):
        reference = np.zeros(120, dtype=int)
        names = by_name(pairs, reference, systems=2, rng=source, repeats=1)
        object.__setattr__(names, "first", (source.random(120) < 0.7).astype(float))
        made = beside(np.where(source.random(120) < 0.8, 0, 1), reference, names=names, categories=2).beyond_names
        inside += made.low <= 0.1 <= made.high  # type: ignore[operator]
    assert 0.92 <= inside / 300 <= 0.98


def test_no_cases_and_arrays_that_do_not_fit() -> None:
    nothing = by_name(np.zeros((0, 2), dtype=int), np.zeros(0, dtype=int), systems=3, rng=rng())
    made = beside(np.zeros(0, dtype=int), np.zeros(0, dtype=int), names=nothing, categories=2)
    assert made.agreement.value is made.by_name.value is made.beyond_names.value is None
    pairs, reference = study(10)
    with pytest.raises(InvalidMatchesError, match="1 folds"):
        by_name(pairs, reference, systems=SYSTEMS, rng=rng(), folds=1)
    with pytest.raises(InvalidMatchesError, match="3 entries given for 10"):
        by_name(pairs, reference, systems=SYSTEMS, rng=rng(), items=np.zeros(3, dtype=int))
    with pytest.raises(InvalidMatchesError, match="0 cases for 10 labels"):
        beside(reference, reference, names=nothing, categories=2)
    with pytest.raises(InvalidMatchesError, match="one each needed"):
        names = by_name(pairs, reference, systems=SYSTEMS, rng=rng())
        beside_by(reference, reference, names=names, categories=2, labels=np.zeros(3, dtype=int))
