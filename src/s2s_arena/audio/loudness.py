"""Loudness by ITU-R BS.1770-4, also for clips shorter than its block, and gain."""

import numpy as np

from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

BLOCK_S = 0.4
GATE_LUFS = -70.0
_RATE_HZ = 48_000  # the standard's filter coefficients are given for this rate


def loudness_lufs(wave: Waveform) -> float | None:
    """Integrated loudness in LUFS; a full-scale 997 Hz sine reads -3.01.

    Measured at 48 kHz at least, so that the same sound reads the same at every rate. A clip shorter than the
    standard's 400 ms block is measured as one block of its own length, without the relative gate: what the
    standard gives for one block, with a shorter integration time.

    Returns:
        None for silence: an empty clip, or nothing above the absolute gate of -70 LUFS.
    """
    if wave.frames == 0 or peak_dbfs(wave) < GATE_LUFS:
        return None
    import pyloudnorm  # noqa: PLC0415  brings scipy.signal, which takes half a second that `gain` should not cost

    loud = resample(wave, _RATE_HZ) if wave.rate_hz < _RATE_HZ else wave
    if loud.frames == 0:
        return None
    # A hair shorter than the clip: pyloudnorm compares block * rate with frames in floating point.
    block_s = min(BLOCK_S, loud.duration_s * (1.0 - 1e-9))
    meter = pyloudnorm.Meter(loud.rate_hz, block_size=block_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = float(meter.integrated_loudness(loud.samples.astype(np.float64)))
    return measured if np.isfinite(measured) else None


def gain(wave: Waveform, db: float) -> Waveform:
    """The waveform scaled by `db` decibels; not clipped, so a large gain may leave -1..1."""
    return Waveform((wave.samples.astype(np.float64) * 10.0 ** (db / 20.0)).astype(np.float32), wave.rate_hz)


def normalise(wave: Waveform, lufs: float, *, ceiling_dbfs: float = -0.1) -> Waveform:
    """The waveform at `lufs`, or as near as its peaks allow without passing `ceiling_dbfs`.

    Raises:
        AudioError: The waveform is silent, so that no gain would give it a loudness.
    """
    measured = loudness_lufs(wave)
    if measured is None:
        raise AudioError(f"loudness: {wave.duration_s:.2f} s of silence cannot be brought to {lufs} LUFS; give speech")
    return gain(wave, min(lufs - measured, ceiling_dbfs - peak_dbfs(wave)))
