"""How long the vocal tract sounds: the mean place of a voice's lowest resonances, which tells a child from an adult."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import PitchTrack

RATE_HZ = 12_000
ORDER = 13
FRAME_S = 0.03
WIDEST_HZ = 700.0
COUNTED = 4
_FEWEST = 8
_PRE_EMPHASIS = 0.97


def resonance_st(voice: Waveform, track: PitchTrack) -> float | None:
    """Geometric mean of the four lowest resonances, semitones over 1000 Hz; the median over voiced frames.

    By linear prediction: a vocal tract that is a sixth shorter raises all resonances, and with them this, by 2.6.
    Of a steady voice above about 200 Hz it finds harmonics rather than resonances; a moving one spreads them.

    Args:
        voice: At any rate.
        track: Its F0; resonances are looked for where it is voiced.

    Returns:
        None with fewer than eight frames in which four resonances are found.
    """
    samples = resample(voice, RATE_HZ).samples.astype(np.float64)
    emphasised = np.append(samples[:1], samples[1:] - _PRE_EMPHASIS * samples[:-1])
    size = round(FRAME_S * RATE_HZ)
    window = np.hamming(size)
    means = []
    for time_s in track.times_s[track.voiced]:
        start = round(time_s * RATE_HZ) - size // 2
        if start < 0 or start + size > emphasised.size:
            continue
        found = _resonances(emphasised[start : start + size] * window)
        if found.size >= COUNTED:
            means.append(float(np.log2(found[:COUNTED] / 1000.0).mean()))
    return 12.0 * float(np.median(means)) if len(means) >= _FEWEST else None


def _resonances(frame: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequencies in Hz of narrow poles, ascending."""
    correlation = np.correlate(frame, frame, "full")[frame.size - 1 : frame.size + ORDER]
    if correlation[0] <= 1e-9:
        return np.zeros(0)
    correlation[0] *= 1.0001  # or silence between pulses makes the system singular
    coefficients = solve_toeplitz(correlation[:-1], correlation[1:])
    poles = np.roots(np.concatenate([[1.0], -coefficients]))
    poles = poles[poles.imag > 0]
    places = np.angle(poles) * RATE_HZ / (2.0 * np.pi)
    widths = -np.log(np.abs(poles)) * RATE_HZ / np.pi
    kept: NDArray[np.float64] = np.sort(places[(widths < WIDEST_HZ) & (places > 200.0) & (places < 5700.0)])
    return kept
