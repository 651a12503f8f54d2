"""The verification study: who is drawn, what counts as agreement, and the paper beside it."""

import csv
from collections import Counter

import numpy as np
import pytest

from s2s_arena.build import verifying
from s2s_arena.errors import InputError
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Score
from s2s_arena.store.memory import MemoryStore

from .review.worlds import refill, suite_of


def test_the_draw_is_stratified_and_seeded():
    suite = suite_of(MemoryStore(), 40)
    one = verifying.draw(suite.samples, per_level=5, rng=np.random.default_rng(2))
    assert Counter(s.level for s in one) == dict.fromkeys(["L1", "L2", "L3", "L4"], 5)
    assert len({s.id for s in one}) == 20
    assert one == verifying.draw(suite.samples, per_level=5, rng=np.random.default_rng(2))
    assert one != verifying.draw(suite.samples, per_level=5, rng=np.random.default_rng(3))


def test_a_level_with_fewer_samples_gives_all_of_them():
    suite = suite_of(MemoryStore(), 6)
    assert len(verifying.draw(suite.samples, per_level=25, rng=np.random.default_rng(0))) == 6


def test_samples_without_levels_cannot_be_verified():
    with pytest.raises(InputError, match="no sample has a level"):
        verifying.draw((), rng=np.random.default_rng(0))


def study(tmp_path, names=("ann",)):
    store = MemoryStore()
    suite = suite_of(store, 40)
    drawn = verifying.draw(suite.samples, per_level=5, rng=np.random.default_rng(0))
    paths = verifying.export(drawn, tmp_path, verifiers=names, store=store)
    return store, suite, paths


def summary(suite, store):
    return verifying.summary(suite, store=store, rng=np.random.default_rng(0))


def test_agreement_is_shown_with_wilson_intervals_beside_the_paper(tmp_path):
    store, suite, [path] = study(tmp_path)
    refill(path, level_right=lambda r: "no" if r["level"] == "L3" else "yes", attributes_right="Yes", comment="why")
    assert verifying.fill([path], suite=suite, store=store) == 40
    level, attributes = summary(suite, store).questions
    assert (level.share.value, level.share.cases) == (0.75, 20)
    assert level.levels["L3"].value == 0.0 and level.levels["L1"].value == 1.0
    # Wilson by hand for 15 of 20 with z = 1.96.
    assert (level.share.low, level.share.high) == (pytest.approx(0.5313, abs=1e-4), pytest.approx(0.8881, abs=1e-4))
    assert attributes.share.value == 1.0
    assert (level.paper.value, attributes.paper.value) == (0.90, 0.93)
    assert level.paper.low == pytest.approx(0.8256, abs=1e-4)
    assert len(summary(suite, store).disputed) == 5


def test_weighting_follows_the_levels_shares_in_the_suite(tmp_path):
    store = MemoryStore()
    whole = suite_of(store, 40)
    few = tuple(s for s in whole.samples if s.level != "L3" or s.id == "s2")  # one L3 beside ten of each other
    suite = Suite(name=whole.name, samples=few)
    drawn = verifying.draw(suite.samples, per_level=5, rng=np.random.default_rng(0))
    [path] = verifying.export(drawn, tmp_path, verifiers=("ann",), store=store)
    refill(path, level_right=lambda r: "no" if r["level"] == "L3" else "yes", attributes_right="yes")
    verifying.fill([path], suite=suite, store=store)
    level = summary(suite, store).questions[0]
    assert level.share.value == pytest.approx(15 / 16) and level.weighted == pytest.approx(30 / 31)


def test_several_verifiers_decide_by_majority_and_a_tie_is_no_agreement(tmp_path):
    store, suite, paths = study(tmp_path, ("ann", "bo"))
    refill(paths[0], level_right="yes", attributes_right="yes")
    refill(paths[1], level_right=lambda r: "yes" if r["level"] == "L1" else "no", attributes_right="yes")
    verifying.fill(paths, suite=suite, store=store)
    found = summary(suite, store)
    assert found.verifiers == ("ann", "bo")
    assert found.questions[0].share.value == 0.25
    assert found.questions[0].alpha.value < 0.0


def test_nothing_answered_is_undefined_and_not_zero():
    store = MemoryStore()
    level, _ = summary(suite_of(store), store).questions
    assert level.share.value is None and level.weighted is None and level.levels == {}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"level_right": "perhaps"}, "level_right 'perhaps'; write one of: yes, no"),
        ({"sample": "s400", "level_right": "yes"}, "sample 's400' is not in suite trial"),
        ({"sample_hash": "0", "level_right": "yes"}, "as it was when the form was made"),
        ({"verifier": "", "level_right": "yes"}, "no verifier"),
    ],
)
def test_wrong_cells_are_named_and_nothing_is_recorded(tmp_path, columns, says):
    store, suite, [path] = study(tmp_path)
    with pytest.raises(InputError, match=f"row 2: .*{says}"):
        verifying.fill([refill(path, **columns)], suite=suite, store=store)
    assert not list(store.all(Score))


def test_the_form_says_what_a_level_means_and_what_should_be_heard(tmp_path):
    _, _, [path] = study(tmp_path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["attributes"] for row in rows} == {"emotion=sad", "emotion=happy"}
    assert all(row["level_means"] and (tmp_path / row["audio"]).is_file() for row in rows)
