"""Remote systems under the answer stage: every fault ends as the stage's own kind, and what can be retried is."""

import base64

import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.asking import Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.audio import files
from s2s_arena.errors import MissingError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.models import registry
from s2s_arena.records.responses import FailureKind, Response
from s2s_arena.records.systems import SystemCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import silence, tones
from s2s_arena.testing.worlds import rehearsal_suite
from tests.models.doubles import FakeParts
from tests.models.remote.servers import HttpReply, http_server

SPOKEN = tones(["one", "two", "three"], rate_hz=24000)


def said(wave=SPOKEN, finish="stop", **message):
    data = base64.b64encode(files.encode_wav(wave)).decode()
    message = {"audio": {"data": data, "transcript": "One two three."}, **message}
    return HttpReply.json(
        {
            "choices": [{"message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7},
        }
    )


def answered(url, *, samples=1, turns=1, concurrency=1, waits=None):
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=samples, turns=turns)
    settings = {"dialect": "vllm-omni", "url": url, "model": "m", "patience_s": 0.3}
    card = SystemCard(name="far", title="Far", model="openai-chat", settings=settings, concurrency=concurrency)
    contestant = Contestant(card=card, load=lambda: registry.build(card.model, card.settings, FakeParts(0, 0, 0)))
    retries = Retries(attempts=3, sleep=(waits if waits is not None else []).append)
    stage.run(suite, [contestant], store=store, executor=ThreadsExecutor(), retries=retries, concurrency=concurrency)
    return list(store.all(Response))


def test_an_answer_is_kept_with_words_times_and_tokens():
    with http_server(said()) as (url, _):
        (response,) = answered(url)
    assert response.failure is None and response.text == "One two three."
    assert response.speech.duration_s == pytest.approx(SPOKEN.duration_s, abs=0.001)
    assert (response.usage.tokens_in, response.usage.tokens_out) == (5, 7)
    assert 0 < response.first_audio_s <= response.total_s
    assert response.versions["adapter"].startswith("openai-chat/1(vllm-omni, m, 127.0.0.1")


def test_many_at_once_are_each_answered_once():
    with http_server(said()) as (url, asked):
        responses = answered(url, samples=24, concurrency=8)
    assert len(responses) == len(asked) == 24
    assert len({one.body for one in asked}) == 24


def test_a_second_turn_carries_the_first():
    with http_server(said()) as (url, asked):
        responses = answered(url, turns=2)
    assert [response.turn for response in responses] == [0, 1]
    assert [message["role"] for message in asked[1].value["messages"]] == ["user", "assistant", "user"]


def test_a_limit_is_waited_for_as_long_as_it_asks_and_then_answered():
    waits = []
    busy = HttpReply.json({}, status=429, headers={"Retry-After": "7"})
    with http_server(busy, HttpReply([b"oops"], status=500), said()) as (url, asked):
        (response,) = answered(url, waits=waits)
    assert response.failure is None and len(asked) == 3
    assert waits[0] == 7.0


@pytest.mark.parametrize(
    ("reply", "kind", "attempts"),
    [
        (said(finish="content_filter"), FailureKind.REFUSED, 1),
        (said(audio=None, content="only words"), FailureKind.EMPTY, 1),
        (said(audio={"data": "AAAAA"}), FailureKind.BROKEN, 1),
        (said(audio={"data": base64.b64encode(files.encode_wav(SPOKEN)[:-999]).decode()}), FailureKind.BROKEN, 1),
        (said(silence(1.0)), FailureKind.SILENT, 1),
        (HttpReply([b"oops"], status=503), FailureKind.INFRASTRUCTURE, 3),
        (HttpReply.json({"choices": []}, cut=True), FailureKind.INFRASTRUCTURE, 3),
    ],
)
def test_every_fault_ends_as_its_kind(reply, kind, attempts):
    with http_server(reply) as (url, asked):
        (response,) = answered(url)
    assert (response.failure.kind, len(asked)) == (kind, attempts)
    assert response.failure.kind.rated == (kind is not FailureKind.INFRASTRUCTURE)


def test_a_refused_key_stops_the_run_with_the_remedy():
    reply = HttpReply.json({"error": {"message": "Incorrect API key"}}, status=401)
    with http_server(reply) as (url, asked), pytest.raises(MissingError, match="check the key"):
        answered(url, samples=5)
    assert len(asked) == 1
