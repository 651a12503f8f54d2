"""Chat completions with audio: what each vendor is asked, what is made of its reply, and how each fault ends."""

import base64
import threading

import pytest

from s2s_arena.audio import files
from s2s_arena.errors import (
    AccessError,
    AudioError,
    CardError,
    EmptyAnswer,
    InfrastructureError,
    MissingError,
    Refused,
    RequestRejected,
    TimedOut,
)
from s2s_arena.models.remote import chat
from s2s_arena.models.remote.chat_dialects import DIALECTS
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts, Voice
from tests.models.remote.servers import HttpReply, http_server

SPOKEN = tone(440, rate_hz=24000)
PCM = base64.b64encode(SPOKEN.pcm16().astype("<i2").tobytes()).decode()
WAV = base64.b64encode(files.encode_wav(SPOKEN)).decode()
KEY = "sk-secret-1234"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    monkeypatch.setenv("ZHIPU_API_KEY", KEY)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)


def system(url, dialect="openai", voice=None, **settings):
    parts = FakeParts(None, None, voice)
    return chat.build({"dialect": dialect, "model": "m", "url": url, **settings}, parts)


def ask(system, speech=None, history=(), seed=0):
    return system.answer(Request(speech=speech or tone(), sample="s", history=history, seed=seed))


def delta(finish=None, **fields):
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


