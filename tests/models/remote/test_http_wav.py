"""A server that takes a WAV and gives one: every shape of request and reply, and every fault."""

import base64
import json

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.errors import AccessError, AudioError, CardError, EmptyAnswer, InfrastructureError, Refused, TimedOut
from s2s_arena.models.remote import http_wav
from s2s_arena.protocols import Answer, Exchange, Request
from s2s_arena.testing.sound import tone
from tests.models.doubles import FakeParts
from tests.models.remote.servers import HttpReply, http_server

SPOKEN = tone(440, rate_hz=22050)
WAV = files.encode_wav(SPOKEN)


def system(url, **settings):
    return http_wav.build({"url": url, **settings}, FakeParts(0, 0, 0))


def ask(system, hz=220, history=(), seed=0):
    return system.answer(Request(speech=tone(hz, rate_hz=48000), sample="s", history=history, seed=seed))


def audio(body, **kwargs):
    return HttpReply([body], headers={"Content-Type": "audio/wav", **kwargs.pop("headers", {})}, **kwargs)


def test_a_wav_goes_and_a_wav_comes():
    with http_server(audio(WAV, headers={"X-S2S-Text": "Gr%C3%BC%C3%9Fe"})) as (url, asked):
        answer = ask(system(f"{url}/say"))
    assert answer.speech.hash() == SPOKEN.hash()
    assert answer.text == "Grüße" and answer.first_audio_s > 0
    assert (asked[0].path, asked[0].headers["content-type"]) == ("/say", "audio/wav")
    heard = files.read(asked[0].body)
    assert (heard.rate_hz, heard.duration_s) == (16000, 0.5)


def test_json_goes_and_json_comes():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN, text="Said."))
    reply = HttpReply.json({"audio": base64.b64encode(WAV).decode(), "text": "Good day."})
    with http_server(reply) as (url, asked):
        made = system(url, asks="json", history="json", voice="v", extra={"top_p": 0.9})
        answer = ask(made, history=(past,), seed=5)
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Good day."
    body = asked[0].value
    assert files.read(base64.b64decode(body.pop("audio"))).duration_s == 0.5
    (turn,) = body.pop("history")
    assert turn["text"] == "Said." and files.read(base64.b64decode(turn["audio"])).duration_s == 0.5
    assert body == {"seed": 5, "voice": "v", "top_p": 0.9}


def test_earlier_speech_may_be_joined_in_front():
    past = Exchange(user=tone(100), answer=Answer(speech=SPOKEN))
    with http_server(audio(WAV)) as (url, asked):
        ask(system(url, history="joined"), history=(past,))
        ask(system(url), history=(past,))
    assert [files.read(one.body).duration_s for one in asked] == [2.0, 0.5]


def test_raw_samples_are_read_as_the_card_says():
    floats = SPOKEN.samples.astype("<f4").tobytes()
    with http_server(HttpReply([floats], headers={"Content-Type": "audio/pcm"})) as (url, _):
        answer = ask(system(url, received="pcm_f32", received_rate_hz=22050))
    assert answer.speech.rate_hz == 22050 and np.array_equal(answer.speech.samples, SPOKEN.samples)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_parts_of_sound_and_text_come_by_turns(size):
    pcm = SPOKEN.pcm16().astype("<i2").tobytes()
    parts = [("audio/wav", pcm[:1001]), ("text/plain", b"Good "), ("audio/wav", pcm[1001:]), ("text/plain", b"day.")]
    body = b"".join(f"\r\n--frame\r\nContent-Type: {kind}\r\n\r\n".encode() + part for kind, part in parts)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    headers = {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
    with http_server(HttpReply(pieces, headers=headers)) as (url, _):
        answer = ask(system(url, received="pcm16", received_rate_hz=22050))
    assert answer.speech.hash() == SPOKEN.hash() and answer.text == "Good day."


def test_two_audios_make_two_requests():
    made = system("http://127.0.0.1:1")
    first, again, other = (made.body(Request(speech=tone(hz), sample="s")) for hz in (220, 220, 330))
    assert first == again and first != other


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (HttpReply([], status=204), EmptyAnswer, "no speech"),
        (HttpReply.json({"text": "words"}), EmptyAnswer, "words"),
        (HttpReply.json({"refusal": "no"}), Refused, "no"),
        (audio(WAV[:-100]), AudioError, "bytes of samples are there|truncated"),
        (audio(b"<html>nothing</html>"), AudioError, "not audio"),
        (audio(WAV[:500], cut=True), InfrastructureError, "IncompleteRead"),
        (HttpReply([b"no"], status=401), AccessError, "HTTP 401"),
        (HttpReply([b"busy"], status=503, headers={"Retry-After": "2"}), InfrastructureError, "busy"),
    ],
)
def test_every_fault_has_its_error(reply, error, says):
    with http_server(reply) as (url, _), pytest.raises(error, match=says):
        ask(system(url))


def test_a_deadline_holds_for_the_whole_answer():
    with http_server(audio(WAV)) as (url, _), pytest.raises(TimedOut):
        ask(system(url, timeout_s=1e-9))


def test_a_key_is_sent_where_the_card_names_one(monkeypatch):
    monkeypatch.setenv("MY_KEY", "secret")
    with http_server(audio(WAV)) as (url, asked):
        ask(system(url, key_env="MY_KEY"))
        ask(system(url))
    assert asked[0].headers["authorization"] == "Bearer secret" and "authorization" not in asked[1].headers


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "settings.url: missing"),
        ({"url": "http://x", "asks": "xml"}, "settings.asks: 'xml' given; one of wav, json"),
        ({"url": "http://x", "history": "json"}, "needs asks"),
        ({"url": "http://x", "voice": "v"}, "settings.voice: http-wav"),
    ],
)
def test_a_card_with_a_mistake_is_refused(settings, says):
    with pytest.raises(CardError, match=says):
        http_wav.build(settings, FakeParts(0, 0, 0))


def test_a_reply_is_json_only_if_it_says_so():
    with http_server(HttpReply([json.dumps({"audio": ""}).encode()])) as (url, _), pytest.raises(AudioError):
        ask(system(url))
