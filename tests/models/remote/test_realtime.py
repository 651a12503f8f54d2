"""The realtime websocket: one engine, seven dialects; only a completed response is an answer."""

import base64
import json
import threading
from contextlib import contextmanager

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.errors import (
    AccessError,
    AudioError,
    CardError,
    EmptyAnswer,
    InfrastructureError,
    Refused,
    RequestRejected,
    TimedOut,
)
from s2s_arena.models.remote import realtime
from s2s_arena.models.remote.endpoint import Endpoint
from s2s_arena.models.remote.realtime_dialects import DIALECTS
from s2s_arena.models.remote.sockets import opened
from s2s_arena.models.remote.speech import Encoding, decoded
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts
from tests.models.remote.servers import socket_server

SPOKEN = tone(440, rate_hz=24000)
PCM = base64.b64encode(SPOKEN.pcm16().astype("<i2").tobytes()).decode()
KEY = "sk-secret-1234"
GA = ("response.output_audio.delta", "response.output_audio_transcript.delta")
BETA = ("response.audio.delta", "response.audio_transcript.delta")


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "DASHSCOPE_API_KEY", "ZHIPU_API_KEY"):
        monkeypatch.setenv(name, KEY)


def completed(**response):
    return {"type": "response.done", "response": {"status": "completed", **response}}


def answering(names=GA, done=None):
    usage = {"input_tokens": 3, "output_tokens": 4}
    return [
        {"type": "input_audio_buffer.committed"},
        {"type": names[1], "delta": "Good "},
        {"type": names[0], "delta": PCM[:1001]},
        {"type": names[1], "delta": "day."},
        {"type": names[0], "delta": PCM[1001:]},
        {"type": names[0].replace("delta", "done")},
        done or completed(usage=usage),
    ]


@contextmanager
def server(*turns, greeting=True, after_last="response.create", before=None):
    """Plays one list of messages for each question; keeps what it was sent."""
    seen: list[dict] = []
    paths: list = []

    def handle(socket):
        paths.append(socket.request)
        if greeting:
            socket.send(json.dumps({"type": "session.created"}))
        left = list(turns)
        for text in socket:
            message = json.loads(text)
            seen.append(message)
            if message["type"] == "session.update":
                socket.send(json.dumps({"type": "session.updated"}))
            if message["type"] == "session.finish":
                socket.send(json.dumps({"type": "session.finished"}))
            ends = message["type"] == after_last if isinstance(after_last, str) else message == after_last
            if ends and left:
                for reply in left.pop(0):
                    if callable(reply):
                        reply(socket)
                    else:
                        socket.send(reply if isinstance(reply, str) else json.dumps(reply))

    with socket_server(handle) as url:
        yield url, seen, paths


def system(url, dialect="openai", **settings):
    settings.setdefault("model", "m")
    return realtime.build({"dialect": dialect, "url": url, **settings}, FakeParts(None, None, None))


def ask(system, speech=None, history=()):
    return system.answer(Request(speech=speech or tone(seconds=1.5), sample="s", history=history))


def types(seen):
    return [message["type"] for message in seen]


def test_the_generally_available_dialect():
    with server(answering()) as (url, seen, paths):
        answer = ask(system(url, voice="cedar", instructions="Be kind.", max_tokens=200))
    assert answer.speech.hash() == SPOKEN.hash()
    assert (answer.text, answer.usage.tokens_in, answer.usage.tokens_out) == ("Good day.", 3, 4)
    assert answer.first_audio_s >= 0 and answer.raw["status"] == "completed"
    assert paths[0].path == "/?model=m" and paths[0].headers["Authorization"] == f"Bearer {KEY}"
    assert "OpenAI-Beta" not in paths[0].headers
    assert seen[0] == {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "output_modalities": ["audio"],
            "instructions": "Be kind.",
            "max_output_tokens": 200,
            "audio": {
                "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None},
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "cedar"},
            },
        },
    }
    assert types(seen[1:]) == ["input_audio_buffer.append"] * 2 + ["input_audio_buffer.commit", "response.create"]
    heard = b"".join(base64.b64decode(m["audio"]) for m in seen[1:3])
    assert len(heard) == 2 * 36000


