"""Frames byte for byte as the vendor prints them, and damage is never taken for a frame."""

import gzip
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InfrastructureError
from s2s_arena.models.remote.doubao_frames import Event, Kind, audio_frame, event_frame, parsed

SID = "75a6126e-427f-49a1-a2c1-621143cb9db3"


def test_start_connection_is_the_golden_vector():
    assert event_frame(Event.START_CONNECTION) == bytes.fromhex("11141000 00000001 00000002 7b7d")


def test_start_session_is_the_golden_vector():
    payload = {"dialog": {"bot_name": "Doubao", "dialog_id": "", "extra": 1}}
    frame = event_frame(Event.START_SESSION, session=SID, payload=payload)
    body = b'{"dialog":{"bot_name":"Doubao","dialog_id":"","extra":1}}'
    assert frame[:12] == bytes.fromhex("11141000 00000064 00000024")
    assert frame[12:48] == SID.encode()
    assert frame[48:52] == len(body).to_bytes(4, "big") and frame[52:] == body


def test_a_packet_of_speech_is_raw():
    frame = audio_frame(SID, b"\x01\x02" * 320)
    assert frame[:12] == bytes.fromhex("11240000 000000c8 00000024")
    assert frame[48:52] == bytes.fromhex("00000280") and len(frame) == 52 + 640


def test_speech_of_the_server_is_the_golden_vector():
    content = b"OggS" + bytes(0x7FC - 4)
    frame = parsed(bytes.fromhex("11b40000 00000160 00000024") + SID.encode() + b"\x00\x00\x07\xfc" + content, who="x")
    assert (frame.kind, frame.event, frame.session) == (Kind.SERVER_AUDIO, Event.TTS_RESPONSE, SID)
    assert frame.payload == content and not frame.is_json


def test_a_sequence_before_the_event_moves_it():
    head = bytes.fromhex("11951000 00000007 00000167 00000002")
    frame = parsed(head + b"ab" + struct.pack(">I", 2) + b"{}", who="x")
    assert (frame.event, frame.session, frame.payload) == (Event.TTS_ENDED, "ab", b"{}")


def test_an_error_has_its_code_first():
    body = b'{"error":"empty audio"}'
    frame = parsed(bytes.fromhex("11f01000") + struct.pack(">II", 45000002, len(body)) + body, who="x")
    assert frame.code == 45000002 and frame.value(who="x") == {"error": "empty audio"}


def test_zipped_payloads_are_unzipped():
    body = gzip.compress(b'{"a":1}')
    frame = parsed(bytes.fromhex("11941100 00000096 00000000") + struct.pack(">I", len(body)) + body, who="x")
    assert frame.value(who="x") == {"a": 1}


@pytest.mark.parametrize("named", [b"", struct.pack(">I", 3) + b"cid"])
def test_a_connection_may_be_named_or_not(named):
    frame = parsed(bytes.fromhex("11941000 00000032") + named + struct.pack(">I", 2) + b"{}", who="x")
    assert frame.event == Event.CONNECTION_STARTED and frame.value(who="x") == {}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_frame_or_an_error_of_ours(content):
    try:
        parsed(content, who="x")
    except InfrastructureError as error:
        assert "\n" not in str(error)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 107))
def test_a_frame_cut_short_is_an_error(size):
    whole = event_frame(Event.SESSION_STARTED, session=SID, payload={"dialog_id": "x" * 40})
    assert len(whole) == 108
    with pytest.raises(InfrastructureError, match=r"not a frame|ends before"):
        parsed(whole[:size], who="x")
