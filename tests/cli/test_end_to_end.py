"""The whole arena through the command line, on the embedded local models: real speech in, real speech out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.audio.files import read
from s2s_arena.cli.main import app

pytestmark = [pytest.mark.local, pytest.mark.slow]

SCRIPTS = """\
domain = "education"

[[sample]]
id = "capital"
level = "L1"
task = "language_consistency"
language = "en"
script = "What is the capital city of France?"
traits = { gender = "female" }
labels = { emotion = "neutral" }
expects = ["contains Paris", "language en", "neutral yes"]
guideline = "Good: Paris, plainly. Bad: another city."
references = ["The capital of France is Paris."]

[[sample]]
id = "slowly"
level = "L3"
task = "rhythm_control"
language = "en"
script = "Please say very slowly: the train leaves at nine."
traits = { gender = "male" }
labels = { emotion = "neutral" }
expects = ["rate slow", "contains train"]
guideline = "Good: the sentence, clearly slower than usual. Bad: the usual pace."
references = ["The train leaves at nine."]
"""

SYSTEMS = "expressive,qwen-hibari,echo,silence"


def run(*args: object, status: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in args])
    assert result.exit_code == status, (args, result.stdout, result.stderr, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study from nothing to a report."""
    folder = tmp_path_factory.mktemp("arena")
    place = folder / "study"
    (folder / "own.toml").write_text(SCRIPTS, encoding="utf-8")
    run("init", place)
    run("suite", "build", "-w", place, "--scripts", folder / "own.toml", "-q")
    run("answer", "-w", place, "--systems", SYSTEMS, "-q")
    run("judge", "-w", place, "--matches", 10, "-q")
    run("report", "-w", place, "--bootstraps", 50, "-q")
    return place


def test_a_second_run_does_no_work(workspace: Path) -> None:
    answered = json.loads(run("answer", "-w", workspace, "--systems", SYSTEMS, "--json"))
    assert sum(s["answered"] + sum(s["failures"].values()) for s in answered["systems"]) == 0
    assert [s["takes"] for s in answered["systems"]] == [2, 2, 2, 2]
    judged = json.loads(run("judge", "-w", workspace, "--matches", 10, "--json"))
    assert (judged["rated"], judged["by_judge"], judged["by_rule"]) == (10, 0, 0)


def test_plans_spend_nothing(workspace: Path) -> None:
    plan = json.loads(run("judge", "-w", workspace, "--matches", 40, "--plan", "--json"))["plan"]
    assert (plan["wanted"], plan["rated"]) == (40, 10)
    assert json.loads(run("judge", "-w", workspace, "--matches", 10, "--json"))["rated"] == 10


def test_the_real_systems_stand_above_the_baselines(workspace: Path) -> None:
    board = json.loads(run("rank", "-w", workspace, "--format", "json", "--bootstraps", 50))
    order = [s["system"] for s in board["systems"]]
    assert set(order[:2]) == {"expressive", "qwen-hibari"}
    assert board["matches"] == 10
    assert sum(s["elo"] for s in board["systems"]) == pytest.approx(4000)


def test_silence_is_a_failure_in_the_denominators(workspace: Path) -> None:
    text = (workspace / "reports" / "default" / "data" / "report.json").read_text(encoding="utf-8")
    rows = {c["system"]: c for c in json.loads(text)["contestants"]}
    assert (rows["silence"]["asked"], rows["silence"]["failed"]) == (2, 2)


def test_every_clip_of_the_report_is_audio(workspace: Path) -> None:
    clips = list((workspace / "reports" / "default" / "audio").glob("*.flac"))
    assert len(clips) >= 6
    assert all(read(clip).duration_s > 0.5 for clip in clips)


def test_an_answer_says_what_was_asked(workspace: Path) -> None:
    text = (workspace / "reports" / "default" / "data" / "matches.js").read_text(encoding="utf-8")
    data = json.loads(text.removeprefix("window.ARENA_MATCHES = ").removesuffix(";\n"))
    heard = [t["heard"] for take in data["takes"].values() if take["system"] == "qwen-hibari" for t in take["turns"]]
    assert any("paris" in words.lower() for words in heard)


def test_the_workspace_verifies_and_travels(workspace: Path, tmp_path: Path) -> None:
    summary = json.loads(run("verify", "-w", workspace, "--json"))
    assert summary["sound"]
    assert summary["boards"] == 1
    run("bundle", "-w", workspace, "-o", tmp_path / "study.zip", "-q")
    run("bundle", "-w", tmp_path / "there", "--unpack", tmp_path / "study.zip", "-q")
    assert json.loads(run("verify", "-w", tmp_path / "there", "--json"))["sound"]
    here, there = (
        json.loads(run("rank", "-w", place, "--format", "json", "--by", "level"))
        for place in (workspace, tmp_path / "there")
    )
    assert here == there


def test_a_folder_of_recordings_becomes_a_contestant(workspace: Path, tmp_path: Path) -> None:
    clips = sorted((workspace / "reports" / "default" / "audio").glob("*.flac"))
    for sample, clip in zip(("capital", "slowly"), clips, strict=False):
        (tmp_path / f"{sample}.flac").write_bytes(clip.read_bytes())
    taken = json.loads(
        run("import", "responses", "folder", tmp_path, "-w", workspace, "--system", "recorded", "--json")
    )
    assert (taken["responses"], taken["takes"]) == (2, 2)
    judged = json.loads(run("judge", "-w", workspace, "--matches", 14, "--json"))
    assert judged["rated"] == 14
    board = json.loads(run("rank", "-w", workspace, "--format", "json", "--bootstraps", 20))
    assert "recorded" in [s["system"] for s in board["systems"]]
