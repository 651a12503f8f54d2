"""What can be wrong with a spoken clip, from the signal alone: level, clipping, silence, duration, noise."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_spans
from s2s_arena.audio.levels import FLOOR_DBFS, dbfs, peak_dbfs, running_energy
from s2s_arena.audio.waveform import Waveform

CLIP_LEVEL = 0.999
CLIP_RUN = 3  # one full-scale sample is a peak; three in a row are a flattened wave
EDGE_S = 0.02
ABRUPT_DB = 10.0

Stretch = tuple[int, int]
"""From a sample up to another, which does not belong to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Measurements of one clip. Levels are in dBFS and never below -120."""

    duration_s: float
    peak_dbfs: float
    rms_dbfs: float
    clipping_share: float  # of samples in runs of three or more at full scale, 0..1
    silence_share: float  # of the duration outside active speech, 0..1
    lead_s: float  # silence before the first active span; the whole duration if nothing is active
    tail_s: float  # silence after the last
    snr_db: float | None  # active speech over the rest; None without speech, or with less than 0.1 s of rest
    empty: bool  # no frames
    silent: bool  # nothing active
    ends_abruptly: bool  # the last 20 ms are nearly as loud as the speech: probably cut off


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a measurement becomes a flag."""

    shortest_s: float = 0.3
    longest_s: float = 300.0
    quietest_dbfs: float = -45.0  # RMS of the whole clip
    clipping_share: float = 0.001
    silence_share: float = 0.7
    lead_s: float = 2.0
    tail_s: float = 3.0
    lowest_snr_db: float = 5.0


def check(wave: Waveform) -> Checks:
    """Measures a clip of any length, empty and silent ones included."""
    energy = running_energy(wave)  # each answer is checked, so each level is a subtraction
    spans = active_spans(wave, energy=energy)
    active = [(_frame(span.start_s, wave), _frame(span.end_s, wave)) for span in spans]
    active_s = sum(span.end_s - span.start_s for span in spans)
    return Checks(
        duration_s=wave.duration_s,
        peak_dbfs=peak_dbfs(wave),
        rms_dbfs=_level(energy, [(0, wave.frames)]),
        clipping_share=_clipping_share(wave.samples),
        silence_share=max(0.0, 1.0 - active_s / wave.duration_s) if wave.frames else 1.0,
        lead_s=spans[0].start_s if spans else wave.duration_s,
        tail_s=max(0.0, wave.duration_s - spans[-1].end_s) if spans else wave.duration_s,
        snr_db=_snr_db(energy, active, rate_hz=wave.rate_hz),
        empty=wave.frames == 0,
        silent=not spans,
        ends_abruptly=_ends_abruptly(energy, active, rate_hz=wave.rate_hz),
    )


def flags(checks: Checks, limits: Limits | None = None) -> tuple[str, ...]:
    """Names of what is wrong, the gravest first; nothing for a clean clip.

    empty, silent, too_short, too_long, too_quiet, clipped, mostly_silence, long_lead, long_tail, noisy,
    ends_abruptly. An empty or silent clip gets that flag alone: all others would follow from it.
    """
    at = limits or Limits()
    if checks.empty:
        return ("empty",)
    if checks.silent:
        return ("silent",)
    found = {
        "too_short": checks.duration_s < at.shortest_s,
        "too_long": checks.duration_s > at.longest_s,
        "too_quiet": checks.rms_dbfs < at.quietest_dbfs,
        "clipped": checks.clipping_share > at.clipping_share,
        "mostly_silence": checks.silence_share > at.silence_share,
        "long_lead": checks.lead_s > at.lead_s,
        "long_tail": checks.tail_s > at.tail_s,
        "noisy": checks.snr_db is not None and checks.snr_db < at.lowest_snr_db,
        "ends_abruptly": checks.ends_abruptly,
    }
    return tuple(name for name, wrong in found.items() if wrong)


def _clipping_share(samples: NDArray[np.float32]) -> float:
    if samples.size == 0:
        return 0.0
    if max(float(samples.max()), -float(samples.min())) < CLIP_LEVEL:
        return 0.0
    full = np.concatenate([[False], np.abs(samples) >= CLIP_LEVEL, [False]])
    edges = np.flatnonzero(np.diff(full.astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return float(lengths[lengths >= CLIP_RUN].sum()) / samples.size


def _frame(seconds: float, wave: Waveform) -> int:
    return min(wave.frames, round(seconds * wave.rate_hz))


def _snr_db(energy: NDArray[np.float64], active: Sequence[Stretch], *, rate_hz: int) -> float | None:
    frames = energy.size - 1
    rest = list(zip([0, *(end for _, end in active)], [*(start for start, _ in active), frames], strict=True))
    if not _frames(active) or _frames(rest) < 0.1 * rate_hz:
        return None
    return max(0.0, _level(energy, active) - _level(energy, rest))


def _ends_abruptly(energy: NDArray[np.float64], active: Sequence[Stretch], *, rate_hz: int) -> bool:
    frames = energy.size - 1
    edge = max(1, round(EDGE_S * rate_hz))
    if frames <= 2 * edge or not active or active[-1][1] <= frames - edge:
        return False
    return _level(energy, [(frames - edge, frames)]) > max(FLOOR_DBFS, _level(energy, active) - ABRUPT_DB)


def _frames(stretches: Sequence[Stretch]) -> int:
    return sum(end - start for start, end in stretches)


def _level(energy: NDArray[np.float64], stretches: Sequence[Stretch]) -> float:
    total = sum(float(energy[end] - energy[start]) for start, end in stretches)
    return dbfs(math.sqrt(total / max(1, _frames(stretches))))
