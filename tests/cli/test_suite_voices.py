"""`suite voices` and `suite build --voices`: what there is, what is missing, and a program of the user's at work."""

import json

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.models.worker import places
from tests.models import voice_programs

SCRIPTS = """
domain = "education"

[[sample]]
id = "hindi"
level = "L1"
task = "language_consistency"
language = "hi"
script = "नमस्ते, आज कौन सा दिन है?"
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "study"
    assert run("init", folder).exit_code == 0
    return folder


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A path with nothing on it but what is put there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_all_voices_are_listed_with_what_they_need(programs):
    rows = {row["voice"]: row for row in json.loads(run("suite", "voices", "--json").stdout)}
    assert {"hibari", "kokoro-male", "espeak-ng", "piper-joe", "openai-speech", "doubao-speech"} <= set(rows)
    assert rows["espeak-ng"]["runs_here"] is False and "apt install espeak-ng" in rows["espeak-ng"]["missing"][0]
    assert rows["espeak-ng"]["quality"] == "formant" and rows["espeak-ng"]["unasked"] is False


def test_one_line_says_what_a_voice_needs(programs):
    missing = run("suite", "voices", "espeak-ng")
    assert missing.exit_code == 2 and "espeak-ng: program espeak-ng: run apt install espeak-ng" in missing.stderr
    voice_programs.espeak(programs)
    assert "would run here and speaks en, hi" in run("suite", "voices", "espeak-ng").stdout


def test_a_build_says_what_a_named_voice_lacks(workspace, programs):
    done = run("suite", "build", "-w", workspace, "--voices", "+espeak-ng", "--no-check")
    assert done.exit_code == 2 and "espeak-ng: needs program espeak-ng" in done.stderr


def test_a_language_that_no_usual_voice_knows_is_spoken_when_asked_and_says_by_what(workspace, programs, tmp_path):
    voice_programs.espeak(programs)
    scripts = tmp_path / "scripts.toml"
    scripts.write_text(SCRIPTS, encoding="utf-8")
    build = ("suite", "build", "-w", workspace, "--scripts", scripts, "--no-check", "--json")
    refused = run(*build, "--voices", "hibari")
    assert refused.exit_code == 2
    built = run(*build, "--voices", "espeak-ng")
    assert json.loads(built.stdout)["samples"] == 1, built.stderr
    shown = json.loads(run("suite", "show", "hindi", "-w", workspace, "--json").stdout)
    assert shown["turns"][0]["voice"] == "espeak-ng" and shown["attributes"] == {"voice_quality": "formant"}


CARD = """
title = "Mine"
model = "worker-voice"
gender = "male"
languages = ["hi"]

[settings]
file = "mine.py"
options = {{ program = "{program}" }}
"""


def test_a_voice_in_a_worker_of_ones_own_speaks_a_suite(workspace, programs, tmp_path):
    place = workspace / "cards" / "voices"
    place.mkdir(parents=True, exist_ok=True)
    (place / "mine.py").write_text(places.find("espeak_voice").read_text(encoding="utf-8"), encoding="utf-8")
    (place / "mine.toml").write_text(CARD.format(program=voice_programs.espeak(programs)), encoding="utf-8")
    (tmp_path / "scripts.toml").write_text(SCRIPTS, encoding="utf-8")
    build = ("suite", "build", "-w", workspace, "--scripts", tmp_path / "scripts.toml", "--no-check", "--json")
    built = run(*build, "--voices", "mine")
    assert built.exit_code == 0, built.stderr
    assert json.loads(built.stdout)["samples"] == 1
    (place / "mine.py").write_text("import no_such_thing\n", encoding="utf-8")
    failed = run(*build, "--voices", "mine")
    assert failed.exit_code == 2 and "No module named 'no_such_thing'" in failed.stderr.strip().splitlines()[-1]
