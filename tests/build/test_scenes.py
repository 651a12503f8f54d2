"""Noise scenes: repeatable, at their level, and each with the sound that gives it away."""

import numpy as np
import pytest
from scipy.signal import find_peaks

from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.scenes import LEVEL_DBFS, SCENES, render
from s2s_arena.errors import SuiteError
from s2s_arena.testing.sound import tone

RATE = 16000
every = pytest.mark.parametrize("scene", SCENES)


def made(scene: str, seed: int = 1, seconds: float = 4.0, **more: object) -> Waveform:
    return render(scene, seconds, rate_hz=RATE, rng=np.random.default_rng(seed), **more)


def share(wave: Waveform, low_hz: float, high_hz: float) -> float:
    """Share of the power between two frequencies."""
    power = np.abs(np.fft.rfft(wave.samples.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(wave.frames, 1 / wave.rate_hz)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def peakiness(wave: Waveform, hz: float) -> float:
    """How far a frequency stands out of its neighbourhood, in dB."""
    power = np.abs(np.fft.rfft(wave.samples.astype(np.float64))) ** 2
    at = np.fft.rfftfreq(wave.frames, 1 / wave.rate_hz)
    near = power[(abs(at - hz) < 3)].max()
    return float(10 * np.log10(near / np.median(power[(abs(at - hz) > 8) & (abs(at - hz) < 60)])))


@every
def test_the_same_seed_gives_the_same_noise_and_another_seed_another(scene):
    assert made(scene).hash() == made(scene).hash()
    assert made(scene).hash() != made(scene, seed=2).hash()


@every
@pytest.mark.parametrize("seconds", [0.1, 2.5])
def test_noise_has_the_asked_length_and_level(scene, seconds):
    wave = made(scene, seconds=seconds)
    assert wave.frames == round(seconds * RATE)
    level = 20 * np.log10(np.sqrt(np.mean(wave.samples.astype(np.float64) ** 2)))
    assert level <= LEVEL_DBFS + 0.01
    assert np.abs(wave.samples).max() <= 0.99
    if seconds > 1:
        assert level == pytest.approx(LEVEL_DBFS, abs=0.5)


@every
def test_noise_goes_on_all_the_time(scene):
    wave = made(scene)
    halves = [float(np.sqrt(np.mean(part**2))) for part in np.split(wave.samples[: RATE * 4], 8)]
    assert min(halves) > 0.02 * max(halves)


def test_a_vehicle_rumbles_and_a_park_rustles_and_sings():
    assert share(made("vehicle"), 0, 500) > 0.7
    assert share(made("park"), 2000, 8000) > 0.6


def syllabic(wave: Waveform) -> float:
    """Depth of the level's movement at 2 to 8 Hz, the pace of syllables: standard deviation over mean."""
    spectrum = np.fft.rfft(wave.samples.astype(np.float64))
    hz = np.fft.rfftfreq(wave.frames, 1 / wave.rate_hz)
    voice_band = np.fft.irfft(np.where((hz > 300) & (hz < 3400), spectrum, 0), wave.frames)
    level = np.abs(voice_band)[: wave.frames // 320 * 320].reshape(-1, 320).mean(axis=1)  # 50 a second
    movement = np.fft.rfft(level - level.mean())
    pace = np.fft.rfftfreq(level.size, 0.02)
    return float(np.fft.irfft(np.where((pace > 2) & (pace < 8), movement, 0), level.size).std() / level.mean())


def test_a_cafe_talks_and_a_vehicle_does_not():
    assert syllabic(made("cafe")) > 1.5 * syllabic(made("vehicle"))


def test_a_station_and_an_airport_chime():
    for hz in (523.3, 659.3, 784.0):
        assert peakiness(made("station"), hz) > 15
    assert peakiness(made("airport"), 659.3) > 15
    assert max(peakiness(made("street"), hz) for hz in (659.3, 784.0)) < 10


def test_a_household_clock_ticks_twice_a_second():
    wave = made("household", seconds=6.0)
    band = np.abs(np.convolve(wave.samples, np.sin(2 * np.pi * 2400 * np.arange(80) / RATE), mode="same"))
    envelope = band[: RATE * 6].reshape(-1, 160).mean(axis=1)
    folded = envelope.reshape(-1, 50).mean(axis=0)  # 100 frames a second, folded at half a second
    assert folded.max() > 2 * np.median(folded)


def test_an_office_types():
    wave = made("office")
    treble = np.abs(np.diff(wave.samples, prepend=0.0)).reshape(-1, 80).max(axis=1)
    keys, _ = find_peaks(treble, height=4 * np.median(treble), distance=4)
    assert len(keys) >= 6


def test_given_voices_make_the_crowd():
    voice = tone(1234.0, seconds=1.0, rate_hz=24000)
    assert share(made("cafe", voices=[voice]), 1200, 1270) > 3 * share(made("cafe"), 1200, 1270)


def test_an_unknown_scene_or_no_length_is_refused():
    with pytest.raises(SuiteError, match=r"scene 'moon'; use one of: airport"):
        made("moon")
    with pytest.raises(SuiteError, match=r"0 s asked"):
        made("cafe", seconds=0)
