"""WORLD changes what it is told to change, by as much, and leaves the rest."""

import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform

pytest.importorskip("pyworld", reason="extra local not installed")

from s2s_arena.models import singing, world

pytestmark = pytest.mark.local
RATE = 16_000


@pytest.fixture(scope="module")
def vowel():
    """A vowel-like sound of one second whose F0 glides from 120 to 180 Hz, with silence around it."""
    times = np.arange(RATE) / RATE
    f0 = 120.0 * (180.0 / 120.0) ** times
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    rng = np.random.default_rng(5)
    tone = sum(np.sin(k * phase) / (1 + ((k * f0 - 700.0) / 500.0) ** 2) for k in range(1, 20))
    tone = 0.2 * tone + 0.002 * rng.standard_normal(RATE)
    edge = np.zeros(RATE // 10)
    return world.analyse(Waveform(np.concatenate([edge, tone, edge]).astype(np.float32), RATE))


def measured(parts):
    return world.analyse(world.synthesise(parts))


def test_f0_is_found_and_survives_the_way_back(vowel):
    assert vowel.level_hz == pytest.approx(147, rel=0.03)
    assert measured(vowel).level_hz == pytest.approx(vowel.level_hz, rel=0.01)


@pytest.mark.parametrize("semitones", [-5.0, 3.0, 7.0])
def test_a_shift_is_that_many_semitones(vowel, semitones):
    shifted = world.shift_pitch(vowel, semitones=semitones, spread=1.0, level_hz=vowel.level_hz)
    assert 12 * np.log2(measured(shifted).level_hz / vowel.level_hz) == pytest.approx(semitones, abs=0.1)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.6])
def test_the_range_is_scaled_around_the_level(vowel, spread):
    def range_st(parts):
        low, high = np.percentile(parts.f0_hz[parts.voiced], [10, 90])
        return 12 * np.log2(high / low)

    shaped = measured(world.shift_pitch(vowel, semitones=0.0, spread=spread, level_hz=vowel.level_hz))
    assert range_st(shaped) == pytest.approx(spread * range_st(vowel), abs=0.15)
    assert shaped.level_hz == pytest.approx(vowel.level_hz, rel=0.02)


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.8])
def test_a_stretch_is_that_factor_and_keeps_the_pitch(vowel, factor):
    stretched = world.stretch(vowel, factor)
    before, after = world.synthesise(vowel), world.synthesise(stretched)
    assert after.duration_s == pytest.approx(factor * before.duration_s, rel=0.01)
    assert stretched.level_hz == pytest.approx(vowel.level_hz, rel=0.01)


def test_a_stretch_of_some_frames_leaves_the_others(vowel):
    frames = vowel.f0_hz.size
    factors = np.ones(frames)
    factors[frames // 2 :] = 2.0
    assert world.stretch(vowel, factors).f0_hz.size == pytest.approx(1.5 * frames, abs=2)


def test_formants_move_and_pitch_stays(vowel):
    middle = vowel.f0_hz.size // 2
    peak = int(np.argmax(vowel.envelope[middle]))
    moved = world.shift_formants(vowel, 1.3)
    assert int(np.argmax(moved.envelope[middle])) == pytest.approx(1.3 * peak, abs=2)
    assert moved.level_hz == vowel.level_hz


def test_a_tilt_turns_the_spectrum_around_one_kilohertz(vowel):
    ratio = 10 * np.log10(world.tilt(vowel, 3.0).envelope[50] / vowel.envelope[50])
    hz = np.linspace(0, RATE / 2, ratio.size)
    assert np.interp(1000, hz, ratio) == pytest.approx(0.0, abs=0.1)
    assert np.interp(2000, hz, ratio) == pytest.approx(3.0, abs=0.1)
    assert np.interp(500, hz, ratio) == pytest.approx(-3.0, abs=0.1)


def test_a_whisper_has_no_pitch(vowel):
    assert measured(world.whisper(vowel)).voiced.mean() < 0.1 * vowel.voiced.mean()


def test_a_song_holds_the_notes_of_its_tune(vowel):
    sung = singing.sing(vowel, 3)
    beats = sum(beats for _, beats in singing.TUNE[:2]) + 2.0
    assert sung.f0_hz.size * world.FRAME_S == pytest.approx(beats * singing.BEAT_S, rel=0.02)
    voiced = sung.f0_hz[sung.voiced]
    assert np.abs(12 * np.log2(voiced / vowel.level_hz)).max() < 0.4  # the first notes are the key note


def test_a_song_goes_up_where_its_tune_does(vowel):
    sung = singing.sing(vowel, 6)
    note = round(2.5 * singing.BEAT_S / world.FRAME_S)  # the middle of the third syllable
    assert 12 * np.log2(sung.f0_hz[note] / vowel.level_hz) == pytest.approx(singing.TUNE[2][0], abs=0.5)


def test_silence_passes_through():
    quiet = world.analyse(Waveform(np.zeros(RATE, dtype=np.float32), RATE))
    assert quiet.level_hz is None
    shaped = world.shift_pitch(quiet, semitones=4.0, spread=2.0, level_hz=quiet.level_hz)
    assert float(np.abs(world.synthesise(shaped).samples).max()) < 1e-3
