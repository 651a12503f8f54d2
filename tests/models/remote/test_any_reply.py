"""Whatever JSON the other side sends, an adapter takes it, passes it over, or fails with an error of ours."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import ArenaError
from s2s_arena.models.remote import chat, doubao, gemini_live, realtime
from s2s_arena.models.remote.failures import retry_after, told
from s2s_arena.models.remote.realtime_dialects import DIALECTS
from s2s_arena.models.remote.speech import Encoding, Gathered
from tests.models.doubles import FakeParts

KEYS = (
    "type",
    "choices",
    "delta",
    "message",
    "audio",
    "data",
    "transcript",
    "content",
    "refusal",
    "finish_reason",
    "id",
    "expires_at",
    "usage",
    "prompt_tokens",
    "error",
    "code",
    "status",
    "response",
    "status_details",
    "reason",
    "input_tokens",
    "serverContent",
    "modelTurn",
    "parts",
    "inlineData",
    "text",
    "outputTranscription",
    "turnComplete",
    "turnCompleteReason",
    "interrupted",
    "usageMetadata",
    "promptTokenCount",
    "results",
    "reply_id",
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(["AAAA", "AA==", "content_filter", "completed", "failed", "cancelled"]),
    st.sampled_from([kind for dialect in DIALECTS.values() for kind in dialect.events]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6)
CARD = {"model": "m", "url": "http://127.0.0.1:1"}
SOCKET = {"model": "m", "url": "ws://127.0.0.1:1"}


def gathered():
    return Gathered(Encoding(), who="x")


class Line:
    """Gives one message, as a socket does."""

    def __init__(self, value):
        self.value = value

    def receive_object(self):
        return self.value


@settings(max_examples=60, deadline=None)
@given(OBJECTS)
def test_chat(value):
    with contextlib.suppress(ArenaError):
        chat.build(CARD, FakeParts(0, 0, 0))._hear(value, chat._Course(), gathered())


@settings(max_examples=60, deadline=None)
@given(OBJECTS, st.sampled_from(sorted(DIALECTS)))
def test_realtime(value, dialect):
    with contextlib.suppress(ArenaError):
        made = realtime.build({**SOCKET, "dialect": dialect}, FakeParts(0, 0, 0))
        made._hear(value, realtime._Turn(gathered()))


@settings(max_examples=60, deadline=None)
@given(OBJECTS)
def test_gemini(value):
    with contextlib.suppress(ArenaError):
        gemini_live.build(SOCKET, FakeParts(0, 0, 0))._hear(Line(value), gemini_live._Turn(gathered()))


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(lambda b: b"\x11\x94\x10\x00\x00\x00\x02\x26" + b)))
def test_doubao(message):
    with contextlib.suppress(ArenaError):
        doubao.build(SOCKET, FakeParts(0, 0, 0))._hear(message, doubao._Turn(gathered()))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_any_error_body_is_told(body):
    code, message = told(body)
    assert isinstance(code, str) and isinstance(message, str)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_time_to_wait_is_read_or_left(value):
    seconds = retry_after({"Retry-After": value}, now_s=0.0)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("value", ["Mon, 99 Foo 0000 99:99:99 GMT", "Thu, 01 Jan 99999 00:00:00 +9999", "", ",", "::"])
def test_dates_that_are_none_are_left(value):
    seconds = retry_after({"Retry-After": value}, now_s=0.0)
    assert seconds is None or seconds >= 0
