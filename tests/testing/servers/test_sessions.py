"""The loopback websockets, asked by hand: Realtime, Gemini Live, Doubao and Moshi as their documents have them."""

import base64
import json
import struct
import threading
import uuid

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from s2s_arena.testing.servers import realtime_wires as wires
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, once
from s2s_arena.testing.servers.doubao import DoubaoServer
from s2s_arena.testing.servers.gemini_live import GeminiLiveServer
from s2s_arena.testing.servers.moshi import MoshiServer
from s2s_arena.testing.servers.opus_pages import PageError, PageReader, PageWriter
from s2s_arena.testing.servers.realtime import RealtimeServer
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.sound import tone, tones

BEARER = {"Authorization": f"Bearer {KEY}"}


def pcm(rate_hz):
    return tones(["hello"], rate_hz=rate_hz).pcm16().astype("<i2").tobytes()


def b64(raw):
    return base64.b64encode(raw).decode()


# --------------------------------------------------------------------------------------------- Realtime


@pytest.fixture
def realtime():
    with RealtimeServer() as server, connect(f"{server.url}?model=m", additional_headers=BEARER) as socket:
        assert json.loads(socket.recv())["type"] == "session.created"
        yield server, socket


def tell(socket, **event):
    socket.send(json.dumps(event))


def until(socket, kind):
    seen = []
    while True:
        event = json.loads(socket.recv(timeout=5))
        seen.append(event)
        if event["type"] == kind:
            return seen


def test_a_ga_turn_from_session_to_done(realtime):
    server, socket = realtime
    session = {"type": "realtime", "output_modalities": ["audio"], "audio": {"output": {"voice": "cedar"}}}
    tell(socket, type="session.update", session=session)
    until(socket, "session.updated")
    for at in range(0, len(pcm(24000)), 4800):
        tell(socket, type="input_audio_buffer.append", audio=b64(pcm(24000)[at : at + 4800]))
    tell(socket, type="input_audio_buffer.commit")
    tell(socket, type="response.create")
    events = until(socket, "response.done")
    assert events[-1]["response"]["status"] == "completed"
    kinds = [event["type"] for event in events]
    assert kinds.index("response.output_audio.done") < kinds.index("response.done")
    sound = b"".join(base64.b64decode(e["delta"]) for e in events if e["type"] == "response.output_audio.delta")
    assert np.abs(np.frombuffer(sound, "<i2")).max() > 3000
    assert server.last().voice == "cedar" and server.last().audio[0].rate_hz == 24000


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.update", "session": {"type": "realtime", "voice": "marin"}}, "unknown_parameter", "voice"),
        ({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text", "audio"]}},
            "invalid_value",
            "modalities",
        ),
        ({"type": "input_audio_buffer.append", "audio": "no base64!"}, "invalid_value", None),
        ({"type": "input_audio_buffer.commit"}, "invalid_value", "input_audio_buffer"),
        ({"type": "response.create"}, "invalid_value", "response"),
        ({"type": "response.begin"}, "invalid_value", "type"),
        ({"type": "response.create", "response": {"voice": "marin"}}, "unknown_parameter", "response.voice"),
    ],
)
def test_what_realtime_does_not_document_is_an_error_event(realtime, event, code, param):
    _, socket = realtime
    tell(socket, **event)
    error = until(socket, "error")[-1]["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", code)
    assert param is None or param in error["param"]


def test_the_voice_is_frozen_after_the_first_answer(realtime):
    _, socket = realtime
    tell(socket, type="input_audio_buffer.append", audio=b64(pcm(24000)))
    tell(socket, type="input_audio_buffer.commit")
    tell(socket, type="response.create")
    until(socket, "response.done")
    session = {"type": "realtime", "audio": {"output": {"voice": "ash"}}}
    tell(socket, type="session.update", session=session)
    assert "voice" in until(socket, "error")[-1]["error"]["message"]


