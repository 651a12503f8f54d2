"""What is done to speech by one instrument is found by another: the small version of bench/measurement.py."""

import numpy as np
import pytest
from tests.cues.builders import silence
from tests.models.conftest import local_parts, say  # noqa: F401 - fixtures

from s2s_arena.audio.loudness import gain
from s2s_arena.cues.prosody import measure
from s2s_arena.records.cues import Transcript

pytestmark = pytest.mark.local

TEXT = "The museum shows old maps of the northern coast."
SCRIPT = Transcript(text=TEXT, language="en")


@pytest.fixture(scope="module")
def hear():
    from s2s_arena.models.swift import SwiftPitch

    pitch = SwiftPitch()
    return lambda wave: measure(wave, pitch=pitch.track(wave), transcript=SCRIPT)


@pytest.fixture(scope="module")
def plain(say):  # noqa: F811
    return say("hibari", TEXT)


@pytest.fixture(scope="module")
def taken(plain):
    from s2s_arena.models import world

    return world.analyse(plain)


@pytest.mark.parametrize("pace", [0.7, 1.4])
def test_pace(hear, plain, taken, pace):
    from s2s_arena.models import world

    changed = hear(world.synthesise(world.stretch(taken, 1.0 / pace)))
    assert changed.syllables_per_s / hear(plain).syllables_per_s == pytest.approx(pace, rel=0.05)


@pytest.mark.parametrize("semitones", [-4.0, 3.0])
def test_pitch_level(hear, plain, taken, semitones):
    from s2s_arena.models import world

    moved = world.shift_pitch(taken, semitones=semitones, spread=1.0, level_hz=taken.level_hz)
    changed = hear(world.synthesise(moved))
    assert changed.f0_median_hz / hear(plain).f0_median_hz == pytest.approx(2 ** (semitones / 12), rel=0.05)


@pytest.mark.parametrize("spread", [0.6, 1.4])
def test_pitch_range(hear, plain, taken, spread):
    from s2s_arena.models import world

    moved = world.shift_pitch(taken, semitones=0.0, spread=spread, level_hz=taken.level_hz)
    changed = hear(world.synthesise(moved))
    assert changed.f0_range_st / hear(plain).f0_range_st == pytest.approx(spread, rel=0.05)


@pytest.mark.parametrize("decibels", [-8.0, 5.0])
def test_loudness(hear, plain, decibels):
    assert hear(gain(plain, decibels)).intensity_dbfs - hear(plain).intensity_dbfs == pytest.approx(decibels, abs=0.2)


@pytest.mark.parametrize("seconds", [0.4, 1.0])
def test_pause(hear, plain, seconds):
    from s2s_arena.audio.waveform import Waveform

    smooth = np.convolve(np.abs(plain.samples), np.ones(480) / 480, mode="same")
    middle = slice(plain.frames // 3, 2 * plain.frames // 3)
    cut = plain.frames // 3 + int(smooth[middle].argmin())
    parts = (plain.samples[:cut], silence(seconds, rate_hz=plain.rate_hz), plain.samples[cut:])
    found = hear(Waveform(np.concatenate(parts), plain.rate_hz)).pauses
    longest = max(pause.end_s - pause.start_s for pause in found)
    assert longest == pytest.approx(seconds, abs=max(0.05, 0.05 * seconds))
