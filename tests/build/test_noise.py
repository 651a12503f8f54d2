"""Backgrounds: mixed at the stated ratio, with a moment of the scene alone."""

import numpy as np
import pytest

from s2s_arena.audio.activity import active_mean_square, active_spans
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.noise import LEAD_S, TAIL_S, with_background
from s2s_arena.build.scenes import SCENES
from s2s_arena.records.samples import Background
from s2s_arena.testing.sound import tones

SPEECH = tones(["where", "is", "the", "nearest", "exit"], rate_hz=16000, level=0.05)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("snr_db", [0.0, 5.0, 15.0])
def test_speech_stands_above_its_scene_by_the_stated_ratio(scene, snr_db):
    mixed = with_background(SPEECH, Background(scene=scene, snr_db=snr_db), rng=np.random.default_rng(3))
    padded = join([silence(LEAD_S, 16000), SPEECH, silence(TAIL_S, 16000)])
    assert np.abs(mixed.samples).max() < 0.98  # so nothing was scaled down to fit
    noise = Waveform(mixed.samples - padded.samples, 16000)
    spans = active_spans(padded)
    ratio = active_mean_square(padded, spans) / active_mean_square(noise, spans)
    assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.1)


def test_the_scene_alone_is_heard_before_and_after():
    mixed = with_background(SPEECH, Background(scene="park", snr_db=5), rng=np.random.default_rng(3))
    assert mixed.duration_s == pytest.approx(SPEECH.duration_s + LEAD_S + TAIL_S, abs=0.001)
    assert np.sqrt(np.mean(mixed.samples[: int(LEAD_S * 16000)] ** 2)) > 0.001


def test_the_same_generator_gives_the_same_mixture():
    background = Background(scene="street", snr_db=10)
    first, second = (with_background(SPEECH, background, rng=np.random.default_rng(9)) for _ in range(2))
    assert first.hash() == second.hash()
