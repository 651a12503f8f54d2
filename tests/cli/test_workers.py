"""Workers through the command line: a bad one ends the run in one line, with what it printed last."""

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.compose.arena import open_workspace
from s2s_arena.models.worker import supervisor
from s2s_arena.records.responses import Response
from s2s_arena.testing.worlds import rehearsal_suite

RUN = CliRunner()
CARD = 'title = "Mine"\nmodel = "worker"\n\n[settings]\nfile = "mine.py"\n{more}\n'


@pytest.fixture
def workspace(tmp_path):
    RUN.invoke(app, ["init", str(tmp_path)])
    (tmp_path / "cards" / "systems").mkdir(parents=True, exist_ok=True)
    with open_workspace(tmp_path) as arena:
        arena.store.put(rehearsal_suite(arena.store, samples=2))
    return tmp_path


def add(workspace, text, more=""):
    folder = workspace / "cards" / "systems"
    (folder / "mine.toml").write_text(CARD.format(more=more))
    (folder / "mine.py").write_text(text)


def test_a_worker_that_dies_at_import_ends_the_run_with_its_last_lines(workspace, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    add(workspace, "print('loading')\nimport no_such_thing\n")
    result = RUN.invoke(app, ["answer", "-w", str(workspace), "--systems", "mine", "-q"])
    assert result.exit_code == 2
    (line,) = result.stderr.strip().splitlines()
    assert "worker mine: ended with status 1; its last lines: " in line and "No module named 'no_such_thing'" in line
    assert line.endswith("it never started in 3 attempts, mend it first")
    with open_workspace(workspace) as arena:
        assert all(r.failure is not None for r in arena.store.all(Response))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('colour = "red"', "settings.colour: unknown to worker"),
        ("gpus = 1", "settings.gpus: 1 given, a list of numbers needed"),
        ('worker = "example"', "settings.file: name a worker's file, or one of our workers"),
        ('requirements = "none.txt"', "none.txt is no file"),
    ],
)
def test_check_finds_a_wrong_setting_and_starts_nothing(workspace, more, words):
    add(workspace, "raise SystemExit('started')", more)
    result = RUN.invoke(app, ["systems", "check", "mine", "-w", str(workspace)])
    assert result.exit_code == 2
    assert "card mine: " in result.stderr and words in result.stderr


def test_list_says_which_workers_would_run_here(workspace):
    add(workspace, "pass")
    shown = RUN.invoke(app, ["systems", "list", "-w", str(workspace)]).output
    assert "kimi-audio" in shown and "tiny-weights" in shown
    assert (
        "would run here (verified: none)" in RUN.invoke(app, ["systems", "check", "mine", "-w", str(workspace)]).output
    )
