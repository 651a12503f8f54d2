"""Each adapter over its loopback server: the speech arrives, the answer comes back, and both depend on each other."""

import re
from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.audio import files
from s2s_arena.protocols import Exchange
from s2s_arena.testing.servers.behaviour import Behaviour
from s2s_arena.testing.servers.running import KEY
from s2s_arena.testing.sound import tones
from tests.models.remote.loopback_lines import LINES, OTHER, QUESTION, VARIABLE, asking, likeness, line

SPEAKING = [each for each in LINES if not each.writes_only]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)


@pytest.mark.parametrize("each", LINES, ids=str)
def test_the_question_arrives_as_it_was_spoken(each):
    with each.start() as server:
        each.adapter(server).answer(asking())
    (heard,) = server.heard
    assert not server.texts()
    (clip,) = heard.audio
    assert likeness(clip, QUESTION) > (0.95 if each.lossy else 0.999)
    assert clip.duration_s == pytest.approx(QUESTION.duration_s, abs=1.0 if each.lossy else 0.002)


@pytest.mark.parametrize("each", SPEAKING, ids=str)
def test_the_answer_is_the_speech_and_the_words_of_the_server(each):
    with each.start() as server:
        answer = each.adapter(server).answer(asking())
    said = each.said(server)
    # Raw samples by HTTP have no place for words.
    assert answer.text == (None if each.name == "raw by post" else said.text)
    assert answer.speech.rate_hz == each.out_rate
    assert likeness(answer.speech, said.speech) > (0.95 if each.lossy else 0.999)
    if not each.lossy:
        assert answer.speech.frames == said.speech.frames
        assert np.abs(answer.speech.samples - said.speech.samples).max() < 1e-4
    assert answer.first_audio_s is not None and 0 <= answer.first_audio_s < 5


def test_a_server_that_only_writes_is_read_aloud():
    each = line("chat llama.cpp, read")
    with each.start() as server:
        answer = each.adapter(server).answer(asking())
    assert answer.text == each.said(server).text and answer.speech.frames > 0


@pytest.mark.parametrize("each", LINES, ids=str)
def test_canary_two_questions_are_two_requests_and_two_answers(each):
    with each.start() as server:
        adapter = each.adapter(server)
        answers = [adapter.answer(asking(speech)) for speech in (QUESTION, OTHER, QUESTION)]
    hashes = [heard.audio[0].hash() for heard in server.heard]
    assert hashes[0] == hashes[2] != hashes[1]
    assert answers[0].text == answers[2].text
    if each.name != "raw by post":
        assert answers[0].text != answers[1].text
    if not each.writes_only:
        assert likeness(answers[0].speech, answers[1].speech) < 0.9
        assert likeness(answers[0].speech, answers[2].speech) > 0.99


@pytest.mark.parametrize("each", [each for each in LINES if each.voice], ids=str)
def test_the_cards_voice_reaches_the_server(each):
    with each.start() as server:
        each.adapter(server, **{each.voice: "echo"}).answer(asking())
    assert server.last().voice == "echo"


@pytest.mark.parametrize(
    "each",
    [each for each in LINES if each.name not in ("moshi", "wav by post", "realtime vllm-omni turns")],
    ids=str,
)
def test_the_cards_instructions_reach_the_server(each):
    with each.start() as server:
        each.adapter(server, instructions="Answer kindly.").answer(asking())
    assert server.last().instructions == "Answer kindly."


@pytest.mark.parametrize("each", SPEAKING, ids=str)
def test_a_second_turn_carries_the_first(each):
    with each.start() as server:
        adapter = each.adapter(server)
        first = adapter.answer(asking())
        alone = adapter.answer(asking(OTHER))
        second = adapter.answer(asking(OTHER, turn=1, history=(Exchange(user=QUESTION, answer=first),)))
    heard = server.last()
    assert not server.texts()
    if each.history == "none":
        assert second.text == alone.text and not heard.before
        return
    if each.history == "joined":
        assert heard.audio[0].duration_s > QUESTION.duration_s + OTHER.duration_s
        assert second.text != alone.text
        return
    assert [turn.role for turn in heard.before] == ["user", "assistant"]
    told, answered = heard.before
    if told.audio is not None:
        assert likeness(told.audio, QUESTION) > (0.95 if each.lossy else 0.999)
    else:
        assert told.text  # Doubao: what it said it had heard
    assert answered.audio_id or answered.text == first.text
    if each.name != "raw by post":
        assert second.text != alone.text


def test_an_answer_whose_audio_has_expired_is_told_in_words():
    each = line("chat openai whole")
    with each.start(audio_kept_s=-5.0) as server:
        adapter = each.adapter(server)
        first = adapter.answer(asking())
        adapter.answer(asking(OTHER, turn=1, history=(Exchange(user=QUESTION, answer=first),)))
    assert server.last().before[1].text == first.text and server.last().before[1].audio_id is None


def test_an_answer_whose_audio_is_kept_is_named():
    each = line("chat openai whole")
    with each.start() as server:
        adapter = each.adapter(server)
        first = adapter.answer(asking())
        adapter.answer(asking(OTHER, turn=1, history=(Exchange(user=QUESTION, answer=first),)))
    assert server.last().before[1].audio_id == first.raw["audio_id"]


@pytest.mark.parametrize(
    "name",
    [each.name for each in LINES if each.family in ("realtime", "gemini-live", "doubao")]
    + ["chat openai streamed", "chat dashscope", "raw by post"],
)
def test_pieces_that_end_inside_a_sample_make_a_whole_answer(name):
    each = line(name)
    with each.start(behaviour=Behaviour(odd_pieces=True, piece_s=0.05)) as server:
        answer = each.adapter(server).answer(asking())
    assert answer.speech.frames == each.said(server).speech.frames


@pytest.mark.parametrize("words_first", [False, True])
def test_doubao_waits_for_the_end_of_both_speech_and_words(words_first):
    each = line("doubao")
    with each.start(words_end_first=words_first) as server:
        answer = each.adapter(server).answer(asking())
        assert answer.text == each.said(server).text
        assert set(server.packets[:-1]) == {640} and server.packets[-1] <= 640


@pytest.mark.parametrize("each", SPEAKING, ids=str)
def test_real_speech_goes_both_ways(each, shared_data):
    clips = sorted((shared_data / "mtalk_bench").rglob("*.wav"))[:4]
    waves = [files.read(path) for path in clips]
    short = [replace(wave, samples=wave.samples[: 2 * wave.rate_hz]) for wave in waves]
    with each.start(behaviour=Behaviour(recordings=tuple(short[2:]), piece_s=0.3)) as server:
        more = {"silence_s": 2.5} if each.family == "moshi" else {}  # real speech pauses
        answer = each.adapter(server, **more).answer(asking(short[0]))
    said = each.said(server)
    assert likeness(server.last().audio[0], short[0]) > (0.9 if each.lossy else 0.98)
    assert likeness(answer.speech, said.speech) > (0.9 if each.lossy else 0.999)
    assert answer.text is None or re.fullmatch(r"recording [01]", answer.text)


def test_long_speech_arrives_whole():
    speech = tones([str(n) for n in range(120)])  # half a minute
    for name in ("chat openai streamed", "realtime openai", "gemini live", "doubao"):
        each = line(name)
        with each.start() as server:
            each.adapter(server).answer(asking(speech))
        assert server.last().audio[0].duration_s == pytest.approx(speech.duration_s, abs=0.002)
