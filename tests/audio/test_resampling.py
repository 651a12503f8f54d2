"""Claims about changing the sample rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.levels import rms_dbfs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

from .signals import tone

RATES = [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000]


def loudest_hz(wave: Waveform) -> float:
    window = np.hanning(wave.frames)
    spectrum = np.abs(np.fft.rfft(wave.samples * window, n=8 * wave.frames))
    return float(np.argmax(spectrum)) * wave.rate_hz / (8 * wave.frames)


@given(st.sampled_from(RATES), st.sampled_from(RATES), st.floats(100.0, 3000.0))
@settings(max_examples=40, deadline=None)
def test_a_tone_keeps_its_frequency_and_level(before: int, after: int, hz: float) -> None:
    wave = tone(hz, seconds=0.5, rate_hz=before, amplitude=0.5)
    changed = resample(wave, after)
    assert changed.rate_hz == after
    assert loudest_hz(changed) == pytest.approx(hz, abs=1.0)
    middle = slice(after // 10, -after // 10)
    assert rms_dbfs(Waveform(changed.samples[middle], after)) == pytest.approx(20 * np.log10(0.5) - 3.0103, abs=0.05)


@given(st.integers(0, 5000), st.integers(1000, 96_000), st.integers(1000, 96_000))
@settings(max_examples=60, deadline=None)
def test_the_length_is_the_rounded_ratio(frames: int, before: int, after: int) -> None:
    changed = resample(Waveform(np.zeros(frames, dtype=np.float32), before), after)
    assert changed.frames == (frames if before == after else round(frames * after / before))


def test_what_lies_above_half_the_new_rate_is_gone() -> None:
    changed = resample(tone(7000.0, rate_hz=48_000), 8000)
    middle = changed.samples[800:-800]  # switching the tone on and off is heard at any rate
    assert rms_dbfs(Waveform(middle, 8000)) < -80


def test_the_same_rate_changes_nothing() -> None:
    wave = tone()
    assert resample(wave, 48_000) is wave


def test_an_absurd_rate_is_refused() -> None:
    with pytest.raises(AudioError, match="10 Hz"):
        resample(tone(), 10)
