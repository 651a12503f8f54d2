"""Votes of a file become a study on which boards, agreement, reports and verification work."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from s2s_arena.archive import verifying
from s2s_arena.errors import InputError
from s2s_arena.rank import agreeing
from s2s_arena.rank.files import run_file
from s2s_arena.rank.importing import Imported, digest_of, import_votes
from s2s_arena.rank.reading.votes import read_votes
from s2s_arena.rank.stage import Options, run
from s2s_arena.rank.summary import Ties
from s2s_arena.records.identity import StudyName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Outcome, Study
from s2s_arena.records.taxonomy import Level
from s2s_arena.report import stage as report
from s2s_arena.store.memory import MemoryStore
from tests.worlds import small_study

HEADER = "model_a,model_b,winner,judge,sample,level"
ROWS = ["x,y,x,p,s1,L1", "x,y,y,q,s1,L1", "y,z,model_a,p,s2,L3", "z,x,tie,q,s2,L3", "x,y,x,p,s1,L1", "z,y,y,q,s3,L3"]


def a_file(folder: Path, rows: list[str] = ROWS, header: str = HEADER) -> Path:
    path = folder / "votes.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def imported(path: Path, store: MemoryStore, study: str = "default", **how: object) -> Imported:
    return import_votes(
        read_votes(path),
        store=store,
        study=study,
        digest=digest_of(path),
        **how,  # type: ignore[arg-type]
    )


def study_of(store: MemoryStore, name: str = "default") -> tuple[Study, Suite]:
    study = max(store.all(Study, name=StudyName(name)), key=lambda s: s.revision)
    return study, next(s for s in store.all(Suite) if s.hash == study.suite_hash)


def test_a_study_of_votes_ranks_as_the_file_does(tmp_path: Path) -> None:
    store, path = MemoryStore(), a_file(tmp_path)
    made = imported(path, store)
    assert (made.votes, made.new, made.systems, made.judges, made.samples) == (6, 6, 3, 2, 3)
    study, suite = study_of(store)
    options = Options(bootstraps=20, by=("level",), ties=Ties.HALF)
    one, two = run(store, study=study, suite=suite, options=options), run_file(path, options=options)
    assert [(s.system, s.bt, s.matches) for s in one.board.standings] == [
        (s.system, s.bt, s.matches) for s in two.board.standings
    ]
    assert one.slices["level"].macro_bt == two.slices["level"].macro_bt
    assert {sample.level for sample in suite.samples} == {Level.L1, Level.L3}


def test_votes_of_two_judges_on_one_thing_are_of_one_match(tmp_path: Path) -> None:
    store = MemoryStore()
    imported(a_file(tmp_path), store)
    assert len(list(store.all(Match))) == 5  # p and q share the first; p's second vote on it is its own match
    (pair,) = agreeing.run(store, study=study_of(store)[0]).pairs
    assert (pair.agreement.cases, pair.agreement.value) == (1, 0.0)


def test_the_same_file_again_changes_nothing_and_another_is_a_later_round(tmp_path: Path) -> None:
    store, path = MemoryStore(), a_file(tmp_path)
    imported(path, store)
    events = list(store.events())
    assert imported(path, store).new == 0
    assert list(store.events()) == events
    with pytest.raises(InputError, match=r"study default: it is of suite votes-votes .*name another with --study"):
        imported(a_file(tmp_path, rows=["x,y,x,p,s9,L2"]), store)
    suite = study_of(store)[1]
    more = imported(a_file(tmp_path, rows=["w,y,w,r,s1,L1"]), store, suite=suite)
    assert (more.new, {m.round for m in store.all(Match)}) == (1, {0, 1})
    assert study_of(store)[0].systems == ("x", "y", "z", "w")


def test_a_study_of_votes_is_sound_and_can_be_reported(tmp_path: Path) -> None:
    store = MemoryStore()
    imported(a_file(tmp_path), store)
    study, suite = study_of(store)
    made = report.run(study, suite, store=store, out=tmp_path / "r", systems={}, judges={}, bootstraps=20)
    again = verifying.run(store, reports=[tmp_path / "r" / "data" / "report.json"])
    assert (again.problems, again.boards) == ((), 1)
    assert made.matches == 5


def test_ties_become_legal_in_a_new_study_and_are_left_out_of_a_strict_one(tmp_path: Path) -> None:
    store, path = MemoryStore(), a_file(tmp_path)
    imported(path, store)
    assert study_of(store)[0].rules.outcomes == (Outcome.FIRST, Outcome.SECOND, Outcome.TIE)
    strict = imported(path, store, study="strict", keep_ties=False)
    assert (strict.votes, strict.left_out) == (5, {"tie, which the study does not allow": 1})


def test_votes_without_a_judge_or_sample_say_so(tmp_path: Path) -> None:
    store = MemoryStore()
    made = imported(a_file(tmp_path, rows=["x,y,x", "x,y,y"], header="model_a,model_b,winner"), store)
    assert made.problems == ("2 votes do not say who gave them: judge 'unnamed'; name it with --judge NAME",)
    assert (made.judges, made.samples) == (1, 2)
    named = imported(a_file(tmp_path, header=HEADER), MemoryStore(), judge="crowd")
    assert (named.judges, named.problems) == (2, ())


def test_votes_on_answers_that_the_workspace_has_refer_to_them(tmp_path: Path) -> None:
    world = small_study()
    rows = ["strong,middling,strong,p,s1,", "middling,strong,strong,p,s2,"]
    made = imported(a_file(tmp_path, rows=rows), world.store, study="people", suite=world.suite)
    assert made.votes == 2
    matches = [m for m in world.store.all(Match) if m.study == "people"]
    known = {t for m in world.store.all(Match, study=world.study.name) for t in (m.first, m.second)}
    assert {t for m in matches for t in (m.first, m.second)} <= known
    with pytest.raises(InputError, match="row 1: sample s99 is not in suite small"):
        imported(a_file(tmp_path, rows=["strong,middling,strong,p,s99,"]), world.store, study="p2", suite=world.suite)


def test_recordings_that_the_file_names_can_be_heard(tmp_path: Path) -> None:
    tone = (0.2 * np.sin(np.arange(8000) / 10)).astype(np.float32)
    for name in ("in", "x", "y"):
        soundfile.write(tmp_path / f"{name}.wav", tone * (1 if name == "in" else 0.5), 16000)
    record = {
        "category": "Education", "id": "a1", "input_path": "/in.wav", "level": "L0", "task": "t", "text": "hello",
        "output_path_x": "x.wav", "output_path_y": "y.wav", "output_path_z": "gone.wav", "name": "e1",
    }  # fmt: skip
    one = {"model_a": "output_path_x", "model_b": "output_path_y", "chosen_model": "A", "result": {}}
    two = {"model_a": "output_path_z", "model_b": "output_path_y", "chosen_model": "B", "result": {}}
    path = tmp_path / "pilot.json"
    path.write_text(json.dumps([{**record, **one}, {**record, **two}]), encoding="utf-8")
    store = MemoryStore()
    made = imported(path, store, audio=tmp_path)
    assert made.recordings == 2
    assert len(made.problems) == 1
    assert "gone.wav" in made.problems[0]
    heard = {r.system: r.speech is not None for r in store.all(Response)}
    assert heard == {"x": True, "y": True, "z": False}
    (sample,) = study_of(store)[1].samples
    assert sample.turns[0].speech is not None
    assert (sample.level, sample.domain) == (Level.L1, "education")


def test_trace_labels_are_criteria_of_the_verdict(tmp_path: Path) -> None:
    row = {
        "index": "1", "instruction_path": "i", "instruction_text": "hi", "model_a": "x", "model_b": "y",
        "audio1_path": "a", "audio2_path": "b", "instruction_id": "7",
        "label": {"content": "2", "voice_quality": "both_bad", "paralinguistics": "1", "overall": "1"},
    }  # fmt: skip
    path = tmp_path / "trace.json"
    path.write_text(json.dumps([row]), encoding="utf-8")
    store = MemoryStore()
    imported(path, store)
    (event,) = store.events()
    assert event.verdict is not None
    criteria = {name: part.outcome for name, part in event.verdict.criteria.items()}
    assert criteria == {"instruction": "second", "expressiveness": "first", "quality": "both_bad"}
