"""Signals of known content that the audio tests measure."""

import numpy as np

from s2s_arena.audio.waveform import Waveform


def tone(hz: float = 997.0, *, seconds: float = 1.0, rate_hz: int = 48_000, amplitude: float = 1.0) -> Waveform:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return Waveform((amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32), rate_hz)


def noise(*, seconds: float = 1.0, rate_hz: int = 16_000, rms: float = 0.1, seed: int = 0) -> Waveform:
    samples = np.random.default_rng(seed).standard_normal(round(seconds * rate_hz)) * rms
    return Waveform(samples.astype(np.float32), rate_hz)


def bursts(
    spans: list[tuple[float, float]], *, seconds: float, rate_hz: int = 16_000, rms: float = 0.1, floor: float = 0.0
) -> Waveform:
    """Noise bursts over the spans, on a noise floor of that RMS."""
    samples = noise(seconds=seconds, rate_hz=rate_hz, rms=1.0, seed=1).samples * floor
    loud = noise(seconds=seconds, rate_hz=rate_hz, rms=rms, seed=2).samples
    mask = np.zeros(samples.size)
    for start_s, end_s in spans:
        mask[round(start_s * rate_hz) : round(end_s * rate_hz)] = 1.0
    return Waveform((samples + loud * mask).astype(np.float32), rate_hz)
