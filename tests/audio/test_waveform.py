"""Claims about the one form of audio inside."""

import hashlib

import numpy as np
import pytest

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

from .signals import tone


def test_the_hash_is_of_the_canonical_pcm_by_hand() -> None:
    # 0.5 * 32768 = 16384 = 0x4000, little endian 00 40; -1 -> 00 80; 1 is clipped to 32767 = ff 7f.
    wave = Waveform(np.array([0.5, -1.0, 1.0], dtype=np.float32), 16_000)
    assert wave.hash() == hashlib.sha256(b"pcm_s16le/16000/1/" + bytes.fromhex("00400080ff7f")).hexdigest()


def test_the_hash_depends_on_the_rate() -> None:
    wave = tone(seconds=0.01)
    assert wave.hash() != Waveform(wave.samples, 44_100).hash()


def test_samples_are_read_only_and_the_caller_keeps_its_own() -> None:
    mine = np.zeros(4, dtype=np.float32)
    wave = Waveform(mine, 8000)
    mine[0] = 1.0
    assert wave.samples[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        wave.samples[0] = 1.0


@pytest.mark.parametrize(
    ("samples", "rate_hz", "says"),
    [
        (np.zeros((3, 2), dtype=np.float32), 8000, "shape"),
        (np.zeros(3, dtype=np.float32), 0, "rate 0"),
        (np.array([0.0, np.nan], dtype=np.float32), 8000, "sample 1 is nan"),
        (np.array([np.inf], dtype=np.float32), 8000, "sample 0 is inf"),
    ],
)
def test_bad_arrays_are_refused(samples: np.ndarray, rate_hz: int, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        Waveform(samples, rate_hz)
