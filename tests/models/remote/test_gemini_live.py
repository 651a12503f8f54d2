"""Gemini Live: turns are marked by us, each message has one field, and a turn ends when it says so."""

import base64
import json
import threading
from contextlib import contextmanager

import pytest

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
from s2s_arena.models.remote import gemini_live
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts
from tests.models.remote.servers import socket_server

SPOKEN = tone(440, rate_hz=24000)
PCM = SPOKEN.pcm16().astype("<i2").tobytes()
KEY = "secret-1234"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", KEY)


def says(**content):
    return {"serverContent": content}


def sound(piece):
    data = base64.b64encode(piece).decode()
    return says(modelTurn={"parts": [{"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": data}}]})


ANSWER = [
    says(inputTranscription={"text": "How are you?"}),
    sound(PCM[:1000]),
    says(outputTranscription={"text": "Good "}),
    sound(PCM[1000:]),
    says(outputTranscription={"text": "day."}),
    says(generationComplete=True),
    {**says(turnComplete=True), "usageMetadata": {"promptTokenCount": 3, "responseTokenCount": 4}},
]


FIRST = Request(speech=tone(), sample="s")


@contextmanager
def server(replies, setup_reply=None):
    seen: list[dict] = []
    headers: list = []

    def handle(socket):
        headers.append(socket.request.headers)
        for message in socket:
            seen.append(json.loads(message))
            if "setup" in seen[-1]:
                # The vendor answers in binary messages of JSON.
                socket.send(json.dumps(setup_reply or {"setupComplete": {}}).encode())
            if "activityEnd" in seen[-1].get("realtime_input", {}):
                for reply in replies:
                    reply(socket) if callable(reply) else socket.send(json.dumps(reply).encode())

    with socket_server(handle) as url:
        yield url, seen, headers


def system(url, **settings):
    return gemini_live.build({"url": url, "model": "gemini-live", **settings}, FakeParts(0, 0, 0))


def ask(system, history=()):
    return system.answer(Request(speech=tone(seconds=1.5), sample="s", history=history))


def test_an_answer_is_whole_when_its_turn_is_complete():
    with server(ANSWER) as (url, seen, headers):
        answer = ask(system(url, voice="Kore", instructions="Be kind.", temperature=0.5))
    assert answer.speech.hash() == SPOKEN.hash()
    assert (answer.text, answer.raw["heard"]) == ("Good day.", "How are you?")
    assert (answer.usage.tokens_in, answer.usage.tokens_out) == (3, 4)
    assert headers[0]["x-goog-api-key"] == KEY
    assert seen[0] == {
        "setup": {
            "model": "models/gemini-live",
            "generationConfig": {
                "responseModalities": ["AUDIO"],
                "temperature": 0.5,
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
            },
            "systemInstruction": {"parts": [{"text": "Be kind."}]},
            "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
            "inputAudioTranscription": {},
            "outputAudioTranscription": {},
        }
    }
    inputs = [message["realtime_input"] for message in seen[1:]]
    assert [next(iter(one)) for one in inputs] == ["activityStart", "audio", "audio", "activityEnd"]
    assert {one["audio"]["mimeType"] for one in inputs[1:3]} == {"audio/pcm;rate=16000"}
    assert sum(len(base64.b64decode(one["audio"]["data"])) for one in inputs[1:3]) == 2 * 24000


def test_the_rate_that_the_wire_tells_counts():
    slow = json.loads(json.dumps(ANSWER).replace("rate=24000", "rate=16000"))
    with server(slow) as (url, _, _):
        assert ask(system(url)).speech.rate_hz == 16000
    mixed = [*slow[:3], *ANSWER[3:]]
    with server(mixed) as (url, _, _), pytest.raises(AudioError, match="from 16000 to 24000 Hz"):
        ask(system(url))


def test_without_settings_nothing_is_said_about_them():
    setup = system("ws://x").setup(FIRST)["setup"]
    assert "systemInstruction" not in setup
    assert setup["generationConfig"] == {"responseModalities": ["AUDIO"]}
    assert (
        system("ws://x", extra={"enableAffectiveDialog": True}).setup(FIRST)["setup"]["enableAffectiveDialog"] is True
    )


def test_earlier_turns_go_first_as_content():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said."))
    with server(ANSWER) as (url, seen, _):
        ask(system(url), history=(past,))
    content = seen[1]["client_content"]
    assert content["turnComplete"] is False
    assert [turn["role"] for turn in content["turns"]] == ["user", "model"]
    assert content["turns"][1]["parts"] == [{"text": "Said."}]


def test_newer_models_are_told_that_earlier_turns_will_follow():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said."))
    with server(ANSWER) as (url, seen, _):
        made = system(url, announce_history=True)
        ask(made, history=(past,))
    assert seen[0]["setup"]["historyConfig"] == {"initialHistoryInClientContent": True}
    assert seen[1]["client_content"]["turnComplete"] is True
    assert "historyConfig" not in made.setup(FIRST)["setup"]


def test_two_audios_make_two_requests():
    made = system("ws://x")
    first, again, other = (made.question(Request(speech=tone(hz), sample="s")) for hz in (220, 220, 330))
    assert first == again and first != other


@pytest.mark.parametrize(
    ("replies", "error", "text"),
    [
        ([says(turnComplete=True)], EmptyAnswer, "no speech came back"),
        ([says(turnComplete=True, turnCompleteReason="PROHIBITED_INPUT_CONTENT")], Refused, "PROHIBITED"),
        ([*ANSWER[:3], says(interrupted=True)], InfrastructureError, "interrupted"),
        ([{"goAway": {"timeLeft": "1s"}}], InfrastructureError, "go away"),
        ([lambda s: s.close(1007, "API key not valid. Please pass a valid API key.")], AccessError, "API key"),
        ([lambda s: s.close(1007, "Request contains an invalid argument.")], RequestRejected, "invalid argument"),
        ([*ANSWER[:3], lambda s: s.close(1011, "You exceeded your quota")], InfrastructureError, "quota"),
        ([{"error": {"code": 503, "message": "unavailable", "status": "UNAVAILABLE"}}], InfrastructureError, "503"),
        ([sound(PCM[:999]), says(turnComplete=True)], AudioError, "middle of a sample"),
        ([lambda s: s.send(b"\x00\x01")], InfrastructureError, "not JSON"),
    ],
)
def test_every_fault_has_its_error(replies, error, text):
    with server(replies) as (url, _, _), pytest.raises(error, match=text) as caught:
        ask(system(url))
    assert type(caught.value) is error


def test_a_turn_that_does_not_end_is_a_time_out():
    stop = threading.Event()
    with server([*ANSWER[:3], lambda _: stop.wait(5)]) as (url, _, _):
        with pytest.raises(TimedOut):
            ask(system(url, patience_s=0.1))
        stop.set()


def test_a_card_without_a_model_is_refused():
    with pytest.raises(CardError, match=r"settings\.model"):
        gemini_live.build({}, FakeParts(0, 0, 0))
