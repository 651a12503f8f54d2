"""Putting waveforms one after the other, with silence between."""

from collections.abc import Sequence

import numpy as np

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError


def silence(seconds: float, rate_hz: int) -> Waveform:
    """Digital silence of round(seconds * rate_hz) frames; AudioError for a negative length."""
    if not seconds >= 0:
        raise AudioError(f"silence: {seconds} s asked; a length must be 0 s or more")
    return Waveform(np.zeros(round(seconds * rate_hz), dtype=np.float32), rate_hz)


def join(waves: Sequence[Waveform], gaps_s: float | Sequence[float] = 0.0, *, rate_hz: int | None = None) -> Waveform:
    """The waveforms in order, sample for sample, with silences between.

    Args:
        waves: At least one.
        gaps_s: One gap for all, or one for each place between two waveforms.
        rate_hz: Of the result; by default the highest among the waveforms, so that none loses its treble.

    Raises:
        AudioError: No waveform, a wrong number of gaps, or a negative gap.
    """
    if not waves:
        raise AudioError("joining: no waveform given; give at least one")
    gaps = [float(gaps_s)] * (len(waves) - 1) if isinstance(gaps_s, (int, float)) else list(gaps_s)
    if len(gaps) != len(waves) - 1:
        raise AudioError(f"joining: {len(gaps)} gaps given for {len(waves)} waveforms; give {len(waves) - 1}")
    rate = max(wave.rate_hz for wave in waves) if rate_hz is None else rate_hz
    parts = [resample(waves[0], rate).samples]
    for gap, wave in zip(gaps, waves[1:], strict=True):
        parts += [silence(gap, rate).samples, resample(wave, rate).samples]
    return Waveform(np.concatenate(parts), rate)
