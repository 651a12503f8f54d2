"""What can be wrong with a spoken clip, from the signal alone: level, clipping, silence, duration, noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.levels import FLOOR_DBFS, dbfs, mean_square, peak_dbfs, rms_dbfs
from s2s_arena.audio.waveform import Waveform

CLIP_LEVEL = 0.999
CLIP_RUN = 3  # one full-scale sample is a peak; three in a row are a flattened wave
EDGE_S = 0.02
ABRUPT_DB = 10.0


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
    spans = active_spans(wave)
    mask = active_mask(wave, spans)
    active_s = sum(span.end_s - span.start_s for span in spans)
    return Checks(
        duration_s=wave.duration_s,
        peak_dbfs=peak_dbfs(wave),
        rms_dbfs=rms_dbfs(wave),
        clipping_share=_clipping_share(wave.samples),
        silence_share=max(0.0, 1.0 - active_s / wave.duration_s) if wave.frames else 1.0,
        lead_s=spans[0].start_s if spans else wave.duration_s,
        tail_s=max(0.0, wave.duration_s - spans[-1].end_s) if spans else wave.duration_s,
        snr_db=_snr_db(wave, mask),
        empty=wave.frames == 0,
        silent=not spans,
        ends_abruptly=_ends_abruptly(wave, mask),
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


def _snr_db(wave: Waveform, mask: NDArray[np.bool_]) -> float | None:
    rest = ~mask
    if not mask.any() or rest.sum() < 0.1 * wave.rate_hz:
        return None
    return max(0.0, _level(wave.samples[mask]) - _level(wave.samples[rest]))


def _ends_abruptly(wave: Waveform, mask: NDArray[np.bool_]) -> bool:
    edge = max(1, round(EDGE_S * wave.rate_hz))
    if wave.frames <= 2 * edge or not mask[-edge:].any():
        return False
    return _level(wave.samples[-edge:]) > max(FLOOR_DBFS, _level(wave.samples[mask]) - ABRUPT_DB)


def _level(samples: NDArray[np.float32]) -> float:
    return dbfs(float(np.sqrt(mean_square(samples))))
