"""Peak and RMS levels in dBFS, with a floor instead of minus infinity."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform

FLOOR_DBFS = -120.0
"""What digital silence reads: below every real recording and still a finite number."""


def dbfs(amplitude: float) -> float:
    """20 log10 of a linear amplitude (1.0 is full scale), never below `FLOOR_DBFS`."""
    return max(FLOOR_DBFS, 20.0 * float(np.log10(max(amplitude, 1e-12))))


def rms_dbfs(wave: Waveform) -> float:
    """RMS over the whole waveform in dBFS; a full-scale sine reads -3.01. Empty or silent: `FLOOR_DBFS`."""
    return dbfs(float(np.sqrt(mean_square(wave.samples))))


def peak_dbfs(wave: Waveform) -> float:
    """Largest absolute sample in dBFS. Empty or silent: `FLOOR_DBFS`."""
    return dbfs(float(np.abs(wave.samples).max())) if wave.frames else FLOOR_DBFS


def mean_square(samples: NDArray[np.float32]) -> float:
    """Mean of squares in double precision, of samples of any shape; 0 if there are none."""
    return float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0


def running_energy(wave: Waveform) -> NDArray[np.float64]:
    """Sum of squares before each sample and after the last, shape (frames + 1,): any stretch's by one subtraction."""
    energy = np.zeros(wave.frames + 1)
    energy[1:] = wave.samples
    np.square(energy, out=energy)
    return np.cumsum(energy, out=energy)
