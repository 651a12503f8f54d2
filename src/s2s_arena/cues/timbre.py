"""The balance of a voice's spectrum: whispering and shouting are bright, murmuring is dark."""

import numpy as np

from s2s_arena.audio.activity import active_mask
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Span

LOW_HZ = (100.0, 1000.0)
HIGH_HZ = (2000.0, 5000.0)
_FRAME_S = 0.032


def brightness_db(speech: Waveform, spans: tuple[Span, ...]) -> float | None:
    """Level of 2-5 kHz over 0.1-1 kHz in active speech, dB; plain speech lies between about -25 and -10.

    Returns:
        None without speech, or if the rate leaves no high band (below 8 kHz).
    """
    size = round(_FRAME_S * speech.rate_hz)
    active = speech.samples[active_mask(speech, spans)]
    if active.size < size or speech.rate_hz < 8000:
        return None
    frames = active[: active.size // size * size].reshape(-1, size).astype(np.float64)
    power = (np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2).mean(axis=0)
    places = np.fft.rfftfreq(size, 1.0 / speech.rate_hz)
    low, high = (power[(places >= start) & (places < stop)].mean() for start, stop in (LOW_HZ, HIGH_HZ))
    return float(10.0 * np.log10((high + 1e-15) / (low + 1e-15)))
