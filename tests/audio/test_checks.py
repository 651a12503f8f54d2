"""Claims about what the checks see in a clip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.checks import Limits, check, flags
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.waveform import Waveform

from .signals import bursts, noise, tone

CLEAN = bursts([(0.2, 1.0), (1.3, 2.0)], seconds=2.4, rms=0.1, floor=1e-4)


def test_a_clean_clip_has_no_flag() -> None:
    assert flags(check(CLEAN)) == ()


@pytest.mark.parametrize(
    ("wave", "flag"),
    [
        (silence(0.0, 16_000), "empty"),
        (silence(2.0, 16_000), "silent"),
        (bursts([(0.05, 0.2)], seconds=0.25), "too_short"),
        (gain(CLEAN, -32.0), "too_quiet"),
        (Waveform(np.clip(gain(CLEAN, 30.0).samples, -1, 1), 16_000), "clipped"),
        (join([silence(2.5, 16_000), CLEAN, CLEAN, CLEAN]), "long_lead"),
        (join([CLEAN, CLEAN, CLEAN, silence(3.5, 16_000)]), "long_tail"),
        (bursts([(1.0, 1.5)], seconds=2.6), "mostly_silence"),
        (bursts([(0.2, 1.0)], seconds=1.4, rms=0.1, floor=0.07), "noisy"),
        (bursts([(0.2, 1.0)], seconds=1.0), "ends_abruptly"),
    ],
)
def test_each_fault_gets_its_flag_and_no_other(wave: Waveform, flag: str) -> None:
    assert flags(check(wave)) == (flag,)


def test_too_long_follows_the_limit_given() -> None:
    assert flags(check(CLEAN), Limits(longest_s=2.0)) == ("too_long",)


def test_measurements_match_what_was_built() -> None:
    measured = check(CLEAN)
    assert measured.duration_s == pytest.approx(2.4)
    assert measured.lead_s == pytest.approx(0.2, abs=0.03)
    assert measured.tail_s == pytest.approx(0.4, abs=0.03)
    assert measured.silence_share == pytest.approx(0.9 / 2.4, abs=0.03)
    assert measured.snr_db == pytest.approx(60.0, abs=25.0)  # the spans' edges let some speech into the rest
    assert not measured.ends_abruptly


def test_a_full_scale_square_is_all_clipping_and_a_sine_is_not() -> None:
    assert check(Waveform(np.sign(tone(100.25).samples), 48_000)).clipping_share > 0.99
    assert check(tone(997.0)).clipping_share == 0.0


@given(st.integers(0, 4000), st.floats(0.0, 1.0), st.integers(1000, 48_000))
@settings(max_examples=60, deadline=None)
def test_every_measurement_is_finite_and_in_range(frames: int, rms: float, rate_hz: int) -> None:
    measured = check(noise(seconds=frames / rate_hz, rate_hz=rate_hz, rms=rms))
    assert 0 <= measured.clipping_share <= 1
    assert 0 <= measured.silence_share <= 1
    assert measured.peak_dbfs >= measured.rms_dbfs - 1e-9 >= -120 - 1e-9
    assert 0 <= measured.lead_s <= measured.duration_s
    assert measured.snr_db is None or 0 <= measured.snr_db <= 130


@given(st.integers(0, 2**31), st.sampled_from([8000, 11025, 24000]), st.floats(0.1, 1.0))
@settings(max_examples=40, deadline=None)
def test_levels_are_those_of_the_samples_themselves(seed: int, rate_hz: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    times = np.arange(round(1.5 * rate_hz)) / rate_hz
    bursts_of = np.where(np.sin(2 * np.pi * rng.uniform(0.5, 3) * times) > share * 2 - 1, 0.3, 1e-3)
    wave = Waveform((rng.normal(0, 0.2, times.size) * bursts_of).astype(np.float32), rate_hz)
    mask = active_mask(wave, active_spans(wave))
    measured = check(wave)
    rms = lambda samples: 20 * np.log10(max(1e-6, np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))  # noqa: E731
    assert measured.rms_dbfs == pytest.approx(rms(wave.samples), abs=1e-6)
    if measured.snr_db is not None:
        expected = max(0.0, rms(wave.samples[mask]) - rms(wave.samples[~mask]))
        assert measured.snr_db == pytest.approx(expected, abs=1e-6)
    else:
        assert not mask.any() or (~mask).sum() < 0.1 * rate_hz
    edge = round(0.02 * rate_hz)
    loud = bool(mask[-edge:].any()) and rms(wave.samples[-edge:]) > rms(wave.samples[mask]) - 10.0
    assert measured.ends_abruptly == loud
