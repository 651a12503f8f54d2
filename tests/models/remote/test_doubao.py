"""Doubao's dialogue: what is asked, when an answer is whole, and what each complaint means."""

import json
import struct
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from s2s_arena.errors import (
    AccessError,
    CardError,
    EmptyAnswer,
    InfrastructureError,
    MissingError,
    Refused,
    SystemFailure,
    TimedOut,
)
from s2s_arena.models.remote import doubao
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts
from tests.models.remote.servers import socket_server

SPOKEN = tone(440, rate_hz=24000)
PCM = SPOKEN.pcm16().astype("<i2").tobytes()


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    for name in ("DOUBAO_APP_ID", "DOUBAO_ACCESS_KEY", "DOUBAO_APP_KEY"):
        monkeypatch.setenv(name, f"secret-{name}")


def reply(event, value=None, audio=None, session=b"s"):
    """A server frame, written here by hand."""
    body = json.dumps(value or {}).encode() if audio is None else audio
    head = b"\x11\x94\x10\x00" if audio is None else b"\x11\xb4\x00\x00"
    return head + struct.pack(">II", event, len(session)) + session + struct.pack(">I", len(body)) + body


def answering(reply_id="r", pieces=(PCM[:1000], PCM[1000:]), tts_type="default"):
    return [
        reply(450),
        reply(451, {"results": [{"text": "How are", "is_interim": True}]}),
        reply(451, {"results": [{"text": "How are you?", "is_interim": False}]}),
        reply(459),
        reply(550, {"content": "Good ", "reply_id": reply_id}),
        reply(350, {"tts_type": tts_type, "text": "Good day.", "reply_id": reply_id}),
        *(reply(352, audio=piece) for piece in pieces),
        reply(550, {"content": "day.", "reply_id": reply_id}),
        reply(559, {"reply_id": reply_id}),
        reply(154, {"usage": {"input_text_tokens": 1, "input_audio_tokens": 2, "output_audio_tokens": 5}}),
        reply(359, {"reply_id": reply_id}),
    ]


@contextmanager
def server(*turns, packets=25, started=None):
    """Plays a list of frames after every `packets` packets of audio; keeps events and payloads."""
    seen: list[tuple[int, bytes]] = []
    headers: list = []

    def handle(socket):
        headers.append(socket.request.headers)
        left, heard = list(turns), 0
        for message in socket:
            event = int.from_bytes(message[4:8], "big")
            at = 8 if event in (1, 2) else 12 + int.from_bytes(message[8:12], "big")
            seen.append((event, message[at + 4 :]))
            if event == 1:
                socket.send(started or reply(50))
            elif event == 100:
                socket.send(reply(150, {"dialog_id": "d"}))
            elif event == 102:
                socket.send(reply(152))
            elif event == 200:
                heard += 1
                if heard % packets == 0 and left:
                    for frame in left.pop(0):
                        frame(socket) if callable(frame) else socket.send(frame)

    with socket_server(handle) as url:
        yield url, seen, headers


def system(url, **settings):
    return doubao.build({"url": url, "model": "1.2.1.0", "pace": 0, **settings}, FakeParts(0, 0, 0))


def ask(system, history=()):
    return system.answer(Request(speech=tone(seconds=0.5), sample="s", history=history))


def test_an_answer_is_whole_when_speech_and_text_of_one_reply_have_ended():
    with server(answering()) as (url, seen, headers):
        answer = ask(system(url, voice="v", instructions="Be kind.", bot_name="B"))
    assert answer.speech.hash() == SPOKEN.hash()
    assert (answer.text, answer.raw["heard"]) == ("Good day.", "How are you?")
    assert (answer.usage.tokens_in, answer.usage.tokens_out) == (3, 5)
    assert headers[0]["X-Api-App-ID"] == "secret-DOUBAO_APP_ID"
    assert headers[0]["X-Api-Resource-Id"] == "volc.speech.dialog" and headers[0]["X-Api-Connect-Id"]
    assert json.loads(seen[1][1]) == {
        "asr": {"extra": {"end_smooth_window_ms": 1500}},
        "tts": {"speaker": "v", "audio_config": {"channel": 1, "format": "pcm_s16le", "sample_rate": 24000}},
        "dialog": {
            "bot_name": "B",
            "system_role": "Be kind.",
            "extra": {"input_mod": "audio_file", "model": "1.2.1.0", "strict_audit": False, "recv_timeout": 120},
        },
    }
    events = [event for event, _ in seen]
    assert events == [1, 100] + [200] * 25 + [102, 2]
    assert {len(body) for event, body in seen if event == 200} == {640}


