"""Claims about levels."""

import numpy as np
import pytest

from s2s_arena.audio.joining import silence
from s2s_arena.audio.levels import FLOOR_DBFS, peak_dbfs, rms_dbfs
from s2s_arena.audio.waveform import Waveform

from .signals import tone


def test_a_full_scale_sine_has_an_rms_of_minus_three_and_a_peak_of_zero() -> None:
    assert rms_dbfs(tone()) == pytest.approx(-3.0103, abs=0.001)
    assert peak_dbfs(tone()) == pytest.approx(0.0, abs=0.01)


def test_a_constant_of_one_tenth_is_minus_twenty() -> None:
    wave = Waveform(np.full(100, -0.1, dtype=np.float32), 8000)
    assert rms_dbfs(wave) == pytest.approx(-20.0, abs=1e-4)
    assert peak_dbfs(wave) == pytest.approx(-20.0, abs=1e-4)


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_silence_reads_the_floor_and_not_infinity(seconds: float) -> None:
    assert rms_dbfs(silence(seconds, 8000)) == FLOOR_DBFS
    assert peak_dbfs(silence(seconds, 8000)) == FLOOR_DBFS
