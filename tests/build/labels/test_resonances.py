"""Resonances of made vowels: found where they were put, and raised by as much as the tract is shortened."""

import numpy as np
import pytest
from scipy.signal import lfilter

from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.labels.resonances import resonance_st
from s2s_arena.protocols import PitchTrack

RATE = 16_000
FORMANTS = ((650.0, 80.0), (1300.0, 90.0), (2500.0, 120.0), (3400.0, 150.0))


def vowel(f0_hz: float, scale: float = 1.0) -> Waveform:
    """One second of pulses through four resonators."""
    sound = np.zeros(RATE)
    sound[(np.arange(0, 1, 1 / f0_hz) * RATE).astype(int)] = 1.0
    for hz, width in FORMANTS:
        radius, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * hz * scale / RATE
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], sound)
    return Waveform((0.3 * sound / np.abs(sound).max()).astype(np.float32), RATE)


def track(f0_hz: float) -> PitchTrack:
    times = np.arange(0.0, 1.0, 0.016)
    return PitchTrack(times, np.full(times.shape, f0_hz), np.ones(times.shape, bool), np.ones(times.shape))


def test_the_mean_place_of_known_resonances_is_found():
    expected = 12.0 * np.log2([hz / 1000.0 for hz, _ in FORMANTS]).mean()
    assert resonance_st(vowel(110.0), track(110.0)) == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize("f0_hz", [110.0, 150.0, 180.0])
def test_a_tract_shorter_by_a_sixth_sounds_about_two_and_a_half_semitones_higher(f0_hz):
    raised = resonance_st(vowel(f0_hz, 1.16), track(f0_hz)) - resonance_st(vowel(f0_hz), track(f0_hz))
    assert raised == pytest.approx(12.0 * np.log2(1.16), abs=0.7)


def test_the_pitch_alone_hardly_moves_it():
    places = [resonance_st(vowel(hz), track(hz)) for hz in (100.0, 140.0, 200.0)]
    assert max(places) - min(places) < 1.2


def test_silence_and_a_moment_have_none():
    silent = Waveform(np.zeros(RATE, dtype=np.float32), RATE)
    assert resonance_st(silent, track(100.0)) is None
    assert resonance_st(Waveform(vowel(110.0).samples[:600], RATE), track(110.0)) is None
