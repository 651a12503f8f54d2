"""Where somebody speaks: active spans from short-time energy, over a noise floor found in the clip itself."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.levels import FLOOR_DBFS, mean_square, running_energy
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Span

FRAME_S = 0.02
HOP_S = 0.01
SILENT_DBFS = -60.0  # a clip whose loudest frames are below this holds no speech
RANGE_DB = 35.0  # the weakest phonemes lie about this far below the loudest
BRIDGE_S = 0.15  # shorter gaps are stop closures, not pauses
SHORTEST_S = 0.05  # shorter bursts are clicks


def active_spans(
    wave: Waveform,
    *,
    bridge_s: float = BRIDGE_S,
    shortest_s: float = SHORTEST_S,
    energy: NDArray[np.float64] | None = None,
) -> tuple[Span, ...]:
    """Spans of active speech in order, disjoint, in seconds, accurate to about one 10 ms hop.

    The threshold lies between the clip's noise floor (10th percentile of 20 ms frame levels) and its
    loudest frames (99th percentile), and at most 35 dB below the latter. A steady sound is one span.

    Args:
        wave: Any length and level.
        bridge_s: Gaps shorter than this belong to the speech.
        shortest_s: Bursts shorter than this do not count.
        energy: Its `running_energy`, if that is at hand.

    Returns:
        Nothing if the loudest frames are below -60 dBFS.
    """
    levels = frame_levels_dbfs(wave, energy=energy)
    if levels.size == 0:
        return ()
    top, floor = (float(level) for level in np.percentile(levels, (99, 10)))
    if top < SILENT_DBFS:
        return ()
    spread = top - floor
    threshold = max(floor + min(6.0, 0.4 * spread), top - RANGE_DB, SILENT_DBFS)
    if spread < 3.0:  # no contrast to find pauses by
        threshold = SILENT_DBFS
    runs = _runs(levels >= threshold)
    spans = [(start * HOP_S, min(wave.duration_s, (stop - 1) * HOP_S + FRAME_S)) for start, stop in runs]
    merged: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        if merged and start_s - merged[-1][1] < bridge_s:
            merged[-1] = (merged[-1][0], end_s)
        else:
            merged.append((start_s, end_s))
    least = min(shortest_s, wave.duration_s)
    return tuple(Span(start_s=a, end_s=b) for a, b in merged if b - a >= least)


def frame_levels_dbfs(wave: Waveform, *, energy: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """RMS of 20 ms frames every 10 ms in dBFS, shape (hops,); the last frames may be shorter. Floor -120.

    Args:
        wave: Any.
        energy: Its `running_energy`, if that is at hand.
    """
    if wave.frames == 0:
        return np.zeros(0)
    # Frame edges follow the clock, not a rounded hop: at 11,025 Hz a rounded hop drifts a second in 20 minutes.
    starts = np.rint(np.arange(0.0, wave.frames / wave.rate_hz, HOP_S) * wave.rate_hz).astype(np.int64)
    starts = starts[starts < wave.frames]
    ends = np.minimum(starts + max(1, round(FRAME_S * wave.rate_hz)), wave.frames)
    if energy is None:
        energy = running_energy(wave)
    mean = np.maximum(energy[ends] - energy[starts], 0.0) / (ends - starts)
    levels: NDArray[np.float64] = np.maximum(FLOOR_DBFS, 10.0 * np.log10(np.maximum(mean, 1e-24)))
    return levels


def active_mask(wave: Waveform, spans: tuple[Span, ...]) -> NDArray[np.bool_]:
    """Which samples lie in a span, shape (frames,)."""
    mask = np.zeros(wave.frames, dtype=np.bool_)
    for span in spans:
        mask[round(span.start_s * wave.rate_hz) : round(span.end_s * wave.rate_hz)] = True
    return mask


def active_mean_square(wave: Waveform, spans: tuple[Span, ...] | None = None) -> float | None:
    """Mean square over active speech; None if nothing is active."""
    mask = active_mask(wave, active_spans(wave) if spans is None else spans)
    return mean_square(wave.samples[mask]) if mask.any() else None


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
