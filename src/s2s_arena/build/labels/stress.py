"""Which word is stressed: a reading beside a plain one by the same voice, word by word in time, level and pitch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from s2s_arena.audio.activity import active_spans, frame_levels_dbfs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.contour import Contour, contour
from s2s_arena.protocols import PitchTracker
from s2s_arena.records.cues import Word

HOP_S = 0.01  # that of `frame_levels_dbfs`
RATE_HZ = 16_000
LEAST_WORDS = 3
_WINDOW_S = 0.025
_BANDS, _KEPT = 24, 13
_SLACK_S = 0.02
_SIDEWAYS = 1.3  # what a step costs that moves in one reading only: time warps no more than it must

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """How one word differs from its plain reading, beyond what the whole reading differs by.

    Attributes:
        word: As heard.
        length: Natural logarithm of the ratio of durations.
        level_db: Of its loudest part.
        pitch_st: Of its highest part; 0 where it is unvoiced.
    """

    word: str
    length: float
    level_db: float
    pitch_st: float


def excesses(spoken: Waveform, plain: Waveform, words: Sequence[Word], *, pitch: PitchTracker) -> tuple[Excess, ...]:
    """Each word's excess over the median word.

    The two readings are aligned by their spectra (dynamic time warping), so that word times are needed of the plain
    one only, and a boundary that is vague is as vague in both.

    Args:
        spoken: The reading in question, without background.
        plain: The same words by the same voice, plainly.
        words: In order, with their times in the plain reading.
        pitch: Not the instrument that shaped the speech.

    Returns:
        One a word; nothing for fewer than three words, of which none can stand out.
    """
    if len(words) < LEAST_WORDS:
        return ()
    ours, theirs = (resample(wave, RATE_HZ) for wave in (spoken, plain))
    if not active_spans(ours) or not active_spans(theirs):
        return ()
    at = _warp(_features(theirs), _features(ours))
    tunes = [_tune(wave, pitch) for wave in (ours, theirs)]
    levels = [frame_levels_dbfs(wave) for wave in (ours, theirs)]
    rows = []
    for word in words:
        start, end = word.start_s, max(word.end_s, word.start_s + 2 * HOP_S)
        here = float(np.interp(start / HOP_S, np.arange(at.size), at)) * HOP_S
        there = max(float(np.interp(end / HOP_S, np.arange(at.size), at)) * HOP_S, here + 2 * HOP_S)
        rows.append(
            (
                np.log((there - here) / (end - start)),
                _loudest(levels[0], here, there) - _loudest(levels[1], start, end),
                _highest(tunes[0], here, there) - _highest(tunes[1], start, end),
            )
        )
    table = np.array(rows)
    table -= np.nanmedian(table, axis=0)
    table = np.nan_to_num(table)
    return tuple(
        Excess(word=word.text, length=float(row[0]), level_db=float(row[1]), pitch_st=float(row[2]))
        for word, row in zip(words, table, strict=True)
    )


def score(excess: Excess, weights: tuple[float, float, float]) -> float:
    """One number for a word's excess; weights of length, level and pitch."""
    return weights[0] * excess.length + weights[1] * excess.level_db + weights[2] * excess.pitch_st


def _tune(wave: Waveform, pitch: PitchTracker) -> Contour:
    return contour(pitch.track(wave), active_spans(wave), levels_dbfs=frame_levels_dbfs(wave))


def _loudest(levels: Array, start_s: float, end_s: float) -> float:
    part = levels[max(0, int(start_s / HOP_S)) : int(end_s / HOP_S) + 1]
    return float(np.percentile(part, 80)) if part.size else np.nan


def _highest(tune: Contour, start_s: float, end_s: float) -> float:
    part = tune.within(start_s - _SLACK_S, end_s + _SLACK_S)
    return float(np.percentile(part, 80)) if part.size > 1 else np.nan


def _features(wave: Waveform) -> Array:
    """Cepstra of 25 ms frames every 10 ms, shape (frames, coefficients), without the level and each of unit spread."""
    size, hop = round(_WINDOW_S * RATE_HZ), round(HOP_S * RATE_HZ)
    padded = np.pad(wave.samples.astype(np.float64), (size // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, 512)) ** 2
    cepstra = dct(np.log(power @ _filters() + 1e-9), type=2, norm="ortho", axis=1)[:, :_KEPT]
    made: Array = (cepstra - cepstra.mean(axis=0)) / (cepstra.std(axis=0) + 1e-6)
    return made


def _filters() -> Array:
    """Triangles of equal width in mel, shape (bins, bands)."""
    mel = np.linspace(2595 * np.log10(1 + 80 / 700), 2595 * np.log10(1 + 7600 / 700), _BANDS + 2)
    corners = 700 * (10 ** (mel / 2595) - 1)
    hz = np.linspace(0, RATE_HZ / 2, 257)
    rise = (hz[:, None] - corners[None, :-2]) / (corners[1:-1] - corners[:-2])
    fall = (corners[None, 2:] - hz[:, None]) / (corners[2:] - corners[1:-1])
    return np.clip(np.minimum(rise, fall), 0.0, None)


def _warp(plain: Array, spoken: Array) -> Array:
    """For each frame of the plain reading the frame of the other, shape (plain frames,), never backwards."""
    rows, columns = plain.shape[0], spoken.shape[0]
    cost = np.sqrt(np.maximum(0.0, _squares(plain)[:, None] + _squares(spoken)[None] - 2.0 * plain @ spoken.T))
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    came = np.zeros((rows + 1, columns + 1), dtype=np.int8)
    # Cells of one anti-diagonal depend on the two before it alone.
    for sum_ in range(2, rows + columns + 1):
        i = np.arange(max(1, sum_ - columns), min(rows, sum_ - 1) + 1)
        j = sum_ - i
        here = cost[i - 1, j - 1]
        ways = np.stack(
            [total[i - 1, j - 1] + here, total[i - 1, j] + _SIDEWAYS * here, total[i, j - 1] + _SIDEWAYS * here]
        )
        best = ways.argmin(axis=0)
        total[i, j] = ways[best, np.arange(i.size)]
        came[i, j] = best
    first, last = np.full(rows, columns, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    i, j = rows, columns
    while i > 0 and j > 0:
        first[i - 1], last[i - 1] = min(first[i - 1], j - 1), max(last[i - 1], j - 1)
        step = came[i, j]
        i, j = i - (step != 2), j - (step != 1)
    made: Array = (first + last) / 2.0
    return np.maximum.accumulate(np.where(first > last, 0.0, made))


def _squares(rows: Array) -> Array:
    found: Array = (rows * rows).sum(axis=1)
    return found
