"""A simple tune laid over speech: one sustained note a syllable."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from s2s_arena.models.world import FRAME_S, Analysis, resample_frames

TUNE: tuple[tuple[int, float], ...] = (
    (0, 1.0), (0, 1.0), (4, 1.0), (7, 1.0), (9, 1.0), (7, 2.0),
    (5, 1.0), (5, 1.0), (4, 1.0), (2, 1.0), (4, 1.0), (0, 2.0),
)  # fmt: skip
"""Semitones above the key note, and beats: a tune of our own on the major scale."""

BEAT_S = 0.36
_VIBRATO_ST, _VIBRATO_HZ = 0.25, 5.5
_GLIDE_FRAMES = 8


def sing(parts: Analysis, syllables: int, *, rate: float = 1.0) -> Analysis:
    """The speech with one note of `TUNE` for each syllable, held for its beats.

    Syllable borders are the quietest frames near equal shares of the sounding time; the key note is the voice's
    own median F0.

    Args:
        parts: Speech without pauses at its edges.
        syllables: At least 1.
        rate: Factor on tempo.
    """
    key_hz = parts.level_hz
    if key_hz is None:
        return parts
    borders = _borders(parts, max(1, syllables))
    indices: list[NDArray[np.float64]] = []
    notes: list[NDArray[np.float64]] = []
    for n, (start, end) in enumerate(pairwise(borders.tolist())):
        semitone, beats = TUNE[n % len(TUNE)]
        if n == len(borders) - 2:
            semitone, beats = 0, 2.0  # the last syllable comes home
        frames = max(4, round(beats * BEAT_S / rate / FRAME_S))
        indices.append(_held(parts, start, end, frames))
        notes.append(np.full(frames, float(semitone)))
    sung = resample_frames(parts, np.concatenate(indices))
    pitch = _glide(np.concatenate(notes))
    times = np.arange(pitch.size) * FRAME_S
    pitch = pitch + _VIBRATO_ST * np.sin(2 * np.pi * _VIBRATO_HZ * times)
    f0 = np.where(sung.f0_hz > 0, key_hz * 2.0 ** (pitch / 12.0), 0.0)
    return Analysis(f0, sung.envelope, sung.aperiodicity, sung.rate_hz)


def _borders(parts: Analysis, syllables: int) -> NDArray[np.int64]:
    energy = np.log(parts.envelope.mean(axis=1) + 1e-12)
    frames = energy.size
    sounding = np.cumsum(energy > energy.max() - 8.0).astype(np.float64)
    shares = np.linspace(0.0, sounding[-1], syllables + 1)[1:-1]
    reach = max(1, int(0.35 * frames / syllables))
    borders = [0]
    for share in shares:
        centre = int(np.searchsorted(sounding, share))
        low, high = max(borders[-1] + 2, centre - reach), min(frames - 1, centre + reach)
        borders.append(low + int(np.argmin(energy[low:high])) if high > low else min(frames - 1, borders[-1] + 2))
    return np.array([*borders, frames], dtype=np.int64)


def _held(parts: Analysis, start: int, end: int, frames: int) -> NDArray[np.float64]:
    """Frame indices that keep consonants at their length and hold the voiced middle."""
    length = end - start
    if length <= 1:
        return np.full(frames, float(min(start, parts.f0_hz.size - 1)))
    voiced = np.where(parts.voiced[start:end], 1.0, 0.05 if frames > length else 1.0) + 1e-3
    extra = frames - length
    sizes = 1.0 + extra * voiced / voiced.sum() if extra > 0 else np.full(length, frames / length)
    ends = np.cumsum(sizes)
    held: NDArray[np.float64] = np.interp(
        np.arange(frames) + 0.5, ends - sizes / 2, np.arange(start, end, dtype=np.float64)
    )
    return held


def _glide(notes: NDArray[np.float64]) -> NDArray[np.float64]:
    kernel = np.hanning(2 * _GLIDE_FRAMES + 1)
    padded = np.pad(notes, _GLIDE_FRAMES, mode="edge")
    smooth: NDArray[np.float64] = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return smooth
