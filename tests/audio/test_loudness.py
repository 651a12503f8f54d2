"""Claims about BS.1770 loudness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.joining import silence
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain, loudness_lufs, normalise
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

from .signals import noise, tone


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("amplitude", [1.0, 0.1])
def test_a_997_hz_sine_reads_the_standards_reference(rate_hz: int, amplitude: float) -> None:
    # BS.1770-4: 0 dBFS at 997 Hz in one front channel reads -3.01 LKFS; 0.1 is 20 dB less.
    wave = tone(997.0, seconds=3.0, rate_hz=rate_hz, amplitude=amplitude)
    assert loudness_lufs(wave) == pytest.approx(-3.01 + 20 * np.log10(amplitude), abs=0.1)


@given(st.floats(0.001, 0.6), st.sampled_from([8000, 16_000, 24_000, 48_000]))
@settings(max_examples=40, deadline=None)
def test_short_clips_have_a_finite_loudness(seconds: float, rate_hz: int) -> None:
    measured = loudness_lufs(noise(seconds=seconds, rate_hz=rate_hz, rms=0.1))
    assert measured is not None
    assert -45 < measured < -5


def test_a_100_ms_tone_reads_as_a_long_one_does() -> None:
    assert loudness_lufs(tone(seconds=0.1)) == pytest.approx(-3.01, abs=0.5)


@given(st.floats(-30.0, 0.0))
@settings(max_examples=20, deadline=None)
def test_gain_moves_loudness_by_as_much(db: float) -> None:
    wave = noise(rms=0.1)
    before, after = loudness_lufs(wave), loudness_lufs(gain(wave, db))
    assert before is not None
    assert after == pytest.approx(before + db, abs=0.02)


@pytest.mark.parametrize("wave", [silence(0.0, 16_000), silence(0.1, 16_000), silence(2.0, 16_000), noise(rms=1e-5)])
def test_silence_has_no_loudness_and_cannot_be_normalised(wave: Waveform) -> None:
    assert loudness_lufs(wave) is None
    with pytest.raises(AudioError, match="silence"):
        normalise(wave, -23.0)


@given(st.floats(-40.0, -20.0), st.floats(0.01, 0.3))
@settings(max_examples=20, deadline=None)
def test_normalising_reaches_the_loudness(lufs: float, rms: float) -> None:
    assert loudness_lufs(normalise(noise(rms=rms), lufs)) == pytest.approx(lufs, abs=0.1)


def test_normalising_stops_before_it_clips() -> None:
    assert peak_dbfs(normalise(noise(rms=0.01), 0.0)) == pytest.approx(-0.1, abs=0.01)


def test_resampling_keeps_loudness() -> None:
    wave = tone(500.0, seconds=2.0, rate_hz=48_000, amplitude=0.3)
    assert loudness_lufs(resample(wave, 16_000)) == pytest.approx(loudness_lufs(wave), abs=0.02)
