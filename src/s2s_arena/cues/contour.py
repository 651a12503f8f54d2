"""The F0 contour of an utterance: octave errors removed, then level, range, final slope and sustained notes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from s2s_arena.audio.activity import FRAME_S, HOP_S
from s2s_arena.protocols import PitchTrack
from s2s_arena.records.cues import Span

REFERENCE_HZ = 100.0  # 0 semitones
FINAL_S = 0.3
NOTE_S = 0.16  # a sung note is held at least this long
NOTE_ST = 0.4  # and stays this near to its centre
_FULL_DB = 6.0
_FEW = 5  # frames below which nothing is said about a contour


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """Voiced frames of active speech.

    Attributes:
        times_s: Shape (frames,), ascending.
        semitones: Shape (frames,), above 100 Hz.
        weights: Shape (frames,), 0..1, by loudness. Whether a fading, creaky end is voiced is a matter of taste, and
            it lies at the edge of the range: it must not decide what the range is.
        step_s: Time between neighbouring frames of the track it was taken from.
    """

    times_s: NDArray[np.float64]
    semitones: NDArray[np.float64]
    weights: NDArray[np.float64]
    step_s: float

    @property
    def median_hz(self) -> float | None:
        """The level."""
        return float(REFERENCE_HZ * 2.0 ** (np.median(self.semitones) / 12.0)) if self._enough else None

    @property
    def range_st(self) -> float | None:
        """From the 5th to the 95th percentile by loudness, semitones."""
        if not self._enough:
            return None
        order = np.argsort(self.semitones)
        weights = self.weights[order]
        below = (np.cumsum(weights) - weights / 2.0) / weights.sum()
        low, high = np.interp([0.05, 0.95], below, self.semitones[order])
        return float(high - low)

    @property
    def sd_st(self) -> float | None:
        """Standard deviation by loudness, semitones."""
        if not self._enough:
            return None
        mean = np.average(self.semitones, weights=self.weights)
        return float(np.sqrt(np.average((self.semitones - mean) ** 2, weights=self.weights)))

    @property
    def final_slope_st_s(self) -> float | None:
        """Slope over the last 300 ms of voicing, semitones per second; None if hardly any of it is voiced."""
        if not self._enough:
            return None
        last = self.times_s >= self.times_s[-1] - FINAL_S
        if last.sum() < _FEW:
            return None
        times = self.times_s[last] - self.times_s[last].mean()
        return float((times * self.semitones[last]).sum() / (times**2).sum())

    @property
    def note_share(self) -> float:
        """Share of voiced time in sustained notes: speech glides, singing holds. 0 without voicing."""
        if not self._enough:
            return 0.0
        breaks = np.flatnonzero(np.diff(self.times_s) > 1.5 * self.step_s) + 1
        held = sum(_held(run) for run in np.split(self.semitones, breaks) if run.size * self.step_s >= NOTE_S)
        return held / self.semitones.size

    @property
    def _enough(self) -> bool:
        return self.semitones.size >= _FEW

    def within(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Semitones of the frames between two times."""
        inside: NDArray[np.float64] = self.semitones[(self.times_s >= start_s) & (self.times_s <= end_s)]
        return inside


def contour(pitch: PitchTrack, spans: Sequence[Span], *, levels_dbfs: NDArray[np.float64] | None = None) -> Contour:
    """The track's voiced frames inside the spans, without octave jumps and stray frames.

    Args:
        pitch: F0.
        spans: Active speech.
        levels_dbfs: From `audio.activity.frame_levels_dbfs`; without them all frames weigh the same.
    """
    step_s = float(np.median(np.diff(pitch.times_s))) if pitch.times_s.size > 1 else 0.01
    inside = np.zeros(pitch.times_s.shape, dtype=np.bool_)
    for span in spans:
        inside |= (pitch.times_s >= span.start_s) & (pitch.times_s <= span.end_s)
    used = inside & pitch.voiced & (pitch.f0_hz > 0)
    times, semitones = pitch.times_s[used], 12.0 * np.log2(pitch.f0_hz[used] / REFERENCE_HZ)
    if semitones.size >= _FEW:
        semitones = _folded(semitones, frames=round(0.5 / step_s))
        steady = np.abs(semitones - median_filter(semitones, size=5, mode="nearest")) < 4.0
        times, semitones = times[steady], semitones[steady]
    return Contour(times, semitones, _weights(times, levels_dbfs), step_s)


def _weights(times_s: NDArray[np.float64], levels_dbfs: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """1 down to 6 dB below the loudest frames (95th percentile), then in proportion to power."""
    if levels_dbfs is None or not levels_dbfs.size:
        return np.ones(times_s.shape)
    centres = np.arange(levels_dbfs.size) * HOP_S + FRAME_S / 2.0
    levels = np.interp(times_s, centres, levels_dbfs)
    full = float(np.percentile(levels_dbfs, 95)) - _FULL_DB
    weights: NDArray[np.float64] = np.clip(10.0 ** ((levels - full) / 10.0), 1e-4, 1.0)
    return weights


def _folded(semitones: NDArray[np.float64], *, frames: int) -> NDArray[np.float64]:
    """Frames about an octave from both their surroundings and the utterance's level, moved by that octave.

    Surroundings alone would fold a true rise; an error is far from the level too.
    """
    local = semitones - median_filter(semitones, size=max(3, frames | 1), mode="nearest")
    overall = semitones - np.median(semitones)
    octaves = np.rint(local / 12.0)
    wrong = (octaves != 0) & (np.abs(local - 12.0 * octaves) < 3.0) & (np.abs(overall) > 7.0) & (local * overall > 0)
    return np.where(wrong, semitones - 12.0 * octaves, semitones)


def _held(run: NDArray[np.float64]) -> int:
    """Frames of a voiced run that stay near the median of their surroundings of one note's length."""
    frames = 11
    if run.size < frames:
        return 0
    blocks = np.lib.stride_tricks.sliding_window_view(run, frames)
    calm = np.ptp(blocks, axis=1) <= 2.0 * NOTE_ST
    covered = np.zeros(run.size, dtype=np.bool_)
    for start in np.flatnonzero(calm):
        covered[start : start + frames] = True
    return int(covered.sum())
