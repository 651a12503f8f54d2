"""Qwen2.5-Omni and Qwen3-Omni answer a suite through the command line, over models of their own classes made here.

`make test-workers` makes the environment and runs this; the interpreter comes in S2S_ARENA_WORKER_PYTHON.
"""

import json
import os

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app
from s2s_arena.compose.arena import open_workspace
from s2s_arena.records.responses import Response, Take
from s2s_arena.testing.worlds import rehearsal_suite

# Loading PyTorch takes seconds on an idle machine and minutes on a busy one.
pytestmark = pytest.mark.timeout(3600)

CARD = """\
title = "Tiny {which}"
model = "worker"
timeout_s = 900.0
verified = "tiny-weights"

[settings]
worker = "qwen_omni"
python = "{python}"
start_s = 900
request_s = 600

[settings.options]
tiny = "{which}"
device = "cpu"
max_new_tokens = 8
max_sound_tokens = 24
"""


def run(*args, status=0):
    result = CliRunner().invoke(app, [str(a) for a in args])
    assert result.exit_code == status, (args, result.stdout, result.stderr, result.exception)
    return result.stdout


@pytest.fixture(scope="module", params=["qwen2.5", "qwen3"])
def answered(request, tmp_path_factory):
    """Two samples of two turns each, answered twice by two systems of the same card."""
    python = os.environ.get("S2S_ARENA_WORKER_PYTHON")
    assert python, "no interpreter: run make test-workers"
    place = tmp_path_factory.mktemp(request.param)
    run("init", place)
    cards = place / "cards" / "systems"
    cards.mkdir(parents=True, exist_ok=True)
    for name in ("tiny", "twin"):
        (cards / f"{name}.toml").write_text(CARD.format(which=request.param, python=python))
    with open_workspace(place) as arena:
        arena.store.put(rehearsal_suite(arena.store, samples=2, turns=2))
    assert "would run here (verified: tiny-weights)" in run("systems", "check", "tiny", "-w", place)
    told = json.loads(run("answer", "-w", place, "--systems", "tiny,twin", "--json", "-q"))
    return place, told


def responses(place, system):
    with open_workspace(place) as arena:
        return {(r.sample, r.turn): r for r in arena.store.all(Response) if r.system == system}


def test_every_turn_is_answered_in_speech(answered):
    place, told = answered
    assert told
    said = responses(place, "tiny")
    assert len(said) == 4
    for response in said.values():
        assert response.failure is None and response.speech is not None
        assert response.speech.rate_hz == 24000 and response.speech.duration_s > 0.2
        assert response.usage.tokens_out and response.usage.tokens_in
    with open_workspace(place) as arena:
        assert sum(take.system == "tiny" for take in arena.store.all(Take)) == 2


def test_the_second_turn_brings_the_first_with_it(answered):
    said = responses(answered[0], "tiny")
    assert said["s000", 1].usage.tokens_in > said["s000", 0].usage.tokens_in


def test_two_questions_have_two_answers(answered):
    said = responses(answered[0], "tiny")
    assert len({r.speech.hash for r in said.values()}) == 4


def test_the_same_question_and_seed_have_the_same_answer(answered):
    one, two = (responses(answered[0], name) for name in ("tiny", "twin"))
    assert {key: r.speech.hash for key, r in one.items()} == {key: r.speech.hash for key, r in two.items()}
    assert {key: r.text for key, r in one.items()} == {key: r.text for key, r in two.items()}
