"""The reviewers' round trip: forms out, forms in, and everything that a filled form can get wrong."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.build.review import automatic, people
from s2s_arena.errors import InputError
from s2s_arena.records.scores import Review
from s2s_arena.store.memory import MemoryStore

from .worlds import refill, suite_of


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def suite(store):
    return suite_of(store)


def out(suite, store, folder, names=("ann", "bo"), **options):
    return people.export(suite, folder, reviewers=names, store=store, rng=np.random.default_rng(3), **options)


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_reviewer_gets_every_sample_once_in_an_order_of_their_own(suite, store, tmp_path):
    ann, bo = out(suite, store, tmp_path)
    orders = [[row["sample"] for row in rows(path)] for path in (ann, bo)]
    assert sorted(orders[0]) == sorted(orders[1]) == [s.id for s in suite.samples]
    assert orders[0] != orders[1]
    assert {row["reviewer"] for row in rows(bo)} == {"bo"}


def test_a_form_names_clips_that_are_the_samples_speech(suite, store, tmp_path):
    for row in rows(out(suite, store, tmp_path)[0]):
        speech = suite.sample(row["sample"]).turns[0].speech
        assert files.read(tmp_path / row["audio"]).hash() == speech.hash


def test_reviewers_see_what_instruments_found(suite, store, tmp_path):
    unspoken = replace(suite.samples[0], turns=(replace(suite.samples[0].turns[0], speech=None),))
    partly = replace(suite, samples=(unspoken, *suite.samples[1:]))
    automatic.run(partly, store=store)
    shown = {row["sample"]: row["instruments"] for row in rows(out(partly, store, tmp_path)[0])}
    assert "no speech" in shown["s0"] and shown["s1"] == ""


def test_filled_forms_become_reviews(suite, store, tmp_path):
    ann, bo = out(suite, store, tmp_path)
    refill(ann, decision="Keep")
    refill(bo, decision=lambda r: "discard" if r["sample"] == "s3" else "", reason="Unclear expression", comment="hm")
    filled = people.fill([ann, bo], suite=suite, store=store)
    assert (filled.new, filled.blank) == (9, 7)
    [discard] = [r for r in store.all(Review) if not r.keep]
    assert (discard.reviewer, discard.sample, discard.reason) == ("bo", "s3", "unclear_expression")
    assert discard.answers == {"comment": "hm"}


def test_a_folder_stands_for_the_review_forms_in_it(suite, store, tmp_path):
    ann, bo = out(suite, store, tmp_path)
    refill(ann, decision="keep")
    refill(bo, decision="keep")
    (tmp_path / "ann-verify.csv").write_text("verifier\nann\n")
    assert people.fill([tmp_path], suite=suite, store=store).new == 16
    with pytest.raises(InputError, match="no form named"):
        people.fill([tmp_path / "audio"], suite=suite, store=store)


def test_json_lines_work_as_csv_does(suite, store, tmp_path):
    [path] = out(suite, store, tmp_path, ("ann",), suffix=".jsonl")
    filled = [json.loads(line) | {"decision": "keep"} for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(json.dumps(row) for row in filled), encoding="utf-8")
    assert people.fill([path], suite=suite, store=store).new == 8


def test_spreadsheets_that_write_semicolons_are_read(suite, store, tmp_path):
    [path] = out(suite, store, tmp_path, ("ann",))
    given = rows(refill(path, decision="keep"))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(given[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(given)
    assert people.fill([path], suite=suite, store=store).new == 8


def test_a_decision_once_recorded_stands_and_a_contradiction_is_told(suite, store, tmp_path):
    [path] = out(suite, store, tmp_path, ("ann",))
    people.fill([refill(path, decision="keep")], suite=suite, store=store)
    again = people.fill([refill(path, decision="discard", reason="artefact")], suite=suite, store=store)
    assert (again.new, again.kept, len(again.contradictions)) == (0, 8, 8)
    assert "discard (artefact) now, keep before" in again.contradictions[0]
    assert all(r.keep for r in store.all(Review))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"decision": "maybe"}, r"ann.csv row 2: decision 'maybe'; write one of: keep, discard"),
        ({"decision": "discard"}, r"row 2: discard needs a reason; write one of: artefact, unclear_expression"),
        ({"decision": "discard", "reason": "ugly"}, r"reason 'ugly'"),
        ({"decision": "keep", "sample": "s99"}, r"sample 's99' is not in suite trial"),
        ({"decision": "keep", "sample_hash": "0"}, r"has changed since the form was made"),
        ({"decision": "keep", "reviewer": ""}, r"reviewer ''"),
        ({"decision": "keep", "reviewer": "automatic:x"}, r"reviewer 'automatic:x'"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_recorded(suite, store, tmp_path, columns, says):
    [path] = out(suite, store, tmp_path, ("ann",))
    with pytest.raises(InputError, match=says):
        people.fill([refill(path, **columns)], suite=suite, store=store)
    assert not list(store.all(Review))


def test_a_sample_decided_twice_in_the_forms_is_refused(suite, store, tmp_path):
    one = out(suite, store, tmp_path / "a", ("ann",))[0]
    two = out(suite, store, tmp_path / "b", ("ann",))[0]
    with pytest.raises(InputError, match=r"ann decides on s\d twice, see ann.csv row 2"):
        people.fill([refill(one, decision="keep"), refill(two, decision="keep")], suite=suite, store=store)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("f.csv", b"", r"no rows"),
        ("f.csv", b"sample,decision\ns0,keep\n", r"f.csv row 2: no column 'reviewer'"),
        ("f.csv", b"reviewer,sample\nann,s0,x,y\n", r"more cells than columns"),
        ("f.csv", "reviewer\nJos\u00e9\n".encode("latin-1"), r"not UTF-8"),
        ("f.jsonl", b"{nope\n", r"f.jsonl line 1: not readable as JSON"),
        ("f.jsonl", b"[1]\n", r"f.jsonl line 1: list given"),
        ("f.xlsx", b"PK", r"\.xlsx given"),
    ],
)
def test_a_file_that_is_no_form_is_refused(suite, store, tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        people.fill([path], suite=suite, store=store)


@pytest.mark.parametrize("names", [(), ("a", "a"), ("a/b",), ("automatic:x",)])
def test_reviewers_need_different_names_that_can_be_file_names(suite, store, tmp_path, names):
    with pytest.raises(InputError, match="reviewer"):
        out(suite, store, tmp_path, names)
