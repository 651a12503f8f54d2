"""Speech taken apart and put together again by WORLD: pitch, time, formants, tilt and breath as plain arrays."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform

FRAME_S = 0.005
_F0_FLOOR_HZ, _F0_CEILING_HZ = 60.0, 700.0
_F0_OUT_HZ = (45.0, 1000.0)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """Speech as WORLD sees it, one frame every 5 ms.

    Attributes:
        f0_hz: Shape (frames,); 0 where unvoiced.
        envelope: Shape (frames, bins), power.
        aperiodicity: Shape (frames, bins), 0..1.
        rate_hz: Of the waveform.
    """

    f0_hz: Array
    envelope: Array
    aperiodicity: Array
    rate_hz: int

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Shape (frames,)."""
        return self.f0_hz > 0

    @property
    def level_hz(self) -> float | None:
        """Median F0; None where nothing is voiced."""
        return float(np.median(self.f0_hz[self.voiced])) if self.voiced.any() else None


def analyse(speech: Waveform) -> Analysis:
    """The analysis of a waveform at its own rate; costs about a tenth of its duration."""
    import pyworld  # noqa: PLC0415 - optional dependencies are imported where used

    x = np.ascontiguousarray(speech.samples, dtype=np.float64)
    rate = speech.rate_hz
    # Harvest takes twenty times as long and calls half of the consonants voiced.
    f0, times = pyworld.dio(x, rate, f0_floor=_F0_FLOOR_HZ, f0_ceil=_F0_CEILING_HZ, frame_period=FRAME_S * 1000)
    f0 = pyworld.stonemask(x, f0, times, rate)
    envelope = pyworld.cheaptrick(x, f0, times, rate)
    aperiodicity = pyworld.d4c(x, f0, times, rate)
    return Analysis(f0, envelope, aperiodicity, rate)


def synthesise(parts: Analysis) -> Waveform:
    """A waveform from an analysis."""
    import pyworld  # noqa: PLC0415

    samples = pyworld.synthesize(
        np.ascontiguousarray(parts.f0_hz),
        np.ascontiguousarray(parts.envelope),
        np.ascontiguousarray(parts.aperiodicity),
        parts.rate_hz,
        FRAME_S * 1000,
    )
    return Waveform(np.asarray(samples, dtype=np.float32), parts.rate_hz)


def shift_pitch(parts: Analysis, *, semitones: Array | float, spread: float, level_hz: float | None) -> Analysis:
    """F0 with its excursions around `level_hz` scaled by `spread`, then shifted.

    Args:
        parts: Speech.
        semitones: A number, or shape (frames,).
        spread: 1 leaves the range, 0 is monotone.
        level_hz: What excursions are counted from; None leaves unvoiced speech as it is.
    """
    if level_hz is None:
        return parts
    f0 = parts.f0_hz.copy()
    voiced = parts.voiced
    shift = np.broadcast_to(np.asarray(semitones, dtype=np.float64), f0.shape)
    moved = level_hz * (f0[voiced] / level_hz) ** spread * 2.0 ** (shift[voiced] / 12.0)
    f0[voiced] = np.clip(moved, *_F0_OUT_HZ)
    return replace(parts, f0_hz=f0)


def stretch(parts: Analysis, factors: Array | float) -> Analysis:
    """Speech with each frame's duration multiplied.

    Args:
        parts: Speech.
        factors: A number, or shape (frames,); 2 is twice as long.
    """
    frames = parts.f0_hz.shape[0]
    lengths = np.broadcast_to(np.asarray(factors, dtype=np.float64), (frames,))
    ends = np.cumsum(lengths)
    centres = ends - lengths / 2.0
    wanted = np.arange(max(1, round(float(ends[-1])))) + 0.5
    return resample_frames(parts, np.interp(wanted, centres, np.arange(frames, dtype=np.float64)))


def resample_frames(parts: Analysis, at: Array) -> Analysis:
    """The frames at fractional indices `at`, shape (new frames,); voicing is never blended."""
    last = parts.f0_hz.shape[0] - 1
    low = np.clip(np.floor(at).astype(np.int64), 0, last)
    high = np.minimum(low + 1, last)
    share = np.clip(at - low, 0.0, 1.0)
    nearest = np.where(share < 0.5, low, high)
    both = (parts.f0_hz[low] > 0) & (parts.f0_hz[high] > 0)
    f0 = np.where(both, parts.f0_hz[low] * (1 - share) + parts.f0_hz[high] * share, parts.f0_hz[nearest])
    column = share[:, None]
    envelope = np.exp(
        np.log(parts.envelope[low] + 1e-16) * (1 - column) + np.log(parts.envelope[high] + 1e-16) * column
    )
    aperiodicity = parts.aperiodicity[low] * (1 - column) + parts.aperiodicity[high] * column
    return Analysis(f0, envelope, aperiodicity, parts.rate_hz)


def shift_formants(parts: Analysis, factor: float) -> Analysis:
    """The spectral envelope moved along frequency: above 1 a shorter vocal tract."""
    if factor == 1.0:
        return parts
    bins = parts.envelope.shape[1]
    source = np.minimum(np.arange(bins) / factor, bins - 1.0)
    low = np.floor(source).astype(np.int64)
    high = np.minimum(low + 1, bins - 1)
    share = source - low
    log = np.log(parts.envelope + 1e-16)
    warped = np.exp(log[:, low] * (1 - share) + log[:, high] * share)
    aperiodicity = parts.aperiodicity[:, low] * (1 - share) + parts.aperiodicity[:, high] * share
    return replace(parts, envelope=warped, aperiodicity=aperiodicity)


def tilt(parts: Analysis, db_per_octave: float) -> Analysis:
    """The spectrum turned around 1 kHz, between 125 Hz and 8 kHz."""
    if db_per_octave == 0.0:
        return parts
    hz = np.linspace(0.0, parts.rate_hz / 2, parts.envelope.shape[1])
    octaves = np.log2(np.clip(hz, 125.0, 8000.0) / 1000.0)
    return replace(parts, envelope=parts.envelope * 10.0 ** (db_per_octave * octaves / 10.0))


def add_breath(parts: Analysis, amount: float) -> Analysis:
    """At least `amount` (0..1) of noise in every band."""
    if amount <= 0.0:
        return parts
    return replace(parts, aperiodicity=np.clip(np.maximum(parts.aperiodicity, amount), 0.0, 1.0))


def whisper(parts: Analysis) -> Analysis:
    """The same vocal tract excited by noise alone, with the voice bar at low frequencies taken away."""
    hz = np.linspace(0.0, parts.rate_hz / 2, parts.envelope.shape[1])
    cut = 1.0 / (1.0 + (350.0 / np.maximum(hz, 1.0)) ** 4)
    bright = 10.0 ** (1.5 * np.log2(np.clip(hz, 250.0, 6000.0) / 1000.0) / 10.0)
    return replace(
        parts,
        f0_hz=np.zeros_like(parts.f0_hz),
        envelope=parts.envelope * cut * bright,
        aperiodicity=np.ones_like(parts.aperiodicity),
    )


def tremble(parts: Analysis, depth_st: float, *, hz: float = 4.5) -> Analysis:
    """F0 with a periodic tremor."""
    if depth_st <= 0.0:
        return parts
    times = np.arange(parts.f0_hz.shape[0]) * FRAME_S
    return replace(parts, f0_hz=parts.f0_hz * 2.0 ** (depth_st * np.sin(2 * np.pi * hz * times) / 12.0))