def test_the_handshake_tells_ga_from_beta():
    beta = {**BEARER, "OpenAI-Beta": "realtime=v1"}
    for wire, headers in ((wires.OPENAI_GA, beta), (wires.OPENAI_BETA, BEARER)):
        with RealtimeServer(wire) as server, pytest.raises(InvalidStatus) as refused:
            connect(f"{server.url}?model=m", additional_headers=headers)
        assert refused.value.response.status_code == 400


def test_a_cancelled_response_still_says_that_its_audio_is_done():
    behaviour = Behaviour(script=once(WireFault.CANCELLED))
    with (
        RealtimeServer(behaviour=behaviour) as server,
        connect(f"{server.url}?model=m", additional_headers=BEARER) as socket,
    ):
        tell(socket, type="input_audio_buffer.append", audio=b64(pcm(24000)))
        tell(socket, type="input_audio_buffer.commit")
        tell(socket, type="response.create")
        events = until(socket, "response.done")
    assert any(event["type"] == "response.output_audio.done" for event in events)
    assert events[-1]["response"]["status"] == "cancelled"
    assert events[-1]["response"]["status_details"]["reason"] == "turn_detected"


# ------------------------------------------------------------------------------------------ Gemini Live


def gemini(server, *messages):
    with connect(f"{server.url}?key={KEY}") as socket:
        for message in messages:
            tell(socket, **message)
        while True:
            yield json.loads(socket.recv(timeout=5))


SETUP = {
    "setup": {
        "model": "models/m",
        "generationConfig": {"responseModalities": ["AUDIO"]},
        "realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}},
    }
}
SOUND = {"realtimeInput": {"audio": {"data": b64(pcm(16000)), "mimeType": "audio/pcm;rate=16000"}}}


def test_a_gemini_turn_between_marks():
    turn = [{"realtime_input": {"activity_start": {}}}, SOUND, {"realtimeInput": {"activityEnd": {}}}]
    with GeminiLiveServer() as server:
        messages = gemini(server, SETUP, *turn)
        assert next(messages) == {"setupComplete": {}}
        kinds = []
        for message in messages:
            kinds += [*message.get("serverContent", {})]
            if "turnComplete" in kinds:
                break
    assert kinds[0] == "modelTurn" and kinds[-2:] == ["generationComplete", "turnComplete"]
    assert server.last().audio[0].rate_hz == 16000 and server.last().audio[0].samples.any()


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([SOUND], "setup"),
        ([{"setup": {"model": "models/m", "voice": "Kore"}}], "Unknown name \"voice\" at 'setup'"),
        ([{"setup": {"model": "m"}}], "model name"),
        ([SETUP, {"realtimeInput": {**SOUND["realtimeInput"], "activityEnd": {}}}], "one field"),
        ([SETUP, {"realtimeInput": {"audio": {"data": "AAAA", "mimeType": "audio/wav"}}}], "not supported"),
    ],
)
def test_what_gemini_does_not_know_closes_the_session_with_1007(messages, why):
    with GeminiLiveServer() as server, pytest.raises(ConnectionClosed) as closed:
        for _ in gemini(server, *messages):
            pass
    assert closed.value.rcvd.code == 1007 and why in closed.value.rcvd.reason


def test_audio_outside_of_the_marks_is_not_heard():
    turn = [SOUND, {"realtimeInput": {"activityStart": {}}}, SOUND, {"realtimeInput": {"activityEnd": {}}}]
    with GeminiLiveServer() as server:
        for message in gemini(server, SETUP, *turn):
            if "usageMetadata" in message:
                break
    assert server.last().audio[0].frames * 2 == len(pcm(16000))


# ----------------------------------------------------------------------------------------------- Doubao


def doubao_headers():
    names = ("X-Api-App-ID", "X-Api-App-Key")
    return {
        **dict.fromkeys(names, "x"),
        "X-Api-Access-Key": KEY,
        "X-Api-Resource-Id": "volc.speech.dialog",
        "X-Api-Connect-Id": str(uuid.uuid4()),
    }


def framed(event, session, payload, *, kind=0x14, form=0x10):
    owner = b"" if session is None else struct.pack(">I", len(session)) + session.encode()
    return bytes((0x11, kind, form, 0)) + struct.pack(">I", event) + owner + struct.pack(">I", len(payload)) + payload


