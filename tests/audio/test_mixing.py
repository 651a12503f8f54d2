"""Claims about noise behind speech."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.joining import join, silence
from s2s_arena.audio.levels import mean_square
from s2s_arena.audio.mixing import loop, mix_at_snr, snr_of
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

from .signals import bursts, noise, tone

SPEECH = bursts([(0.3, 1.0), (1.4, 2.2)], seconds=2.5, rms=0.1)


@given(st.floats(-10.0, 40.0), st.floats(0.2, 4.0), st.floats(0.001, 0.5), st.sampled_from([8000, 16_000, 44_100]))
@settings(max_examples=50, deadline=None)
def test_the_snr_over_active_speech_is_as_asked(snr_db: float, seconds: float, rms: float, rate_hz: int) -> None:
    mixed = mix_at_snr(SPEECH, noise(seconds=seconds, rate_hz=rate_hz, rms=rms, seed=7), snr_db=snr_db)
    assert mixed.frames == SPEECH.frames
    assert mixed.rate_hz == SPEECH.rate_hz
    assert np.abs(mixed.samples).max() <= 0.9901
    # mixed = c (speech + g bed): take it apart again by least squares on the known bed.
    bed = loop(_at(noise(seconds=seconds, rate_hz=rate_hz, rms=rms, seed=7)), SPEECH.frames)
    parts = np.column_stack([SPEECH.samples, bed]).astype(np.float64)
    (c, cg), *_ = np.linalg.lstsq(parts, mixed.samples.astype(np.float64), rcond=None)
    mask = active_mask(SPEECH, active_spans(SPEECH))
    measured = 10 * np.log10(mean_square(c * SPEECH.samples[mask]) / mean_square(cg * bed[mask]))
    assert measured == pytest.approx(snr_db, abs=0.1)


@given(st.floats(-10.0, 40.0), st.floats(0.2, 4.0), st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_the_snr_of_a_stored_mixture_is_what_it_was_mixed_at(snr_db: float, seconds: float, lead_s: float) -> None:
    voice = Waveform(SPEECH.samples * np.float32(0.3), SPEECH.rate_hz)
    padded = join([silence(lead_s, voice.rate_hz), voice, silence(0.6, voice.rate_hz)])
    mixed = mix_at_snr(padded, noise(seconds=seconds, rate_hz=16_000, rms=0.1, seed=7), snr_db=snr_db)
    stored, alone = (Waveform(w.pcm16().astype(np.float32) / 32768, w.rate_hz) for w in (mixed, voice))
    loud = np.abs(stored.samples).max() > 0.98
    assert snr_of(stored, alone, lead_s=lead_s) == pytest.approx(snr_db, abs=0.5 if loud else 0.1)


def test_the_snr_by_hand() -> None:
    """A sine of amplitude 0.2 has power 0.02; noise of standard deviation 0.02 has 0.0004: a factor of 50, 17 dB."""
    voice = Waveform((0.2 * np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)).astype(np.float32), 16000)
    behind = np.random.default_rng(1).normal(0, 0.02, 3 * 16000).astype(np.float32)
    behind[8000:24000] += voice.samples
    assert snr_of(Waveform(behind, 16000), voice, lead_s=0.5) == pytest.approx(16.99, abs=0.1)


def test_what_is_no_mixture_of_the_voice_has_no_snr() -> None:
    assert snr_of(SPEECH, SPEECH, lead_s=0.0) is None  # nothing else in it
    assert snr_of(SPEECH, SPEECH, lead_s=0.5) is None  # longer than its place
    assert snr_of(noise(seconds=3.0), silence(1.0, 16_000), lead_s=0.0) is None
    assert snr_of(noise(seconds=3.0, rate_hz=8000), SPEECH, lead_s=0.0) is None


def _at(wave):  # type: ignore[no-untyped-def]
    from s2s_arena.audio.resampling import resample

    return resample(wave, SPEECH.rate_hz)


def test_a_loop_is_smooth_at_its_seams() -> None:
    # 0.3 s of a 100.5 Hz tone does not close on itself: without the cross-fade it would jump.
    clip = tone(100.5, seconds=0.3, rate_hz=16_000, amplitude=0.5)
    looped = loop(clip, 32_000)
    assert np.abs(np.diff(looped)).max() < 1.6 * np.abs(np.diff(clip.samples)).max()


def test_a_loop_keeps_the_level_of_noise() -> None:
    looped = loop(noise(seconds=0.4, rms=0.1), 160_000)
    assert np.sqrt(mean_square(looped)) == pytest.approx(0.1, rel=0.05)


def test_long_noise_is_used_as_it_is_from_the_offset_on() -> None:
    long = noise(seconds=5.0)
    assert np.array_equal(loop(long, 1600, offset_s=1.0), long.samples[16_000:17_600])


@given(st.integers(1, 200), st.integers(0, 1000), st.floats(0.0, 10.0))
@settings(max_examples=60, deadline=None)
def test_a_loop_has_the_length_asked(have: int, want: int, offset_s: float) -> None:
    assert loop(noise(seconds=have / 1000, rate_hz=1000), want, offset_s=offset_s).shape == (want,)


def test_silent_speech_and_silent_noise_are_refused() -> None:
    with pytest.raises(AudioError, match="no active speech"):
        mix_at_snr(silence(1.0, 16_000), noise(), snr_db=10)
    with pytest.raises(AudioError, match="noise is silent"):
        mix_at_snr(SPEECH, silence(1.0, 16_000), snr_db=10)
    with pytest.raises(AudioError, match="0 frames"):
        mix_at_snr(SPEECH, silence(0.0, 16_000), snr_db=10)
