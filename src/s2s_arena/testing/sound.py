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


def babble(seed: str, *, seconds: float = 1.5, rate_hz: int = 24000, level: float = 0.1) -> Waveform:
    """Like speech to instruments: voiced syllables with formants, hisses up to the Nyquist, pauses, a quiet room."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    whole = round(seconds * rate_hz)
    made = rng.normal(0.0, 3e-4, whole)
    at = round(0.05 * rate_hz)
    while at < whole:
        frames = min(round(rng.uniform(0.08, 0.22) * rate_hz), whole - at)
        times = np.arange(frames) / rate_hz
        shape = np.hanning(frames + 2)[1:-1]
        if rng.random() < 0.7:
            f0, formants = rng.uniform(90, 260), rng.uniform((250, 800, 2000), (800, 2000, 3500))
            harmonics = np.arange(1, max(2, int(0.45 * rate_hz / f0)))
            gains = sum(1.0 / (1.0 + np.square((harmonics * f0 - f) / 150.0)) for f in formants) + 0.02 / harmonics
            waves = np.sin(2 * np.pi * f0 * harmonics[:, None] * times + rng.uniform(0, 6.28, (len(harmonics), 1)))
            syllable = (gains[:, None] * waves).sum(axis=0)
        else:
            syllable = np.diff(rng.normal(0.0, 0.5, frames + 1))
        made[at : at + frames] += level * rng.uniform(0.4, 1.0) * shape * syllable
        at += frames + round(rng.choice([0.0, 0.03, 0.12]) * rate_hz)
    return Waveform(made.clip(-0.99, 0.99).astype(np.float32), rate_hz)