STREAM = (
    delta(audio={"id": "a1", "transcript": "Good "}),
    delta(audio={"data": PCM[:1001], "transcript": "day."}),
    delta(audio={"data": PCM[1001:], "expires_at": 9999999999}),
    delta("stop"),
    {"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 22}},
)


def test_a_streamed_answer_is_whole():
    with http_server(HttpReply.stream(*STREAM)) as (url, asked):
        answer = ask(system(url, voice="marin", temperature=0.7, instructions="Be kind."))
    assert answer.speech.hash() == SPOKEN.hash()
    assert (answer.text, answer.usage.tokens_in, answer.usage.tokens_out) == ("Good day.", 11, 22)
    assert answer.first_audio_s > 0
    assert answer.raw == {"finish": "stop", "audio_id": "a1", "audio_expires_at": "9999999999"}
    assert asked[0].path == "/chat/completions"
    assert asked[0].headers["authorization"] == f"Bearer {KEY}"
    body = asked[0].value
    question = body["messages"].pop()
    assert body == {
        "model": "m",
        "modalities": ["text", "audio"],
        "audio": {"voice": "marin", "format": "pcm16"},
        "messages": [{"role": "system", "content": "Be kind."}],
        "temperature": 0.7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    heard = files.read(base64.b64decode(question["content"][0]["input_audio"]["data"]))
    assert heard.rate_hz == 24000 and heard.duration_s == tone().duration_s
    assert question["content"][0]["input_audio"]["format"] == "wav"


def test_a_whole_answer_may_have_its_speech_in_another_choice():
    reply = {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Good day."}, "finish_reason": "stop"},
            {"index": 1, "message": {"content": None, "audio": {"data": WAV}}, "finish_reason": "stop"},
        ]
    }
    with http_server(HttpReply.json(reply)) as (url, asked):
        answer = ask(system(url, "vllm-omni"))
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Good day."
    assert "authorization" not in asked[0].headers
    assert asked[0].value["stream"] is False and "audio" not in asked[0].value


def test_dashscope_gets_a_data_url_and_its_headerless_wav_is_read():
    with http_server(HttpReply.stream(delta(content="Hi", audio={"data": PCM}), delta("stop"))) as (url, asked):
        answer = ask(system(url, "dashscope"))
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Hi"
    assert asked[0].value["messages"][0]["content"][0]["input_audio"]["data"].startswith("data:;base64,UklGR")
    assert asked[0].value["stream"] is True and asked[0].value["audio"]["format"] == "wav"


def test_azure_proves_itself_by_its_own_header():
    with http_server(HttpReply.stream(*STREAM)) as (url, asked):
        assert ask(system(url, "azure")).speech.hash() == SPOKEN.hash()
    assert asked[0].headers["api-key"] == KEY and "authorization" not in asked[0].headers


def test_glm_4_voice_is_asked_whole_and_its_header_tells_the_rate():
    wav = base64.b64encode(files.encode_wav(tone(rate_hz=44100))).decode()
    reply = {"choices": [{"message": {"content": "你好", "audio": {"id": "x", "data": wav}}, "finish_reason": "stop"}]}
    with http_server(HttpReply.json(reply)) as (url, asked):
        answer = chat.build({"dialect": "zhipu", "url": url, "max_tokens": 1024, "prompt": "p"}, FakeParts(0, 0, 0))
        answer = ask(answer)
    assert answer.speech.rate_hz == 44100 and answer.text == "你好"
    body = asked[0].value
    assert body["messages"][0]["content"][0] == {"type": "text", "text": "p"}
    assert (body["model"], body["max_tokens"], body["stream"]) == ("glm-4-voice", 1024, False)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_two_audios_make_two_requests(dialect):
    made = system("http://127.0.0.1:1", dialect, Voice("en"), **({} if DIALECTS[dialect].speaks else {"reader": "v"}))
    first, again, other = (made.body(Request(speech=tone(hz), sample="s")) for hz in (220, 220, 330))
    assert first == again and first != other


@pytest.mark.parametrize("dialect", ["llama-cpp", "vllm"])
def test_a_system_that_only_writes_is_read_by_a_voice(dialect):
    voice = Voice("en")
    with http_server(HttpReply.stream(delta(content="**Good** "), delta("stop", content="day."))) as (url, asked):
        answer = ask(system(url, dialect, voice, reader="v", send_seed=True, stream=True), seed=7)
    assert voice.said[0].text == "Good day." and answer.text == "**Good** day."
    assert asked[0].value["seed"] == 7 and "modalities" not in asked[0].value
    assert answer.first_audio_s > 0


def test_a_seed_is_sent_only_where_the_card_says_so():
    made = system("http://127.0.0.1:1", "vllm", Voice("en"), reader="v")
    assert "seed" not in made.body(Request(speech=tone(), sample="s", seed=7))


def test_earlier_turns_go_back_by_audio_id_while_it_lasts_and_by_words_after():
    user = tone(100)

    def past(**raw):
        return Exchange(user=user, answer=Answer(speech=SPOKEN, text="Said.", raw=raw))

    made = system("http://127.0.0.1:1")
    history = (
        past(audio_id="a", audio_expires_at="9999999999"),
        past(audio_id="b", audio_expires_at="1000"),
        past(),
    )
    messages = made.body(Request(speech=tone(), sample="s", history=history))["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant"] * 3 + ["user"]
    assert messages[1] == {"role": "assistant", "audio": {"id": "a"}}
    assert messages[3] == messages[5] == {"role": "assistant", "content": "Said."}
    assert messages[0] == messages[2] != messages[6]


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (HttpReply.json({"error": {"message": f"bad key {KEY}"}}, status=401), AccessError, r"bad key \*\*\*"),
        (HttpReply.json({"error": {"code": "insufficient_quota"}}, status=429), AccessError, "quota"),
        (HttpReply.json({}, status=429, headers={"Retry-After": "9"}), InfrastructureError, "HTTP 429"),
        (HttpReply([b"oops"], status=500), InfrastructureError, "HTTP 500: oops"),
        (HttpReply.json({"error": {"message": "what?"}}, status=400), RequestRejected, "HTTP 400: what"),
        (HttpReply.json({"error": {"code": "content_filter"}}, status=400), Refused, "content_filter"),
        (HttpReply.stream(delta("content_filter")), Refused, "content filter"),
        (HttpReply.stream(delta(refusal="I cannot."), delta("stop")), Refused, "I cannot"),
        (HttpReply.stream(delta("stop", content="only words")), EmptyAnswer, "only words"),
        (HttpReply.stream(*STREAM[:2], done=False), InfrastructureError, "ended before the answer did"),
        (HttpReply.stream(*STREAM[:2], done=False, cut=True), InfrastructureError, "IncompleteRead"),
        (HttpReply.stream({"error": {"message": "busy", "code": "server_error"}}), InfrastructureError, "busy"),
        (HttpReply.stream({"code": "data_inspection_failed", "message": "no"}), InfrastructureError, "no"),
        (HttpReply.stream(delta(audio={"data": PCM[:-5]}), delta("stop")), AudioError, "cut short"),
        (HttpReply([b"data: {]\n\n"], headers={"Content-Type": "text/event-stream"}), InfrastructureError, "not JSON"),
        (HttpReply([b"<html>"], headers={"Content-Type": "text/html"}), InfrastructureError, "not JSON"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_every_fault_has_its_error(reply, error, says):
    with http_server(reply) as (url, _), pytest.raises(error, match=says) as caught:
        ask(system(url))
    assert KEY not in str(caught.value)
    if reply.headers.get("Retry-After"):
        assert caught.value.retry_after_s == 9.0


def test_after_a_fault_the_next_question_is_answered():
    with http_server(HttpReply([b"oops"], status=500), HttpReply.stream(*STREAM)) as (url, asked):
        made = system(url)
        with pytest.raises(InfrastructureError):
            ask(made)
        assert ask(made).speech.hash() == SPOKEN.hash()
    assert len(asked) == 2


def test_one_who_says_nothing_has_timed_out():
    with http_server(HttpReply([], hold=threading.Event())) as (url, _), pytest.raises(TimedOut, match=r"0\.05 s"):
        ask(system(url, patience_s=0.05))


def test_nobody_there_is_a_fault_of_the_network():
    with http_server(HttpReply([])) as (url, _):
        pass
    with pytest.raises(InfrastructureError, match="Connection refused"):
        ask(system(url))


def test_a_missing_key_is_named():
    made = system("http://127.0.0.1:1", key_env="NOT_SET_ANYWHERE")
    with pytest.raises(MissingError, match="environment variable NOT_SET_ANYWHERE is not set"):
        ask(made)


def test_a_key_is_taken_without_the_line_s_end_and_refused_with_odd_letters(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    with http_server(HttpReply.stream(*STREAM)) as (url, asked):
        ask(system(url))
        monkeypatch.setenv("OPENAI_API_KEY", "schlüssel")
        with pytest.raises(MissingError, match="OPENAI_API_KEY holds letters that no key has"):
            ask(system(url))
    assert asked[0].headers["authorization"] == f"Bearer {KEY}" and len(asked) == 1


def test_a_body_that_cannot_be_unzipped_is_a_fault_of_the_way():
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    broken = HttpReply([b"no gzip"], headers=headers)
    with http_server(broken) as (url, _), pytest.raises(InfrastructureError, match="failed to decode"):
        ask(system(url))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"dialect": "opnai"}, "settings.dialect: 'opnai' given; one of azure"),
        ({"dialect": "llama-cpp"}, "settings.reader: missing"),
        ({"dialect": "dashscope", "stream": False}, "settings.stream: false given"),
        ({"dialect": "vllm-omni", "stream": True}, "settings.stream: true given"),
        ({}, "settings.model: missing"),
        ({"model": "m", "url": "ws://x"}, "settings.url: 'ws://x' given, an address that begins with http"),
        ({"model": "m", "timeout_s": 0}, "settings.timeout_s"),
        ({"model": "m", "extra": 3}, "settings.extra"),
        ({"tempreature": 1}, "settings.tempreature: unknown to openai-chat"),
    ],
)
def test_a_card_with_a_mistake_is_refused(settings, says):
    with pytest.raises(CardError, match=says):
        chat.build(settings, FakeParts(None, None, Voice("en")))


def test_the_identity_says_who_and_where_but_no_secret():
    made = system("http://127.0.0.1:1")
    assert made.identity == "openai-chat/1(openai, m, 127.0.0.1:1)"
