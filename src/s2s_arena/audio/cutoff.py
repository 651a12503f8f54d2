"""Where sound ends in frequency: what a coder, a telephone or an earlier rate cut off before it came."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform

BIN_HZ = 125.0
LOWEST_CUT_HZ = 3000.0  # telephones cut at 3.4 kHz; below it speech itself has gaps
HIGHEST_CUT = 0.97  # of half the rate: where that itself ends is known without measuring
CLIFF_DB = 18.0  # within half a kilohertz, and nothing comes back above: no voice or room ends like that
UNDER_DB = -85.0  # below the loudest band: nothing is carried there that could be cut


def cut_hz(waves: Iterable[Waveform]) -> float | None:
    """Where the band of a system's clips was cut off before they came; None if it was not.

    A low-pass of a coder or of an earlier rate shows as a cliff in the mean spectrum after which nothing comes.

    Args:
        waves: Some of its clips; they may have different rates, of which only the commonest is looked at.
    """
    by_rate: dict[int, list[NDArray[np.float64]]] = {}
    for wave in waves:
        spectrum = _spectrum(wave)
        if spectrum is not None:
            by_rate.setdefault(wave.rate_hz, []).append(spectrum)
    mean = np.mean(max(by_rate.values(), key=len), axis=0) if by_rate else np.zeros(1)
    if mean.max() <= 0.0:
        return None
    levels = 10.0 * np.log10(np.maximum(mean / mean.max(), 1e-15))
    most = int(HIGHEST_CUT * len(levels))
    for n in range(round(LOWEST_CUT_HZ / BIN_HZ), most):
        before, after = float(np.median(levels[n - 4 : n])), levels[n + 2 :]
        if before > UNDER_DB and before - float(after.max()) >= CLIFF_DB:
            return n * BIN_HZ
    return None


def _spectrum(wave: Waveform) -> NDArray[np.float64] | None:
    """Mean power in bands of `BIN_HZ` over the louder half of the frames."""
    size = round(wave.rate_hz / BIN_HZ) * 4
    count = wave.frames // size
    if count == 0:
        return None
    frames = wave.samples[: count * size].reshape(count, size).astype(np.float64)
    loud = np.argsort(np.square(frames).sum(axis=1))[count // 2 :]
    power = np.square(np.abs(np.fft.rfft(frames[loud] * np.hanning(size), axis=1))).mean(axis=0)
    bins: NDArray[np.float64] = power[: len(power) // 4 * 4].reshape(-1, 4).mean(axis=1)
    return bins
