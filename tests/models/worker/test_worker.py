"""Workers answer in a process of their own, and a bad one becomes a message with its last lines."""

import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, MissingError, Refused, SystemFailure, TimedOut
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.models import registry
from s2s_arena.models.worker import sdk
from s2s_arena.models.worker.process import WorkerProcess
from s2s_arena.models.worker.supervisor import Worker
from s2s_arena.protocols import Request
from s2s_arena.records.responses import Response
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tone
from s2s_arena.testing.worlds import rehearsal_suite

EXAMPLE = Path(__file__).parents[3] / "workers" / "example"
RAW = """
    import json, os, sys, time
    wire_in = os.fdopen(int(os.environ["S2S_ARENA_WORKER_IN"]))
    wire_out = os.fdopen(int(os.environ["S2S_ARENA_WORKER_OUT"]), "w")
    def say(**message):
        wire_out.write(json.dumps(message) + "\\n"); wire_out.flush()
    def ready(protocol=1):
        say(type="ready", protocol=protocol, name="raw", version="1")
"""


@pytest.fixture
def made(tmp_path):
    """Builds a worker from the text of its file, through the registry, as a card would."""
    workers = []

    def make(text, **settings):
        (tmp_path / "bad.py").write_text(textwrap.dedent(text))
        parts = SimpleNamespace(folder=tmp_path, cache=tmp_path / "cache")
        worker = registry.build("worker", {"file": "bad.py", "start_s": 20, "request_s": 20, **settings}, parts)
        workers.append(worker)
        return worker

    yield make
    for worker in workers:
        worker.close()


def raw(text):
    return textwrap.dedent(RAW) + textwrap.dedent(text)


def with_sdk(body):
    return (
        f"import sys\nsys.path.insert(0, {str(Path(sdk.__file__).parent)!r})\nfrom sdk import serve\n"
        + textwrap.dedent(body)
    )


def request(**changes):
    return Request(speech=tone(), sample="s1", **changes)


def test_the_example_answers_a_suite_with_two_turns():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=2, turns=2)
    settings = {"file": "worker.py", "options": {"greeting": "hello"}}
    card = SystemCard(name="example", title="Example", model="worker", settings=settings)
    worker = registry.build("worker", settings, SimpleNamespace(folder=EXAMPLE, cache=EXAMPLE))
    summary = stage.run(suite, [Contestant(card=card, load=lambda: worker)], store=store, executor=ThreadsExecutor())
    worker.close()
    assert summary.systems[0].answered == 4
    responses = list(store.all(Response))
    assert [r.text for r in responses] == ["hello turn 0", "hello turn 1"] * 2
    asked = store.audio(suite.samples[0].turns[0].speech.hash)
    assert np.array_equal(store.audio(responses[0].speech.hash).pcm16(), asked.pcm16()[::-1])
    assert responses[0].versions["adapter"].startswith("worker/1(example, 1+")


def test_what_a_worker_prints_breaks_nothing(made):
    worker = made(
        with_sdk("""
        import shutil
        def answer(speech, *, out, **_):
            print("garbage {]", flush=True)
            shutil.copy(speech, out)
        serve(answer, name="noisy", version="1")
        """)
    )
    assert worker.answer(request()).speech.hash() == tone().hash()


def test_a_worker_that_dies_at_import_shows_its_last_lines(made):
    with pytest.raises(
        InfrastructureError, match=r"worker bad: ended with status 1; .*No module named 'no_such_thing'"
    ):
        made("import no_such_thing").answer(request())


def test_garbage_on_the_wire_is_named(made):
    with pytest.raises(InfrastructureError, match=r"wrote .*hello there.* no message"):
        made(raw("wire_out.write('hello there\\n'); wire_out.flush(); wire_in.readline()")).answer(request())


def test_an_answer_to_another_request_is_not_taken(made):
    worker = made(raw("ready()\nfor line in wire_in: say(type='answer', id='other')"))
    with pytest.raises(InfrastructureError, match="'answer' for request 'other'"):
        worker.answer(request())


def test_a_worker_that_hangs_is_timed_out_and_the_next_one_answers(made):
    worker = made(
        with_sdk("""
        import os, shutil, time
        def answer(speech, *, out, **_):
            if not os.path.exists("hung"):
                open("hung", "w").close()
                time.sleep(60)
            shutil.copy(speech, out)
        serve(answer, name="slow", version="1")
        """),
        request_s=2,
    )
    with pytest.raises(TimedOut, match="within 2 s"):
        worker.answer(request())
    assert worker.answer(request()).speech.frames == tone().frames


def test_another_version_of_the_protocol_is_refused(made):
    with pytest.raises(MissingError, match=r"speaks protocol 7, 1 is needed; copy the present sdk\.py"):
        made(raw("ready(protocol=7)\nwire_in.readline()")).answer(request())


