"""Readers of audio for judging: what they send, and what every kind of reply becomes."""

import json

import pytest

from s2s_arena.errors import CardError, EmptyAnswer, InfrastructureError, Refused
from s2s_arena.judge.replies import schema
from s2s_arena.models import registry
from s2s_arena.models.remote.judging_gemini import as_openapi
from s2s_arena.protocols import HeardMessage
from s2s_arena.records.studies import Criterion
from s2s_arena.testing.sound import silence, tone
from tests.models.doubles import FakeParts, Voice
from tests.models.remote.servers import HttpReply, http_server

MESSAGES = (
    HeardMessage(role="system", parts=("be fair",)),
    HeardMessage(role="user", parts=("listen", tone(rate_hz=22050), "and", tone(rate_hz=22050), "decide")),
)


def reader(family, url, **settings):
    own = {"url": url, "model": "m", "key_env": "", **settings}
    return registry.build(family, own, FakeParts(None, None, Voice("en")))


def read(family, *replies, messages=MESSAGES, **settings):
    with http_server(*replies) as (url, asked):
        reading = reader(family, url, **settings).read(messages, seed=2**40 + 5, schema={"type": "object"})
    return reading, asked[0]


def candidate(finish="STOP", parts=({"text": "hello"},), **more):
    return {"candidates": [{"content": {"parts": list(parts)}, "finishReason": finish}], **more}


def chat(content="hello", finish="stop", **message):
    return {"choices": [{"message": {"content": content, **message}, "finish_reason": finish}], "model": "m-2"}


def test_text_and_audio_go_in_the_order_they_are_read():
    _, asked = read("gemini-generate", HttpReply.json(candidate()))
    body = asked.value
    assert asked.path == "/models/m:generateContent"
    assert [next(iter(part)) for part in body["contents"][0]["parts"]] == [
        *("text", "inlineData", "text", "inlineData", "text")
    ]
    assert body["systemInstruction"]["parts"] == [{"text": "be fair"}]
    assert 0 <= body["generationConfig"]["seed"] < 2**31
    _, asked = read("openai-listen", HttpReply.json(chat()), dialect="openai")
    content = asked.value["messages"][1]["content"]
    assert [part["type"] for part in content] == ["text", "input_audio", "text", "input_audio", "text"]
    assert asked.value["modalities"] == ["text"] and "audio" not in asked.value


def test_what_the_model_says_of_itself_is_kept():
    usage = {
        "promptTokenCount": 70,
        "candidatesTokenCount": 5,
        "thoughtsTokenCount": 11,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 6}, {"modality": "AUDIO", "tokenCount": 64}],
    }
    thought = {"text": "hmm", "thought": True}
    reply = candidate(parts=(thought, {"text": "he"}, {"text": "llo"}), usageMetadata=usage, modelVersion="m-002")
    reading, _ = read("gemini-generate", HttpReply.json(reply))
    assert (reading.text, reading.model, reading.finish, reading.audio_tokens) == ("hello", "m-002", "STOP", 64)
    assert (reading.usage.tokens_in, reading.usage.tokens_out) == (70, 16)
    told = {"prompt_tokens": 70, "completion_tokens": 5, "prompt_tokens_details": {"audio_tokens": 0}}
    reading, _ = read("openai-listen", HttpReply.json({**chat(), "usage": told}))
    assert (reading.text, reading.model, reading.audio_tokens, reading.usage.tokens_in) == ("hello", "m-2", 0, 70)


def test_who_does_not_count_audio_has_not_said_that_there_was_none():
    assert read("openai-listen", HttpReply.json(chat()))[0].audio_tokens is None
    assert read("gemini-generate", HttpReply.json(candidate()))[0].audio_tokens is None
    text_only = candidate(usageMetadata={"promptTokensDetails": [{"modality": "TEXT", "tokenCount": 6}]})
    assert read("gemini-generate", HttpReply.json(text_only))[0].audio_tokens == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, Refused),
        (candidate("PROHIBITED_CONTENT", parts=()), Refused),
        (candidate("MAX_TOKENS", parts=()), EmptyAnswer),
        (candidate(parts=({"text": "only thoughts", "thought": True},)), EmptyAnswer),
        ({"candidates": []}, InfrastructureError),
        ({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}, InfrastructureError),
        ({"candidates": [{"content": None}]}, EmptyAnswer),
        ([], InfrastructureError),
    ],
)
def test_what_gemini_may_say_instead(reply, error):
    with pytest.raises(error):
        read("gemini-generate", HttpReply.json(reply))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (chat(None, "content_filter"), Refused),
        (chat(None, refusal="no"), Refused),
        (chat(None), EmptyAnswer),
        (chat(" \n"), EmptyAnswer),
        ({"choices": []}, EmptyAnswer),
        ({"error": {"message": "overloaded", "type": "server_error"}}, InfrastructureError),
        ("text", InfrastructureError),
    ],
)
def test_what_a_chat_may_say_instead(reply, error):
    with pytest.raises(error):
        read("openai-listen", HttpReply.json(reply))


def test_a_stream_is_read_to_its_end_and_a_broken_one_is_none():
    delta = [{"choices": [{"delta": {"content": piece}, "finish_reason": None}]} for piece in ("he", "llo")]
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    usage = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    reading, asked = read("openai-listen", HttpReply.stream(*delta, end, usage), dialect="dashscope")
    assert (reading.text, reading.usage.tokens_out) == ("hello", 2) and asked.value["stream"] is True
    assert asked.value["messages"][1]["content"][1]["input_audio"]["data"].startswith("data:;base64,")
    with pytest.raises(InfrastructureError, match="ended before"):
        read("openai-listen", HttpReply.stream(*delta, done=False), dialect="dashscope")


def test_a_schema_is_put_as_each_vendor_takes_it():
    made = as_openapi(schema(tuple(Criterion)))
    assert "additionalProperties" not in json.dumps(made)
    assert made["type"] == "OBJECT" and made["properties"]["winner"] == {"type": "STRING", "enum": ["1", "2"]}
    assert made["propertyOrdering"] == made["required"]
    nested = as_openapi({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}})
    assert nested["items"]["properties"]["a"] == {"type": "NUMBER"}


def test_a_prompt_that_no_vendor_takes_is_not_sent():
    long = (HeardMessage(role="user", parts=(silence(240.0, rate_hz=48000),)),)
    for family in ("gemini-generate", "openai-listen"):
        with http_server(HttpReply.json({})) as (url, asked), pytest.raises(CardError, match="split the dialogue"):
            reader(family, url).read(long, seed=0)
        assert not asked


@pytest.mark.parametrize(
    ("family", "settings", "message"),
    [
        ("openai-listen", {"dialect": "zhipu"}, "settings.dialect"),
        ("openai-listen", {"schema": "yes"}, "settings.schema"),
        ("openai-listen", {"model": ""}, "settings.model"),
        ("openai-listen", {"voice": "x"}, "settings.voice: unknown"),
        ("gemini-generate", {"structured": "yes"}, "settings.structured"),
    ],
)
def test_a_wrong_setting_is_refused(family, settings, message):
    with pytest.raises(CardError, match=message):
        reader(family, "http://localhost:1", **settings)