def test_the_beta_dialect_of_dashscope_says_goodbye():
    with server(answering(BETA)) as (url, seen, _):
        answer = ask(system(url, "dashscope", voice="Cherry"))
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Good day."
    session = seen[0]["session"]
    assert session["modalities"] == ["text", "audio"] and session["turn_detection"] is None
    assert sum(len(base64.b64decode(m.get("audio", ""))) for m in seen) == 2 * 24000
    assert types(seen)[-1] == "session.finish"


def test_glm_realtime_gets_wav_files_and_needs_no_greeting():
    with server(answering(BETA, {"type": "response.done"}), greeting=False) as (url, seen, _):
        answer = ask(system(url, "zhipu"))
    assert answer.speech.hash() == SPOKEN.hash()
    pieces = [files.read(base64.b64decode(m["audio"])) for m in seen if "audio" in m]
    assert [(piece.rate_hz, piece.frames) for piece in pieces] == [(16000, 16000), (16000, 8000)]
    assert seen[0]["session"]["turn_detection"] == {"type": "client_vad"}


def test_the_older_vllm_omni_handler_takes_one_utterance_between_two_commits():
    final = {"type": "input_audio_buffer.commit", "final": True}
    reply = [
        {"type": "transcription.delta", "delta": "Good day."},
        {"type": "response.audio.delta", "audio": PCM, "format": "pcm16", "sample_rate_hz": 22050},
        {"type": "transcription.done", "text": "Good day."},
        {"type": "response.audio.done", "has_audio": True},
    ]
    with server(reply, after_last=final) as (url, seen, paths):
        answer = ask(system(url, "vllm-omni-turns"))
    assert np.array_equal(answer.speech.samples, decoded(base64.b64decode(PCM), Encoding(), who="x").samples)
    assert (answer.speech.rate_hz, answer.text) == (22050, "Good day.")
    assert seen[0] == {"type": "session.update", "model": "m"}
    assert seen[1] == {"type": "input_audio_buffer.commit", "final": False} and seen[-1] == final
    assert "Authorization" not in paths[0].headers


def test_azure_proves_itself_by_its_own_header_and_the_beta_by_one_more():
    with server(answering()) as (url, _, paths):
        ask(system(url, "azure"))
    assert paths[0].headers["api-key"] == KEY and "Authorization" not in paths[0].headers
    with server(answering(BETA)) as (url, _, paths):
        ask(system(url, "openai-beta"))
    assert paths[0].headers["OpenAI-Beta"] == "realtime=v1"


