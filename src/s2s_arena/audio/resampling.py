"""Changing the sample rate without changing pitch, level or length."""

import numpy as np
import soxr

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError


def resample(wave: Waveform, rate_hz: int) -> Waveform:
    """The same audio at another rate, band-limited (soxr, very high quality).

    Returns:
        round(frames * rate_hz / wave.rate_hz) frames. The waveform itself if it already has that rate.

    Raises:
        AudioError: `rate_hz` is outside 1000..384000.
    """
    if rate_hz == wave.rate_hz:
        return wave
    if not 1000 <= rate_hz <= 384_000:
        raise AudioError(f"resampling: rate {rate_hz} Hz asked, 1000..384000 Hz possible; ask for a rate in between")
    frames = round(wave.frames * rate_hz / wave.rate_hz)
    if frames == 0:
        return Waveform(np.zeros(0, dtype=np.float32), rate_hz)
    converted = np.asarray(soxr.resample(wave.samples, wave.rate_hz, rate_hz, quality="VHQ"), dtype=np.float32)
    # soxr may be one frame off for awkward ratios, and the length is a promise.
    samples = np.zeros(frames, dtype=np.float32)
    kept = min(frames, converted.shape[0])
    samples[:kept] = converted[:kept]
    return Waveform(samples, rate_hz)