def test_what_a_worker_raises_fails_that_request_alone(made):
    worker = made(
        with_sdk("""
        import shutil
        def answer(speech, *, out, seed, **_):
            if seed == 1: raise ValueError("too sad")
            if seed == 2: return {"refused": "no singing"}
            if seed == 3: return {"text": "mute"}
            shutil.copy(speech, out)
            return {"text": "ok", "tokens_out": 7, "first_audio_s": 0.25}
        serve(answer, name="picky", version="1")
        """)
    )
    for seed, error, words in (
        (1, SystemFailure, "too sad"),
        (2, Refused, "no singing"),
        (3, EmptyAnswer, "no answer"),
    ):
        with pytest.raises(error, match=words):
            worker.answer(request(seed=seed))
    answer = worker.answer(request())
    assert (answer.text, answer.usage.tokens_out, answer.first_audio_s) == ("ok", 7, 0.25)


def test_what_a_worker_misses_is_said_at_once_and_in_its_words(made):
    worker = made(
        with_sdk("""
        from sdk import Missing
        def load(settings):
            raise Missing("the weights: download them, and name the folder in options.weights")
        serve(None, name="poor", version="1", load=load)
        """)
    )
    with pytest.raises(
        MissingError, match=r"^worker bad: the weights: download them, and name the folder in options\.w"
    ):
        worker.answer(request())


def test_a_package_that_its_loading_needs_is_named_with_the_interpreter(made):
    worker = made(
        with_sdk("""
        def load(settings):
            import no_such_thing
        serve(None, name="poor", version="1", load=load)
        """)
    )
    with pytest.raises(MissingError, match=f"package no_such_thing is not installed for {sys.executable}"):
        worker.answer(request())


def test_it_never_starts_in_three_attempts_and_the_run_ends_with_its_last_lines(made):
    worker = made("import sys\nprint('about to fail')\nsys.exit('no disk')")
    worker._sleep = lambda seconds: None
    for _ in range(2):
        with pytest.raises(InfrastructureError, match=r"about to fail.*no disk|no disk.*about to fail"):
            worker.answer(request())
    with pytest.raises(MissingError, match=r"no disk.*never started in 3 attempts"):
        worker.answer(request())


def test_one_that_never_answers_what_it_was_asked_ends_the_run(made):
    worker = made(raw("ready()\nfor line in wire_in: say(type='answer', id='other')"))
    worker._sleep = lambda seconds: None
    for _ in range(5):
        with pytest.raises(InfrastructureError, match="not the one it was asked"):
            worker.answer(request())
    with pytest.raises(MissingError, match=r"not the one it was asked.*answered nothing in 6 attempts, mend it first"):
        worker.answer(request())


def test_one_that_has_answered_before_is_started_again_and_again(made):
    worker = made(
        with_sdk("""
        import os, shutil
        def answer(speech, *, out, seed, **_):
            if seed: os._exit(3)
            shutil.copy(speech, out)
        serve(answer, name="moody", version="1")
        """)
    )
    worker._sleep = lambda seconds: None
    worker.answer(request())
    for _ in range(7):
        with pytest.raises(InfrastructureError, match="ended with status 3"):
            worker.answer(request(seed=1))
    assert worker.answer(request()).speech.frames == tone().frames


def test_restarts_wait_longer_each_time():
    waits, now = [], [0.0]

    def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds

    def start():
        raise InfrastructureError("dead")

    worker = Worker(start, name="dead", version="1", request_s=1, clock=lambda: now[0], sleep=sleep)
    for _ in range(2):
        with pytest.raises(InfrastructureError):
            worker.answer(request())
    with pytest.raises(MissingError, match="dead; it never started in 3 attempts"):
        worker.answer(request())
    assert waits == [1.0, 2.0]


def test_a_missing_interpreter_and_bad_cards_are_named(made, tmp_path):
    with pytest.raises(MissingError, match="no-such-python cannot be started"):
        made("", python="no-such-python").answer(request())
    with pytest.raises(CardError, match="colour"):
        made("", colour="red")
    with pytest.raises(CardError, match=r"settings\.file"):
        registry.build("worker", {"file": "none.py"}, SimpleNamespace(folder=tmp_path, cache=tmp_path))
    with pytest.raises(CardError, match=r"settings\.requirements"):
        made("", requirements="none.txt")


def test_a_worker_that_is_ended_is_gone(tmp_path):
    (tmp_path / "w.py").write_text(raw("ready()\nwire_in.readline()"))
    process = WorkerProcess([sys.executable, "w.py"], folder=tmp_path, name="w", settings={}, start_s=20)
    assert process.alive and process.ready["name"] == "raw"
    process.end()
    assert not process.alive
    with pytest.raises(InfrastructureError):
        process.send({"type": "ask"})
