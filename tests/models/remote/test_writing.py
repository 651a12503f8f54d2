"""A text mind behind chat completions: what is sent, what comes back, and every fault with its own error."""

import json
import threading

import pytest

from s2s_arena.compose.writers import writer as named
from s2s_arena.errors import (
    AccessError,
    CardError,
    EmptyAnswer,
    InfrastructureError,
    InputError,
    RequestRejected,
    TimedOut,
)
from s2s_arena.models.remote import writing
from s2s_arena.protocols import Message
from tests.models.doubles import FakeParts
from tests.models.remote.servers import HttpReply, http_server

ASKED = (Message(role="system", content="Be brief."), Message(role="user", content="Name a colour."))
SCHEMA = {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}


def writer(url, **settings):
    return writing.build({"url": url, "model": "m-1", "key_env": "", **settings}, FakeParts(0, 0, 0))


def said(text, **choice):
    return HttpReply.json({"choices": [{"message": {"content": text}, **choice}]})


def test_messages_seed_and_schema_are_sent():
    with http_server(said(' {"colour": "blue"} ')) as (url, asked):
        reply = writer(f"{url}/v1").write(ASKED, seed=7, temperature=0.5, max_tokens=20, schema=SCHEMA)
    assert reply == '{"colour": "blue"}'
    body = asked[0].value
    assert asked[0].path == "/v1/chat/completions" and "authorization" not in asked[0].headers
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in ASKED]
    assert (body["model"], body["seed"], body["temperature"], body["max_tokens"]) == ("m-1", 7, 0.5, 20)
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_server_without_schemas_or_seeds_is_asked_in_words():
    with http_server(said("```json\n{}\n```")) as (url, asked):
        assert writer(url, schema="none", seeds=False).write(ASKED, seed=7, schema=SCHEMA) == "{}"
        writer(url, schema="json_object").write(ASKED, seed=7, schema=SCHEMA)
    assert "response_format" not in asked[0].value and "seed" not in asked[0].value
    assert asked[1].value["response_format"] == {"type": "json_object"}


def test_log_odds_are_those_of_the_first_token():
    top = [{"token": "Yes", "logprob": -0.5}, {"token": " no", "logprob": -2.0}, {"token": "maybe", "logprob": -3.0}]
    reply = said("Yes", logprobs={"content": [{"top_logprobs": top}]})
    with http_server(reply) as (url, _):
        assert writer(url).log_odds(ASKED, yes="yes", no="no") == pytest.approx(1.5)
    with http_server(said("Yes")) as (url, _), pytest.raises(InfrastructureError, match="no log-probabilities"):
        writer(url).log_odds(ASKED, yes="yes", no="no")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (said("  "), EmptyAnswer),
        (HttpReply([b"<html>"]), InfrastructureError),
        (HttpReply.json({"error": {"message": "bad key"}}, status=401), AccessError),
        (HttpReply.json({"error": {"message": "slow down"}}, status=429), InfrastructureError),
        (HttpReply.json({"error": {"message": "response_format is unknown"}}, status=400), RequestRejected),
    ],
)
def test_every_fault_has_its_own_error(reply, error):
    with http_server(reply) as (url, _), pytest.raises(error):
        writer(url).write(ASKED, seed=1)


def test_a_writer_that_never_answers_times_out():
    with (
        http_server(HttpReply([b"{}"], hold=threading.Event())) as (url, _),
        pytest.raises(TimedOut, match="writer m-1"),
    ):
        writer(url, patience_s=0.1).write(ASKED, seed=1)


def test_the_key_is_sent_and_never_part_of_the_identity(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret-1234")
    with http_server(said("blue")) as (url, asked):
        made = writer(url, key_env="MY_KEY")
        made.write(ASKED, seed=1)
    assert asked[0].headers["authorization"] == "Bearer secret-1234"
    assert "secret" not in made.identity and "m-1" in made.identity


def test_writers_are_named_by_address_and_need_a_model():
    assert json.dumps(named("http://127.0.0.1:9/v1", model="m", key_env="").identity)
    with pytest.raises(InputError, match="--model"):
        named("http://127.0.0.1:9/v1")
    with pytest.raises(InputError, match="give 'local' or the address"):
        named("gpt")
    with pytest.raises(CardError, match=r"settings\.schema: 'xml' given"):
        writer("http://127.0.0.1:9", schema="xml")