def events_of(socket, last):
    seen = []
    while not seen or seen[-1][0] != last:
        frame = socket.recv(timeout=5)
        event, size = struct.unpack_from(">II", frame, 4)
        length = struct.unpack_from(">I", frame, 12 + size)[0]
        seen.append((event, frame[16 + size : 16 + size + length]))
    return seen


def test_a_doubao_dialogue_by_hand():
    session = str(uuid.uuid4())
    start = {"dialog": {"extra": {"model": "O"}}, "tts": {"audio_config": {"format": "pcm", "sample_rate": 24000}}}
    with DoubaoServer() as server, connect(server.url, additional_headers=doubao_headers()) as socket:
        socket.send(bytes.fromhex("11141000 00000001 00000002 7b7d"))
        events_of(socket, 50)
        socket.send(framed(100, session, json.dumps(start).encode()))
        assert json.loads(events_of(socket, 150)[-1][1])["dialog_id"]
        sound = pcm(16000)
        for at in range(0, len(sound), 640):
            socket.send(framed(200, session, sound[at : at + 640], kind=0x24, form=0x00))
        seen = events_of(socket, 154)
    kinds = [event for event, _ in seen]
    assert kinds[:3] == [450, 451, 459] and kinds[-4:] == [351, 359, 559, 154]
    floats = np.frombuffer(b"".join(payload for event, payload in seen if event == 352), "<f4")
    assert 0.1 < np.abs(floats).max() <= 1.0
    assert server.last().audio[0].frames * 2 == len(sound)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        ({"dialog": {"extra": {}}}, "model"),
        ({"dialog": {"extra": {"model": "9"}}}, "'9'"),
        ({"dialog": {"extra": {"model": "O"}}, "llm": {}}, "llm"),
        ({"dialog": {"extra": {"model": "O"}, "dialog_context": [{"role": "user", "text": "a"}]}}, "pairs"),
    ],
)
def test_a_doubao_session_that_is_not_as_documented_fails(start, why):
    with DoubaoServer() as server, connect(server.url, additional_headers=doubao_headers()) as socket:
        socket.send(framed(100, str(uuid.uuid4()), json.dumps(start).encode()))
        assert why in json.loads(events_of(socket, 153)[-1][1])["error"]


# ------------------------------------------------------------------------------------------------ Moshi


def test_pages_carry_speech_however_they_are_cut():
    speech = tone(440, seconds=0.96, rate_hz=24000)
    writer, reader = PageWriter(), PageReader()
    stream = b"".join([*writer.head(), *writer.pages(speech.samples)])
    heard = np.concatenate([reader.feed(stream[at : at + 37]) for at in range(0, len(stream), 37)])
    spectrum = np.abs(np.fft.rfft(heard[4800:38400]))
    assert np.argmax(spectrum) * 48000 / 33600 == pytest.approx(440, abs=2)
    assert reader.packets == 2 + 48


def test_a_page_with_a_wrong_checksum_is_refused():
    page = bytearray(PageWriter().head()[0])
    page[30] ^= 1
    with pytest.raises(PageError, match="checksum"):
        PageReader().feed(bytes(page))


def test_moshi_is_silent_while_it_listens_and_serves_one_at_a_time():
    writer, order = PageWriter(), []
    with MoshiServer() as server:
        with connect(server.url) as first:
            assert first.recv(timeout=5) == b"\x00"

            def second():
                with connect(server.url) as socket:
                    socket.recv(timeout=5)
                    order.append("second")

            waiting = threading.Thread(target=second)
            waiting.start()
            for page in [*writer.head(), *writer.pages(tone(300, seconds=0.8, rate_hz=24000).samples)]:
                first.send(b"\x01" + page)
            reader, heard = PageReader(), 0
            while heard < 8 * 3840:
                sound = reader.feed(first.recv(timeout=5)[1:])
                heard += sound.size
                assert not sound.size or np.abs(sound).max() < 0.01
            order.append("first")
        waiting.join(5)
    assert order == ["first", "second"]
