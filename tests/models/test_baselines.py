"""Echo gives speech back, silence gives none."""

import numpy as np

from s2s_arena.models.baselines import build_echo, build_silence
from s2s_arena.protocols import Request
from tests.models.doubles import tone


def test_echo_gives_the_same_speech_back():
    speech = tone()
    assert build_echo({}, None).answer(Request(speech=speech, sample="s")).speech.hash() == speech.hash()


def test_silence_is_digital_and_as_long_as_its_card_says():
    answer = build_silence({"seconds": 0.5}, None).answer(Request(speech=tone(), sample="s"))
    assert answer.speech.duration_s == 0.5
    assert not np.any(answer.speech.samples)
