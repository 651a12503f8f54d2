"""Sounds made by rule: tones that stand for words, so that rehearsals need no model and no recording."""

import hashlib
from collections.abc import Sequence

import numpy as np

from s2s_arena.audio.waveform import Waveform

WORD_S = 0.18
GAP_S = 0.06


def tone(hz: float = 220.0, *, seconds: float = 0.5, rate_hz: int = 16000, level: float = 0.2) -> Waveform:
    """A sine with 5 ms ramps, so that it starts and ends without a click."""
    frames = max(1, round(seconds * rate_hz))
    times = np.arange(frames) / rate_hz
    ramp = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.005)
    return Waveform((level * ramp * np.sin(2 * np.pi * hz * times)).astype(np.float32), rate_hz)


def silence(seconds: float = 0.5, *, rate_hz: int = 16000) -> Waveform:
    """Digital silence."""
    return Waveform(np.zeros(round(seconds * rate_hz), dtype=np.float32), rate_hz)


def pitch_of(word: str) -> float:
    """The tone that stands for a word, 120..600 Hz: the same for the same word everywhere."""
    digest = hashlib.sha256(word.lower().encode()).digest()
    return 120.0 + int.from_bytes(digest[:2]) / 65535.0 * 480.0


def tones(words: Sequence[str], *, rate_hz: int = 16000, rate: float = 1.0, level: float = 0.2) -> Waveform:
    """One tone a word with short gaps and silent edges; `rate` above 1 is faster."""
    gap = np.zeros(round(GAP_S / rate * rate_hz), dtype=np.float32)
    parts = [gap]
    for word in words or ("silence",):
        parts += [tone(pitch_of(word), seconds=WORD_S / rate, rate_hz=rate_hz, level=level).samples, gap]
    return Waveform(np.concatenate(parts), rate_hz)
