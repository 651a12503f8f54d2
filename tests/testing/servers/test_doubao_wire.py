"""Doubao's frames, byte for byte as the vendor's document prints them, and what is refused."""

import gzip
import struct

import pytest

from s2s_arena.testing.servers import doubao_wire as wire

SESSION = "75a6126e-427f-49a1-a2c1-621143cb9db3"


def test_the_documents_start_of_a_connection_is_read():
    asked = wire.read(bytes.fromhex("11141000 00000001 00000002 7b7d"))
    assert (asked.event, asked.session, asked.fields()) == (wire.Ask.START_CONNECTION, None, {})


def test_the_documents_start_of_a_session_is_read():
    payload = b'{"dialog":{"bot_name":"Doubao","dialog_id":"","extra":null}}'
    frame = bytes.fromhex("11141000 00000064 00000024") + SESSION.encode() + bytes.fromhex("0000003c") + payload
    assert len(payload) == 0x3C and len(SESSION) == 0x24
    asked = wire.read(frame)
    assert (asked.event, asked.session) == (wire.Ask.START_SESSION, SESSION)
    assert asked.fields()["dialog"]["bot_name"] == "Doubao"


def test_the_documents_sound_is_written():
    sound = b"OggS" + bytes(0x7FC - 4)
    frame = wire.sound(sound, session=SESSION)
    assert frame[:12] == bytes.fromhex("11b40000 00000160 00000024")
    assert frame[12:48] == SESSION.encode() and frame[48:52] == bytes.fromhex("000007fc") and frame[52:] == sound


def test_an_error_has_its_code_where_the_event_would_be():
    frame = wire.error(45000003, "silence")
    assert frame[:4] == bytes.fromhex("11f01000") and struct.unpack_from(">I", frame, 4) == (45000003,)
    assert struct.unpack_from(">I", frame, 8) == (len(frame) - 12,)


def test_a_compressed_payload_is_read():
    body = gzip.compress(b'{"content":"hello"}')
    frame = bytes.fromhex("11141100 000001f5 00000024") + SESSION.encode() + struct.pack(">I", len(body)) + body
    assert wire.read(frame).fields() == {"content": "hello"}


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ("1114", "header"),
        ("21141000 00000001 00000002 7b7d", "header"),
        ("11941000 00000001 00000002 7b7d", "not a client's"),
        ("11101000 00000001 00000002 7b7d", "carries its event"),
        ("11142000 00000001 00000002 7b7d", "serialization"),
        ("11141000 00000001 00000003 7b7d", "announced"),
        ("11141000 00000001 00000002 7b7d00", "after the payload"),
        ("11141000 000000c8 00000001 61 00000002 7b7d", "message type"),
    ],
)
def test_a_frame_that_the_document_does_not_have_is_refused(frame, why):
    with pytest.raises(wire.FrameError, match=why):
        wire.read(bytes.fromhex(frame))
