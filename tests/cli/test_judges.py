"""Judges tried, explained and answers scored from the command line, on a workspace of tones."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.compose import Arena, open_workspace, validating
from s2s_arena.records.explanations import Explanation
from s2s_arena.records.identity import JudgeName, StudyName, SystemName
from s2s_arena.records.matches import Match, Purpose, group_id, match_id
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.studies import Outcome, Study
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from tests.judge.probes.parts import By, Stretcher, answered, loudness, seconds
from tests.judge.test_explaining import Ears


def run(*args: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in args])
    assert result.exit_code == status, (args, result.stdout, result.stderr, result.exception)
    return result.stdout or result.stderr


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six samples, two systems, one study whose judge `longest` has heard all of them, as has a person."""
    place = tmp_path / "study"
    run("init", place)
    made = answered()
    takes = list(made.store.all(Take))
    with open_workspace(place) as arena:
        for sample in made.suite.samples:
            for turn in sample.turns:
                assert turn.speech is not None
                arena.store.put_audio(made.store.audio(turn.speech.hash))
        for source in made.sources:
            for hash in source.audio:
                arena.store.put_audio(made.store.audio(hash))
        for take in takes:
            arena.store.put(*[made.store.get(Response, key) for key in take.responses], take)  # type: ignore[list-item]
        study = Study(
            name=StudyName("default"), suite=made.suite.name, suite_hash=made.suite.hash,
            systems=(SystemName("long"), SystemName("short")), judges=(JudgeName("longest"), JudgeName("ann")),
        )  # fmt: skip
        arena.store.put(made.suite, study)
        for index, sample in enumerate(made.suite.samples):
            first, second = sorted((t for t in takes if t.sample == sample.id), key=lambda t: t.system)
            match = Match(
                id=match_id(
                    study="default", round=0, index=index, first=first.id, second=second.id, purpose=Purpose.RATED
                ),
                study=study.name, round=0, index=index, sample=sample.id, first=first.id, second=second.id,
                first_system=first.system, second_system=second.system,
                group=group_id(study="default", round=0, index=index), probability=0.5,
            )  # fmt: skip
            arena.store.put(match)
            for judge, said in (("longest", Outcome.FIRST), ("ann", Outcome.FIRST if index else Outcome.SECOND)):
                verdict = Verdict(
                    match=match.id, study=study.name, judge=JudgeName(judge), order=(0, index), outcome=said
                )
                arena.store.append(
                    Event(
                        id=f"{judge}{index}", kind=EventKind.VOTE, study=study.name, match=match.id,
                        judge=verdict.judge, verdict=verdict,
                    )
                )  # fmt: skip
    card = JudgeCard(name="longest", title="L", model="t", price={"minute_in": 0.5})
    monkeypatch.setattr(Arena, "judge", lambda self, name, suite: (card, lambda: By(seconds, name="longest")))
    monkeypatch.setattr(Arena, "takes", lambda self, suite: tuple(self.store.all(Take)))
    monkeypatch.setattr(Arena, "transcriber", lambda self: Ears())
    monkeypatch.setattr(validating, "reshaper", Stretcher)
    return place


PROBES = ("--probes", "silence,half,noise-0,real", "--no-controls", "-n", 4)


def test_a_plan_says_what_it_takes_and_asks_nobody(workspace: Path) -> None:
    plan = json.loads(run("judges", "validate", "longest", "-w", workspace, *PROBES, "--plan", "--json"))["plan"]
    assert (plan["pairs"], plan["calls"]) == (16, 16 * 2 + 4 * 4)
    assert plan["cost_usd"] == pytest.approx(plan["audio_minutes"] * 0.5)
    assert "no reliability record" in run("judges", "card", "longest", "-w", workspace, status=2)


