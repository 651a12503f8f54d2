import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def swift():
    from s2s_arena.models.swift import SwiftPitch

    return SwiftPitch()


def _voice(hz, *, rate_hz=24_000, seconds=1.0):
    phase = 2 * np.pi * np.cumsum(np.full(round(seconds * rate_hz), hz)) / rate_hz
    return Waveform((0.1 * sum(np.sin(k * phase) / k for k in range(1, 12))).astype(np.float32), rate_hz)


@pytest.mark.parametrize("hz", [90.0, 150.0, 240.0, 400.0])
@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 44_100])
def test_a_steady_voice_has_its_pitch_at_any_rate(swift, hz, rate_hz):
    track = swift.track(_voice(hz, rate_hz=rate_hz))
    assert track.voiced.mean() > 0.9
    assert np.median(track.f0_hz[track.voiced]) == pytest.approx(hz, rel=0.01)


def test_frames_follow_the_clock(swift):
    track = swift.track(_voice(150.0, seconds=2.0))
    assert track.times_s.shape == track.f0_hz.shape == track.voiced.shape == track.confidence.shape
    assert track.times_s[-1] == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("samples", [np.zeros(16_000), np.zeros(10), np.zeros(0)])
def test_silence_is_not_voiced(swift, samples):
    assert not swift.track(Waveform(samples.astype(np.float32), 16_000)).voiced.any()


def test_identity_says_version_and_band(swift):
    assert swift.identity.startswith("swift-f0/") and "55-800Hz" in swift.identity
