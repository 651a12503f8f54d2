"""Marks and items from files: what is taken, what is named as wrong."""

import json
from pathlib import Path

import pytest

from s2s_arena.errors import InputError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.score import stage
from s2s_arena.score.importing import Imported, points, read_marks, read_rubric
from s2s_arena.score.items import Rubric, Scale
from tests.score.parts import world

GENERAL = "Mark these:\n1. Is the reply complete?\n2. Rate the tone from 1-5,\n   all turns.\nThanks."
MARKS = """\
sample,system,item,value,reason
s0,good,own,pass,names it
s1,good,instruction/own,0.5,
s1,good,poison,pass,
s1,nobody,own,1,
s1,bad,charm,1,
s1,bad,own,7,
"""


def test_marks_of_a_file_become_scores_and_bad_rows_are_named(tmp_path: Path):
    w, imported, rubric = world(), Imported(name="people"), Rubric(general=())
    (tmp_path / "m.csv").write_text(MARKS, encoding="utf-8")
    scores, problems = read_marks(tmp_path / "m.csv", scorer=imported, suite=w.suite, takes=w.takes, rubric=rubric)
    assert [s.value for s in scores] == [1.0, 0.5, 1.0]
    assert scores[0].reason == "names it"
    assert [p.split(": ", 1)[1] for p in problems] == [
        "no answer of nobody to s1 here",
        "sample s1 has no item charm",
        "value '7'; 0..1 needed for rubric:instruction/own",
    ]
    w.store.put(*scores)
    summary = stage.run(
        w.suite, w.takes, imported, rubric=rubric, hear=lambda _: None, store=w.store, executor=ThreadsExecutor()
    )
    good = next(row for row in summary.rows if row.system == "good")
    assert good.dimensions["instruction"].value == 75.0
    assert summary.scorer == "imported:people"


def test_a_file_without_a_column_is_refused(tmp_path: Path):
    (tmp_path / "m.csv").write_text("sample,system,value\ns0,good,1\n", encoding="utf-8")
    w = world()
    with pytest.raises(InputError, match="no item"):
        read_marks(tmp_path / "m.csv", scorer=Imported(name="x"), suite=w.suite, takes=w.takes, rubric=Rubric())


def test_items_by_sample_join_those_of_the_sample(tmp_path: Path):
    rows = [
        {"sample": "s0", "id": "warm", "text": "Warmth of the voice.", "dimension": "expressiveness", "scale": "grade"},
        {"sample": "s0", "id": "own", "text": "Another wording.", "dimension": "instruction"},
    ]
    (tmp_path / "r.json").write_text(json.dumps(rows), encoding="utf-8")
    specific, _ = read_rubric(tmp_path / "r.json")
    items = Rubric(general=(), specific=specific).items(world().suite.samples[0])
    assert [(i.id, i.scale) for i in items] == [("own", Scale.PASS), ("poison", Scale.PASS), ("warm", Scale.GRADE)]
    assert items[0].text == "Says something about 0."


def test_prompts_of_mtalk_bench_are_items_of_their_dialogue_once(tmp_path: Path):
    rows = [
        {
            "type": "para",
            "number": "1-4",
            "turn": f"turn{turn}",
            "source": source,
            "rubric_prompt_general": GENERAL,
            "rubric_prompt_specific": "- Comforts the user.",
        }
        for turn in (1, 2)
        for source in ("A", "B")
    ]
    rows.append({**rows[0], "number": "1-5", "rubric_prompt_specific": "Nothing listed."})
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found, problems = read_rubric(tmp_path / "r.jsonl")
    assert [(i.id, i.text, i.scale, i.dimension) for i in found["para-1-4"]] == [  # type: ignore[index]
        ("general-1", "Is the reply complete?", Scale.PASS, "paralinguistic"),
        ("general-2", "Rate the tone from 1-5, all turns.", Scale.GRADE, "paralinguistic"),
        ("specific-1", "Comforts the user.", Scale.PASS, "paralinguistic"),
    ]
    assert problems == ("r.jsonl row 5: no numbered or bulleted line in rubric_prompt_specific",)


@pytest.mark.parametrize(
    ("prompt", "found"), [("", ()), ("plain", ()), ("(1) a\n2、b", ("a", "b")), ("* x\n  goes on", ("x goes on",))]
)
def test_points_are_numbered_or_bulleted_lines(prompt: str, found: tuple[str, ...]):
    assert points(prompt) == found


@pytest.mark.parametrize(
    "content", ["{", '{"a": 1}', '[{"sample": "s"}]', '[{"sample":"s","id":"i","text":"t","scale":"x"}]']
)
def test_what_is_no_rubric_is_refused(tmp_path: Path, content: str):
    (tmp_path / "r.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        read_rubric(tmp_path / "r.json")