def test_a_judge_is_tried_beside_the_people_of_the_study_and_its_card_is_kept(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.md"
    data = json.loads(run("judges", "validate", "longest", "-w", workspace, *PROBES, "-o", out, "--json"))
    figures = data["figures"]
    assert figures["probe:half"]["value"] == 1.0
    assert figures["probe:silence"]["value"] == 0.5
    assert (figures["people"]["value"], figures["people"]["cases"]) == (pytest.approx(5 / 6), 6)
    assert "people:level=L1" in figures
    assert run("judges", "card", "longest", "-w", workspace) == out.read_text(encoding="utf-8")
    assert json.loads(run("judges", "card", "longest", "-w", workspace, "--json")) == data
    assert any("probe silence 50%" in short for short in data["short"])


def test_people_may_come_from_a_file(workspace: Path, tmp_path: Path) -> None:
    votes = tmp_path / "votes.csv"
    with votes.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("system_a", "system_b", "winner", "judge", "sample"))
        rows.writerows(("short", "long", "long", "bob", f"s{n}") for n in range(5))
    data = json.loads(run("judges", "validate", "longest", "-w", workspace, *PROBES, "--votes", votes, "--json"))
    assert (data["figures"]["people"]["value"], data["figures"]["people"]["cases"]) == (1.0, 5)


def test_a_reader_may_say_which_answers_are_right(workspace: Path, tmp_path: Path) -> None:
    read = tmp_path / "read.csv"
    read.write_text("sample,system,attempt\ns0,long,yes\ns1,long,yes\ns2,short,no\n", encoding="utf-8")
    data = json.loads(run("judges", "validate", "longest", "-w", workspace, *PROBES, "--right", read, "--json"))
    assert data["figures"]["probe:half"]["cases"] == 2  # two answers stand as right ones
    assert "better answers are the 2 of 12 that a reader found to try what was asked" in data["notes"]
    read.write_text("sample,system\n", encoding="utf-8")
    said = run("judges", "validate", "longest", "-w", workspace, *PROBES, "--right", read, status=2)
    assert "no column attempt" in said


def test_a_probe_that_is_none_is_named(workspace: Path) -> None:
    assert "probe charm: not known" in run("judges", "validate", "x", "-w", workspace, "--probes", "charm", status=2)


def test_a_verdict_is_explained_and_the_explanation_kept(workspace: Path) -> None:
    told = json.loads(run("judges", "explain", "0/2", "-J", "longest", "-w", workspace, "--budget", 12, "--json"))
    assert told["calls"] == 12
    assert told["effects"][0]["edit"] in ("slower", "faster", "no-gaps")
    with open_workspace(workspace) as arena:
        assert [e.match for e in arena.store.all(Explanation)] == [told["match"]]
    assert "0 in study default" in run("judges", "explain", "9/9", "-J", "longest", "-w", workspace, status=2)
    assert "shift" in run("judges", "explain", "0/2", "-J", "longest", "-w", workspace, "--budget", 12)


def test_marks_made_elsewhere_become_scores(workspace: Path, tmp_path: Path) -> None:
    marks = tmp_path / "ann.csv"
    item = "does-what-was-asked"
    rows = [f"s{n},{system},{item},{value}" for n in range(6) for system, value in (("long", "yes"), ("short", "no"))]
    marks.write_text("\n".join(["sample,system,item,value", *rows]), encoding="utf-8")
    data = json.loads(run("score", "-w", workspace, "--marks", marks, "--by", "level", "--json"))
    assert [(s["system"], s["overall"]["value"]) for s in data["systems"]] == [("long", 100.0), ("short", 0.0)]
    assert data["scorer"] == "imported:ann"
    assert data["calibrated"] is None  # people's own marks
    assert data["unmarked"] > 0
    plan = json.loads(run("score", "-w", workspace, "--plan", "--json"))["plan"]
    assert plan["answers"] == 12


def test_who_hears_loudness_is_no_longer_blind_to_silence(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = JudgeCard(name="loud", title="L", model="t")
    monkeypatch.setattr(Arena, "judge", lambda self, name, suite: (card, lambda: By(loudness, name="loud")))
    data = json.loads(run("judges", "validate", "loud", "-w", workspace, *PROBES, "--json"))
    assert data["figures"]["probe:silence"]["value"] == 1.0
    assert "people" not in data["figures"]
