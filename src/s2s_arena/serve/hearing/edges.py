"""Where a source's sound ends: what converters and coders leave of its treble, and put before and after it."""

import numpy as np

from s2s_arena.audio.waveform import Waveform

BAND = 0.9  # of what a rate can carry: beyond it converters differ in how they fade out
WITHIN = 0.95  # of where a cut is found: it is measured by eighths of a kilohertz
QUIET_DB = -45.0  # below the loudest moment: softer than the softest consonant
LOUDEST_S, KEPT_S, FADE_S = 0.005, 0.03, 0.01


def trimmed(wave: Waveform) -> Waveform:
    """Without the silence before and after its sound, but for 30 ms, faded in and out.

    Sound is what comes within 45 dB of the loudest 5 ms: a breath or an f belongs to it, a coder's delay and the
    padding of its last frame do not.
    """
    size = max(1, round(LOUDEST_S * wave.rate_hz))
    if wave.frames < 2 * size:
        return wave
    running = np.concatenate([[0.0], np.cumsum(np.square(wave.samples, dtype=np.float64))])
    power = (running[size:] - running[:-size]) / size
    loud = np.flatnonzero(power > power.max() * 10.0 ** (QUIET_DB / 10.0))
    if not loud.size:
        return wave
    kept, fade = round(KEPT_S * wave.rate_hz), round(FADE_S * wave.rate_hz)
    start, end = max(0, int(loud[0]) - kept), min(wave.frames, int(loud[-1]) + size + kept)
    cut = wave.samples[start:end].copy()
    ramp = np.minimum(1.0, np.arange(1, len(cut) + 1) / fade).astype(np.float32)
    return Waveform(cut * ramp * ramp[::-1], wave.rate_hz)
