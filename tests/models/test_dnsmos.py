import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError
from s2s_arena.models.dnsmos import WINDOW, mel_filters, p808_features, windows

RATE_HZ = 16_000


def _signal(seconds):
    """A gliding buzz with a syllable's rhythm and some noise."""
    count = round(RATE_HZ * seconds)
    t = np.arange(count) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(140 * 2 ** (0.3 * np.sin(2 * np.pi * 0.7 * t))) / RATE_HZ
    x = sum(np.sin(k * phase) / k for k in range(1, 20)) * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * t))
    x = x + 0.02 * np.random.default_rng(0).standard_normal(count)
    return (0.1 * x / np.sqrt(np.mean(x**2))).astype(np.float32)


@pytest.fixture(scope="module")
def meter():
    from s2s_arena.models.dnsmos import Dnsmos

    return Dnsmos(most_windows=99)


@pytest.mark.local
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        # signal, background, overall, P.808 as speechmos 0.0.1.1 itself gives them
        (2.0, (2.3957, 1.8341, 1.6464, 2.3399)),
        (9.5, (2.6748, 1.8617, 1.6622, 2.3661)),
        (11.2, (2.8613, 2.2090, 1.8695, 2.3950)),
    ],
)
def test_scores_are_those_of_the_reference(meter, seconds, expected):
    found = meter.rate(Waveform(_signal(seconds), RATE_HZ))
    assert (found.signal, found.background, found.overall, found.p808) == pytest.approx(expected, abs=0.002)


@pytest.mark.local
def test_noise_lowers_every_score_but_not_below_one(meter):
    clean = _signal(3.0)
    noisy = clean + 0.1 * np.random.default_rng(1).standard_normal(clean.size).astype(np.float32)
    good, bad = (meter.rate(Waveform(x, RATE_HZ)) for x in (clean, noisy))
    assert bad.overall < good.overall and bad.signal < good.signal


@pytest.mark.local
def test_an_empty_clip_cannot_be_rated(meter):
    with pytest.raises(AudioError, match="empty"):
        meter.rate(Waveform(np.zeros(0, dtype=np.float32), RATE_HZ))


@pytest.mark.parametrize(
    ("seconds", "most", "count"), [(0.5, 9, 7), (5.0, 9, 1), (9.01, 9, 1), (12.0, 9, 3), (60.0, 6, 6)]
)
def test_clips_are_cut_into_windows_of_nine_seconds(seconds, most, count):
    cut = windows(np.arange(round(seconds * RATE_HZ), dtype=np.float32), most=most)
    assert len(cut) == count and {piece.size for piece in cut} == {WINDOW}


def test_windows_of_a_long_clip_reach_from_its_start_to_its_end():
    starts = [int(piece[0]) // RATE_HZ for piece in windows(np.arange(60 * RATE_HZ, dtype=np.float32), most=3)]
    assert starts == [0, 25, 50]


def test_features_place_a_tone_in_its_band():
    mel = mel_filters(RATE_HZ, fft=321, mels=120)
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    found = p808_features(tone, mel)
    assert found.shape == (100, 120)
    assert found.max() == pytest.approx(1.0) and found.min() >= -1.0
    centre = np.argmax(mel @ (np.fft.rfftfreq(321, 1 / RATE_HZ) == np.fft.rfftfreq(321, 1 / RATE_HZ)[20]))
    assert abs(int(found[50].argmax()) - int(centre)) <= 1


def test_mel_filters_weigh_bands_by_their_width():
    mel = mel_filters(RATE_HZ, fft=4096, mels=40)
    assert np.allclose(mel.sum(axis=1) * RATE_HZ / 4096, 1.0, atol=0.05)
