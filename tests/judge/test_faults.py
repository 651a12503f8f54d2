"""Echoes by sound, language tags, and what is no fault."""

import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.faults import Fault, find, likeness
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.testing.sound import silence, tones
from tests.judge.parts import Ears, Said, sample

QUESTION = tones(["could", "you", "tell", "me", "the", "time", "in", "london", "please"])


def louder_and_later(wave: Waveform) -> Waveform:
    return Waveform(
        np.concatenate([np.zeros(wave.rate_hz // 2, np.float32), wave.samples * np.float32(1.7)]), wave.rate_hz
    )


def resampled(wave: Waveform) -> Waveform:
    return Waveform(np.repeat(wave.samples, 2), wave.rate_hz * 2)


@pytest.mark.parametrize(
    "change", [lambda w: w, louder_and_later, resampled], ids=["same", "louder later", "resampled"]
)
def test_the_same_recording_is_like_itself(change):
    assert likeness(QUESTION, change(QUESTION)) > 0.95


def test_other_words_of_the_same_length_are_not():
    assert likeness(QUESTION, tones(["there", "are", "seven", "days", "in", "a", "week", "of", "course"])) < 0.7


@pytest.mark.parametrize("other", [silence(2.0), silence(0.0), tones(["yes"])], ids=["silence", "nothing", "short"])
def test_silence_and_other_lengths_are_not(other: Waveform):
    assert likeness(QUESTION, other) == 0.0


@pytest.mark.parametrize(("spoken", "wanted"), [("yue", "zh"), ("zh-CN", "zh"), ("en-GB", "en-US")])
def test_varieties_of_a_language_are_that_language(spoken: str, wanted: str):
    ears, wave = Ears(), tones(["heard"])
    ears.script[wave.hash()] = Said(text="x y z", language=spoken)
    cues = ears.hear(wave, audio=wave.hash())
    asked = sample(language=wanted)
    assert find(sample=asked, turn=0, question=None, speech=wave, cues=cues, words_only=False) is None


def test_a_greeting_may_be_answered_in_kind_and_a_whole_question_may_not():
    hello = sample(turns=(Turn(script="Hello!", language="en"),))
    assert found(hello, "Hello!") is None
    assert found(sample(), "Could you tell me the time in London, please?") is Fault.ECHO


def found(asked: Sample, text: str) -> Fault | None:
    ears, wave = Ears(), tones(["heard"])
    ears.script[wave.hash()] = Said(text=text)
    cues = ears.hear(wave, audio=wave.hash())
    finding = find(sample=asked, turn=0, question=None, speech=wave, cues=cues, words_only=False)
    return finding.fault if finding else None
