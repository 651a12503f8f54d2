"""Sound that is there twice: what a stream leaves behind when it sends its beginning again."""

import numpy as np

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.waveform import Waveform

SEGMENT_S = 0.25
WITHIN_S = 5.0
ALIKE = 0.995  # nobody says the same quarter of a second twice so nearly alike
PERIODIC = 0.98  # a segment that repeats in itself says nothing


def start_repeats_after_s(wave: Waveform) -> float | None:
    """Seconds after which the first quarter of a second of speech comes again, sample by sample; None if it does not.

    Looked for in the next five seconds. A steady tone, which repeats in itself, is not said to.
    """
    spans = active_spans(wave)
    size = round(SEGMENT_S * wave.rate_hz)
    if not spans:
        return None
    start = round(spans[0].start_s * wave.rate_hz)
    sound = wave.samples[start : start + size + round(WITHIN_S * wave.rate_hz)].astype(np.float64)
    if sound.shape[0] < 2 * size:
        return None
    segment = sound[:size]
    length = 1 << (sound.shape[0] + size).bit_length()
    products = np.fft.irfft(np.fft.rfft(sound, length) * np.conj(np.fft.rfft(segment, length)), length)[
        : sound.shape[0] - size + 1
    ]
    power = np.concatenate([[0.0], np.cumsum(np.square(sound))])
    energies = power[size:] - power[:-size]
    least = 1e-4 * energies[0]
    alike = products / np.sqrt(np.maximum(energies, least) * energies[0])
    alike[energies < least] = 0.0
    inner = alike[round(0.002 * wave.rate_hz) + _decay(alike) : size // 2]
    if inner.size and float(inner.max()) > PERIODIC:
        return None
    later = alike[size:]
    place = int(np.argmax(later)) if later.size else 0
    return (size + place) / wave.rate_hz if later.size and float(later[place]) >= ALIKE else None


def _decay(alike: np.ndarray) -> int:
    """How far the match with itself reaches: to where it first stops falling."""
    rising = np.flatnonzero(np.diff(alike) > 0)
    return int(rising[0]) if rising.size else alike.shape[0]
