"""Edits of speech: what each changes, and what it leaves."""

from collections.abc import Callable

import numpy as np
import pytest

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.levels import peak_dbfs, rms_dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError
from s2s_arena.judge import editing
from s2s_arena.testing.sound import silence, tones

SPEECH = tones(["one", "two", "three", "four", "five", "six"])


def test_pink_noise_falls_three_decibels_an_octave():
    noise = editing.pink_noise(20.0, 16000, rng=np.random.default_rng(0)).samples
    power = np.abs(np.fft.rfft(noise)) ** 2
    hz = np.fft.rfftfreq(len(noise), 1 / 16000)
    bands = [power[(hz >= low) & (hz < 2 * low)].sum() for low in (100, 400, 1600)]
    assert bands == pytest.approx([np.mean(bands)] * 3, rel=0.15)


def test_muting_touches_nothing_outside_the_stretch():
    made = editing.muted(SPEECH, 0.2, 0.5).samples
    a, b = int(0.2 * SPEECH.rate_hz), int(0.5 * SPEECH.rate_hz)
    assert np.array_equal(made[:a], SPEECH.samples[:a])
    assert np.array_equal(made[b:], SPEECH.samples[b:])
    assert not made[a + 200 : b - 200].any()
    assert SPEECH.samples[a + 200 : b - 200].any()


@pytest.mark.parametrize("stretch", [(0.5, 0.2), (9.0, 10.0), (-1.0, 0.0), (0.3, 0.3001)])
def test_a_stretch_outside_or_of_no_length_is_harmless(stretch: tuple[float, float]):
    made = editing.muted(SPEECH, *stretch)
    assert made.frames == SPEECH.frames
    assert np.abs(made.samples - SPEECH.samples).sum() < 2.0


def test_a_gain_stops_at_the_peaks():
    assert rms_dbfs(editing.levelled(SPEECH, -6.0)) == pytest.approx(rms_dbfs(SPEECH) - 6.0, abs=0.01)
    assert peak_dbfs(editing.levelled(SPEECH, 60.0)) == pytest.approx(-0.1, abs=0.01)


def test_long_pauses_go_and_speech_stays():
    gap = np.zeros(16000, dtype=np.float32)
    slow = Waveform(np.concatenate([SPEECH.samples, gap, SPEECH.samples]), SPEECH.rate_hz)
    made = editing.without_gaps(slow)
    assert made.duration_s == pytest.approx(2 * SPEECH.duration_s, abs=0.25)
    assert len(active_spans(made)) >= 1


def noisy(wave: Waveform) -> Waveform:
    return editing.noisy(wave, 5.0, rng=np.random.default_rng(0))


@pytest.mark.parametrize("edit", [editing.first_half, editing.clipped, editing.without_gaps, noisy])
def test_silence_cannot_be_edited(edit: Callable[[Waveform], Waveform]):
    with pytest.raises(AudioError, match="no active speech"):
        edit(silence(1.0))
