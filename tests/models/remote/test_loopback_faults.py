"""Each adapter over its loopback server when something goes wrong: which error it becomes, or that it does not."""

import re
import time

import pytest

from s2s_arena.audio.resampling import resample
from s2s_arena.errors import (
    AccessError,
    AudioError,
    EmptyAnswer,
    InfrastructureError,
    Refused,
    RequestRejected,
    TimedOut,
)
from s2s_arena.testing.servers.behaviour import Behaviour, WireFault, once
from s2s_arena.testing.servers.running import KEY
from tests.models.remote.loopback_lines import LINES, VARIABLE, asking, likeness

F = WireFault
ANSWERED = "answered"
RETRIED = InfrastructureError  # and then the next attempt succeeds

EXPECTED = {
    F.SLOW: ANSWERED,
    F.STALLED: TimedOut,
    F.DROPPED: RETRIED,
    F.TRUNCATED_BASE64: AudioError,
    F.WRONG_RATE: ANSWERED,
    F.SECOND_CHOICE: ANSWERED,
    F.CANCELLED: RETRIED,
    F.RATE_LIMITED: RETRIED,
    F.UNAUTHORISED: AccessError,
    F.SERVER_ERROR: RETRIED,
    F.MALFORMED: RETRIED,
    F.CONTENT_FILTER: Refused,
    F.SILENCE: ANSWERED,  # that there is nothing in it is for the validation to find
    F.STOPS_EARLY: ANSWERED,  # as is that the words go on
}
EXCEPTIONS = {
    ("moshi", F.SILENCE): EmptyAnswer,  # without a sound its answer never begins
    # What came in full and is no sound is the system's doing; the others lost something on the way.
    ("moshi", F.MALFORMED): AudioError,
    ("wav by post", F.MALFORMED): AudioError,
    ("raw by post", F.MALFORMED): AudioError,
}


TWINS = ("chat azure", "realtime azure", "doubao floats")  # differ from another line in nothing that faults touch


def cases():
    for each in LINES:
        if each.name in TWINS:
            continue
        with_faults = each.start()  # not started: only asked what it can do
        for fault in sorted(with_faults.faults):
            if fault is F.TRUNCATED_BASE64 and each.name in ("wav by post", "raw by post"):
                continue  # no base64 on this wire
            if each.writes_only and fault in (F.TRUNCATED_BASE64, F.SECOND_CHOICE, F.SILENCE, F.STOPS_EARLY):
                continue  # no speech on this wire
            if each.name == "realtime vllm-omni turns" and fault in (F.CANCELLED, F.CONTENT_FILTER):
                continue  # its events have no word for it
            yield pytest.param(each, fault, id=f"{each}-{fault}")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)


def outcome(adapter):
    try:
        return adapter.answer(asking())
    except (AudioError, InfrastructureError, Refused, EmptyAnswer, TimedOut, AccessError) as error:
        return error


@pytest.mark.parametrize(("each", "fault"), list(cases()))
def test_a_fault_becomes_its_error_and_the_next_answer_is_whole(each, fault):
    wanted = EXCEPTIONS.get((each.name, fault), EXPECTED[fault])
    behaviour = Behaviour(script=once(fault), piece_s=0.1, retry_after="7", stalled_s=20.0)
    patience = {"patience_s": 0.3} if fault is F.STALLED else {}
    with each.start(behaviour=behaviour) as server:
        adapter = each.adapter(server, **patience)
        first = outcome(adapter)
        if wanted == ANSWERED:
            assert not isinstance(first, Exception), first
        else:
            assert type(first) is wanted, first
            assert "\n" not in str(first) and KEY not in str(first)
        if fault is F.RATE_LIMITED:
            assert first.retry_after_s == 7.0
        if fault is F.STALLED and each.family == "moshi":
            return  # one conversation at a time: the stalled one still holds the place
        adapter = each.adapter(server)
        second = adapter.answer(asking())
        assert second.speech.duration_s > 0.5


@pytest.mark.parametrize("each", [each for each in LINES if not each.writes_only], ids=str)
def test_speech_made_at_another_rate_is_right_where_the_wire_tells_it(each):
    if F.WRONG_RATE not in each.start().faults:
        assert each.name == "moshi"  # Opus has one clock
        return
    with each.start(behaviour=Behaviour(script=once(F.WRONG_RATE))) as server:
        answer = each.adapter(server).answer(asking())
    said = each.said(server)
    right = likeness(answer.speech, said.speech) > 0.99
    told = each.family in ("http-wav", "openai-chat") and each.name not in (
        "raw by post",
        "chat openai streamed",
        "chat azure",
        "chat dashscope",
    )
    assert right == (told or each.name == "gemini live")


@pytest.mark.parametrize("each", [each for each in LINES if each.keyed], ids=str)
def test_a_wrong_key_is_refused_for_good_and_not_shown(each, monkeypatch):
    monkeypatch.setenv(VARIABLE, "sk-a-wrong-key")
    with each.start() as server:
        failed = outcome(each.adapter(server))
    assert type(failed) is AccessError and "sk-a-wrong-key" not in str(failed)
    assert not server.heard and re.search("401|key", server.texts()[0])


@pytest.mark.parametrize(
    "each", [each for each in LINES if each.family in ("openai-chat", "realtime", "gemini-live")], ids=str
)
def test_a_field_that_the_wire_does_not_know_is_rejected_once_and_for_all(each):
    with each.start() as server:
        failed = outcome(each.adapter(server, extra={"temprature": 1}))
    assert type(failed) is RequestRejected and "temprature" in str(failed), failed
    assert not server.heard and "temprature" in server.texts()[0]


@pytest.mark.parametrize("each", LINES, ids=str)
def test_nobody_there_is_the_networks_fault(each):
    with each.start() as server:
        adapter = each.adapter(server)
    assert type(outcome(adapter)) is InfrastructureError


def test_a_stalled_answer_does_not_hold_longer_than_the_patience_of_the_card():
    each = LINES[0]
    with each.start(behaviour=Behaviour(script=once(F.STALLED))) as server:
        began = time.perf_counter()
        assert isinstance(outcome(each.adapter(server, patience_s=0.1)), TimedOut)
        assert time.perf_counter() - began < 2.0


def test_resampling_keeps_what_the_tests_compare():
    speech = asking().speech
    assert likeness(resample(speech, 24000), speech) > 0.9999