HISTORY = (Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said.")),)


def test_earlier_turns_are_items_where_the_vendor_has_them():
    with server(answering()) as (url, seen, _):
        ask(system(url), history=HISTORY)
    items = [message["item"] for message in seen if message["type"] == "conversation.item.create"]
    assert [item["role"] for item in items] == ["user", "assistant"]
    assert len(base64.b64decode(items[0]["content"][0]["audio"])) == 2 * 12000
    assert items[1]["content"] == [{"type": "output_text", "text": "Said."}]


def test_earlier_turns_are_said_again_where_a_session_is_the_only_memory():
    other = answering(BETA)
    other[2] = {**other[2], "delta": PCM[:400]}
    with server(other[:3] + other[-1:], answering(BETA)) as (url, seen, _):
        answer = ask(system(url, "dashscope"), history=HISTORY)
    assert answer.speech.hash() == SPOKEN.hash()
    assert types(seen).count("response.create") == 2


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_two_audios_make_two_requests(dialect):
    made = system("ws://127.0.0.1:1", dialect)
    first, again, other = (made.question(tone(hz)) for hz in (220, 220, 330))
    assert first == again and first != other


def closes(code, reason=""):
    return lambda socket: socket.close(code, reason)


def drops(socket):
    socket.socket.shutdown(2)


@pytest.mark.parametrize(
    ("replies", "error", "says"),
    [
        (
            [*answering()[:-1], {"type": "response.done", "response": {"status": "cancelled"}}],
            InfrastructureError,
            "canc",
        ),
        (
            [
                {
                    "type": "response.done",
                    "response": {"status": "incomplete", "status_details": {"reason": "content_filter"}},
                }
            ],
            Refused,
            "content filter",
        ),
        (
            [
                {
                    "type": "response.done",
                    "response": {
                        "status": "failed",
                        "status_details": {"type": "failed", "error": {"code": "insufficient_quota", "message": "pay"}},
                    },
                }
            ],
            AccessError,
            "pay",
        ),
        ([{"type": "error", "error": {"type": "server_error", "message": f"oops {KEY}"}}], InfrastructureError, "oops"),
        (
            [{"type": "error", "error": {"type": "invalid_request_error", "code": "invalid_value", "message": "no"}}],
            RequestRejected,
            "invalid_value",
        ),
        ([completed()], EmptyAnswer, "no speech came back"),
        ([*answering()[:3], closes(1011, "internal")], InfrastructureError, "closed 1011: internal"),
        ([*answering()[:3], closes(1000)], InfrastructureError, "closed before the answer was whole"),
        ([closes(1007, "bad payload")], RequestRejected, "bad payload"),
        ([*answering()[:3], drops], InfrastructureError, "broke in the middle"),
        (["{not json"], InfrastructureError, "not JSON"),
        ([{"type": GA[0], "delta": PCM[:-5]}, completed()], AudioError, "cut short"),
    ],
)
def test_every_fault_has_its_error(replies, error, says):
    with server(replies) as (url, _, _), pytest.raises(error, match=says) as caught:
        ask(system(url))
    assert type(caught.value) is error and KEY not in str(caught.value)


def test_an_answer_cut_by_its_token_limit_is_an_answer_and_says_so():
    done = {
        "type": "response.done",
        "response": {"status": "incomplete", "status_details": {"reason": "max_output_tokens"}},
    }
    with server(answering(done=done)) as (url, _, _):
        assert ask(system(url)).raw["status"] == "incomplete: max_output_tokens"


@pytest.mark.parametrize(
    ("status", "error"), [(401, AccessError), (429, InfrastructureError), (503, InfrastructureError)]
)
def test_a_refused_handshake_has_its_error(status, error):
    def refuse(connection, request):
        response = connection.respond(status, '{"error": {"message": "go away"}}')
        response.headers["Retry-After"] = "4"
        return response

    with (
        socket_server(lambda _: None, process_request=refuse) as url,
        pytest.raises(error, match="go away") as caught,
    ):
        ask(system(url))
    if error is InfrastructureError:
        assert caught.value.retry_after_s == 4.0


def test_silence_is_a_time_out_and_nobody_there_a_fault_of_the_network():
    stop = threading.Event()
    with server([lambda _: stop.wait(5)]) as (url, _, _):
        with pytest.raises(TimedOut, match="nothing more came"):
            ask(system(url, patience_s=0.1))
        stop.set()
    with pytest.raises(InfrastructureError, match="no connection"):
        ask(system(url))


def test_a_server_that_stops_reading_does_not_hold_us():
    stop = threading.Event()
    where = Endpoint(name="x", url="", patience_s=0.2)
    with socket_server(lambda _: stop.wait(10), max_size=None, close_timeout=0.1) as url:
        with (
            pytest.raises(InfrastructureError, match="broke"),
            opened(where, url=url, deadline=where.deadline()) as socket,
        ):
            for _ in range(100):
                socket.send(bytes(1_000_000))
        stop.set()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"dialect": "opnai"}, "one of azure"),
        ({"dialect": "azure", "url": "wss://x"}, "settings.model: missing"),
        ({"dialect": "azure", "model": "m"}, "settings.url: missing"),
        ({"temperature": 0.5}, "settings.temperature: realtime dialect openai has no place for it"),
        ({"url": "https://x"}, "that begins with ws"),
    ],
)
def test_a_card_with_a_mistake_is_refused(settings, says):
    with pytest.raises(CardError, match=says):
        realtime.build(settings, FakeParts(None, None, None))


def test_further_fields_of_the_session_come_from_the_card():
    made = system("ws://127.0.0.1:1", "dashscope", extra={"enable_search": False})
    assert made.session()["session"]["enable_search"] is False
    flat = system("ws://127.0.0.1:1", "vllm-omni-turns", extra={"more": 1})
    assert flat.session() == {"type": "session.update", "model": "m", "more": 1}