def test_floats_are_read_as_floats():
    floats = SPOKEN.samples.astype("<f4").tobytes()
    with server(answering(pieces=(floats,))) as (url, _, _):
        answer = ask(system(url, format="pcm"))
    assert np.array_equal(answer.speech.samples, SPOKEN.samples)


def test_a_reply_to_the_part_before_a_pause_is_void():
    other = answering("early", pieces=(PCM[:400],))
    with server(other, answering("late"), packets=10) as (url, _, _):
        answer = ask(system(url, pace=0.3))
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Good day."


def test_earlier_turns_are_told_as_pairs_where_the_words_are_known():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said.", raw={"heard": "Asked?"}))
    with server(answering()) as (url, seen, _):
        ask(system(url), history=(past,))
    context = json.loads(seen[1][1])["dialog"]["dialog_context"]
    assert [(turn["role"], turn["text"]) for turn in context] == [("user", "Asked?"), ("assistant", "Said.")]


def test_earlier_turns_are_said_again_where_they_are_not():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said."))
    with server(answering("one", pieces=(PCM[:400],)), answering("two")) as (url, seen, _):
        answer = ask(system(url), history=(past,))
    assert answer.speech.hash() == SPOKEN.hash()
    assert [event for event, _ in seen].count(200) == 50


def test_two_audios_make_two_requests():
    def packets_of(hz):
        with server(answering()) as (url, seen, _):
            system(url).answer(Request(speech=tone(hz, seconds=0.5), sample="s"))
        return [body for event, body in seen if event == 200]

    first, again, other = (packets_of(hz) for hz in (220, 220, 330))
    assert first == again and first != other


def test_paced_packets_take_as_long_as_the_speech():
    with server(answering()) as (url, _, _):
        begun = time.perf_counter()
        answer = ask(system(url, pace=0.2))
        elapsed = time.perf_counter() - begun
    # The time to the first sound counts from the end of the question, not from its beginning.
    assert elapsed >= 0.1 and answer.first_audio_s < elapsed - 0.1


def error_frame(code, text):
    body = json.dumps({"error": text}).encode()
    return b"\x11\xf0\x10\x00" + struct.pack(">II", code, len(body)) + body


@pytest.mark.parametrize(
    ("frames", "error", "says"),
    [
        (answering(tts_type="audit_content_risky"), Refused, "audit"),
        (answering(pieces=()), EmptyAnswer, "no speech came back; it wrote 'Good day.'"),
        ([error_frame(45000002, "empty audio")], EmptyAnswer, "45000002: empty audio"),
        ([error_frame(55000001, "server")], InfrastructureError, "55000001"),
        ([reply(599, {"status_code": 45000003, "message": "silence"})], EmptyAnswer, "silence"),
        ([reply(153, {"error": "session broke"})], InfrastructureError, "session broke"),
        ([*answering()[:6], lambda socket: socket.close(1011, "bye")], InfrastructureError, "closed 1011: bye"),
        ([b"\x21garbage"], InfrastructureError, "not a frame"),
        ([reply(550)[:-1]], InfrastructureError, "ends before its field"),
        ([b"\x11\x94\x10\x00" + struct.pack(">IIsI", 550, 1, b"s", 2) + b"{]"], InfrastructureError, "not JSON"),
    ],
)
def test_every_fault_has_its_error(frames, error, says):
    with server(frames) as (url, _, _), pytest.raises(error, match=says) as caught:
        ask(system(url))
    assert type(caught.value) is error


def test_a_connection_that_fails_says_why():
    with server(started=reply(51, {"error": "invalid_api_key"})) as (url, _, _), pytest.raises(AccessError):
        ask(system(url))


def test_speech_that_never_ends_is_a_time_out():
    stop = threading.Event()
    with server([*answering()[:-1], lambda _: stop.wait(5)]) as (url, _, _):
        with pytest.raises(TimedOut):
            ask(system(url, patience_s=0.1))
        stop.set()
    assert issubclass(TimedOut, SystemFailure)


def test_all_three_keys_are_needed(monkeypatch):
    monkeypatch.delenv("DOUBAO_APP_KEY")
    with pytest.raises(MissingError, match="DOUBAO_APP_KEY"):
        ask(system("ws://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "settings.model"),
        ({"model": "O", "format": "mp3"}, "settings.format: 'mp3' given; one of pcm, pcm_s16le"),
        ({"model": "O", "end_smooth_window_ms": 10}, "500..50000"),
        ({"model": "O", "pace": -1}, "settings.pace"),
        ({"model": "O", "temperature": 1.0}, "settings.temperature: unknown"),
    ],
)
def test_a_card_with_a_mistake_is_refused(settings, says):
    with pytest.raises(CardError, match=says):
        doubao.build(settings, FakeParts(0, 0, 0))
