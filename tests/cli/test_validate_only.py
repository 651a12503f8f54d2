"""`answer --validate-only`: asks nobody, looks at what is there, once."""

import json

import pytest
from typer.testing import CliRunner

from s2s_arena.answer import stage
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.records.responses import Response
from s2s_arena.testing.worlds import rehearsal_suite

CARD = 'title = "One"\nmodel = "scripted"\n[licences]\ncode = "Apache-2.0"\n'


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def workspace(tmp_path):
    assert run("init", tmp_path).exit_code == 0
    (tmp_path / "cards" / "systems").mkdir(parents=True, exist_ok=True)
    (tmp_path / "cards" / "systems" / "one.toml").write_text(CARD, encoding="utf-8")
    with open_workspace(tmp_path) as arena:
        suite = rehearsal_suite(arena.store, samples=3)
        stage.run(suite, [arena.contestant("one")], store=arena.store, executor=arena.executor())
    return tmp_path


def test_finished_answers_are_looked_at_once(workspace):
    with open_workspace(workspace) as arena:
        gone = next(iter(arena.store.all(Response)))
        arena.store.erase_audio(gone.speech.hash)
    arguments = ("answer", "-w", workspace, "-S", "one", "--validate-only", "--no-ears", "--json")
    first, second = run(*arguments), run(*arguments)
    assert (first.exit_code, second.exit_code) == (0, 0), (first.output, first.exception)
    (told,), (again,) = json.loads(first.stdout), json.loads(second.stdout)
    assert (told["examined"], told["known"], told["failures"]) == (3, 0, {"broken": 1})
    assert (again["examined"], again["known"], again["failures"]) == (0, 3, {"broken": 1})


def test_an_executor_that_is_none_is_refused(workspace):
    said = run("answer", "-w", workspace, "-S", "one", "--executor", "fork")
    assert said.exit_code == 2 and "one of threads, ray" in said.output
    said = run("answer", "-w", workspace, "-S", "one", "--address", "auto")
    assert said.exit_code == 2 and "--executor ray" in said.output
