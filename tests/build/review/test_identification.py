"""Cue identification: blind forms, majority of three, chance and agreement."""

import csv

import numpy as np
import pytest

from s2s_arena.build.review import identification
from s2s_arena.errors import InputError
from s2s_arena.store.memory import MemoryStore

from .worlds import refill, suite_of


def made(tmp_path, names=("x", "y", "z")):
    store = MemoryStore()
    suite = suite_of(store)
    paths = identification.export(suite, tmp_path, listeners=names, store=store, rng=np.random.default_rng(1))
    wants = {q.clip: q.want for q in identification.questions(suite)}
    return store, suite, paths, wants


def summary(suite, store):
    return identification.summary(suite, store=store, rng=np.random.default_rng(0))


def test_the_form_does_not_tell_the_answer(tmp_path):
    _, suite, paths, _ = made(tmp_path)
    with paths[0].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["options"] for row in rows} == {"happy, neutral, sad, cannot_tell"}
    for row in rows:
        assert not any(sample.id in row["clip"] + row["audio"] for sample in suite.samples)
        assert (tmp_path / row["audio"]).is_file()


def test_the_majority_of_three_identifies(tmp_path):
    store, suite, paths, wants = made(tmp_path)
    sad = {clip for clip, want in wants.items() if want == "sad"}
    for n, path in enumerate(paths):
        # The first two are always right; the third takes all for sad.
        refill(path, answer=lambda r, n=n: wants[r["clip"]] if n < 2 else "sad")
    assert identification.fill(paths, suite=suite, store=store) == 24
    found = summary(suite, store)
    [cue] = found.cues
    assert (cue.cue, cue.by_majority.value, cue.by_majority.cases) == ("emotion", 1.0, 8)
    assert cue.by_listener.value == pytest.approx((16 + len(sad)) / 24)
    assert cue.chance == pytest.approx(1 / 3)
    assert found.missed == () and found.unfinished == 0


def test_what_the_majority_does_not_hear_is_listed(tmp_path):
    store, suite, paths, wants = made(tmp_path)
    for path in paths:
        refill(path, answer=lambda r: "cannot tell" if wants[r["clip"]] == "sad" else "happy")
    identification.fill(paths, suite=suite, store=store)
    found = summary(suite, store)
    assert found.cues[0].by_majority.value == 0.5
    assert ("s1", "emotion=sad", "cannot_tell 3") in found.missed and len(found.missed) == 4


def test_two_listeners_are_not_enough_to_decide(tmp_path):
    store, suite, paths, _ = made(tmp_path)
    identification.fill([refill(p, answer="sad") for p in paths[:2]], suite=suite, store=store)
    found = summary(suite, store)
    assert found.unfinished == 8 and found.cues[0].by_majority.value is None


@pytest.mark.parametrize(
    ("columns", "says"),
    [({"answer": "jolly"}, "answer 'jolly'"), ({"clip": "clip-0"}, "was not asked"), ({"listener": ""}, "no listener")],
)
def test_wrong_cells_are_named(tmp_path, columns, says):
    store, suite, paths, _ = made(tmp_path)
    with pytest.raises(InputError, match=f"x-identify.csv row 2: .*{says}|row 2: {says}"):
        identification.fill([refill(paths[0], **{"answer": "sad", **columns})], suite=suite, store=store)


def test_a_suite_without_labels_has_nothing_to_identify(tmp_path):
    store = MemoryStore()
    suite = suite_of(store, 1)
    with pytest.raises(InputError, match="no label"):
        identification.export(
            type(suite)(name=suite.name, samples=()), tmp_path, listeners=("x",), store=store,
            rng=np.random.default_rng(0),
        )  # fmt: skip
