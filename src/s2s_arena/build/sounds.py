"""Building blocks of noise scenes: coloured noise, swells, events, bells, murmuring voices, rooms."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

Sound = NDArray[np.float64]  # shape (frames,)
_VOWELS = ((730.0, 1090.0, 2440.0), (530.0, 1840.0, 2480.0), (300.0, 870.0, 2240.0), (570.0, 840.0, 2410.0))


def coloured(
    frames: int,
    rate_hz: int,
    rng: np.random.Generator,
    *,
    tilt: float = -3.0,
    low_hz: float = 20.0,
    high_hz: float = 1e5,
) -> Sound:
    """Stationary noise of unit RMS.

    Args:
        frames: Length.
        rate_hz: Sample rate.
        rng: Source of randomness.
        tilt: Spectral slope in dB per octave; -3 is pink, -6 brown.
        low_hz: Below it the spectrum falls off steeply.
        high_hz: Above it the spectrum falls off steeply.
    """
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hz = np.fft.rfftfreq(frames, 1.0 / rate_hz)
    hz[0] = hz[1] if hz.size > 1 else 1.0
    shape = (hz / 1000.0) ** (tilt / 6.02) / (1.0 + (low_hz / hz) ** 4) / (1.0 + (hz / high_hz) ** 4)
    return unit(np.fft.irfft(spectrum * shape, frames))


def unit(sound: Sound) -> Sound:
    """The sound at unit RMS; silence stays silence."""
    rms = float(np.sqrt(np.mean(sound**2))) if sound.size else 0.0
    return sound / rms if rms > 0.0 else sound


def swell(frames: int, rate_hz: int, rng: np.random.Generator, *, every_s: float, depth: float = 1.0) -> Sound:
    """A slow random envelope in (0, 1]: it rises and falls about once in `every_s`; `depth` 0 is flat."""
    seconds = frames / rate_hz
    knots = max(4, int(np.ceil(seconds / every_s * 2.0)) + 2)
    levels = rng.uniform(0.0, 1.0, knots)
    # Nothing here moves faster than 100 Hz, so the curve is drawn coarsely and interpolated.
    coarse = np.linspace(0.0, knots - 1.0, max(2, int(seconds * 200.0)))
    left = np.minimum(coarse.astype(int), knots - 2)
    ease = 0.5 - 0.5 * np.cos(np.pi * (coarse - left))
    curve = levels[left] * (1.0 - ease) + levels[left + 1] * ease
    fine = np.interp(np.linspace(0.0, coarse.size - 1.0, frames), np.arange(coarse.size), curve)
    return np.asarray(1.0 - depth * (1.0 - np.maximum(fine, 0.02)))


def ring(rate_hz: int, partials_hz: tuple[float, ...], *, decay_s: float, gain: float = 1.0) -> Sound:
    """A struck tone: partials that die away to -60 dB in `decay_s`."""
    t = np.arange(int(decay_s * rate_hz)) / rate_hz
    tone = sum(np.sin(2 * np.pi * hz * t) / (i + 1) for i, hz in enumerate(partials_hz))
    return np.asarray(gain * tone * np.exp(-6.9 * t / decay_s))


def burst(rate_hz: int, rng: np.random.Generator, *, decay_s: float, low_hz: float, high_hz: float) -> Sound:
    """A short noise that dies away: a click, a knock, a clatter."""
    frames = max(16, int(decay_s * rate_hz))
    noise = coloured(frames, rate_hz, rng, tilt=0.0, low_hz=low_hz, high_hz=high_hz)
    return noise * np.exp(-6.9 * np.arange(frames) / frames)


def chirp(rate_hz: int, rng: np.random.Generator, *, low_hz: float, high_hz: float) -> Sound:
    """A bird's note: a quick glide with a soft start and end."""
    frames = int(rng.uniform(0.06, 0.18) * rate_hz)
    ends = rng.uniform(low_hz, high_hz, 2)
    wobble = 1.0 + 0.06 * np.sin(2 * np.pi * rng.uniform(20, 40) * np.arange(frames) / rate_hz)
    hz = np.linspace(ends[0], ends[1], frames) * wobble
    return np.asarray(np.sin(2 * np.pi * np.cumsum(hz) / rate_hz) * np.hanning(frames))


def scatter(
    frames: int, rate_hz: int, rng: np.random.Generator, *, per_s: float, make: Callable[[], Sound], least: int = 1
) -> Sound:
    """Events at random times and levels (within 10 dB): about `per_s` a second, never fewer than `least`."""
    out = np.zeros(frames)
    for _ in range(max(least, int(rng.poisson(per_s * frames / rate_hz)))):
        place(out, make() * 10.0 ** (rng.uniform(-10.0, 0.0) / 20.0), int(rng.integers(0, max(1, frames))))
    return out


def place(out: Sound, sound: Sound, start: int) -> None:
    """Adds the sound to `out` from frame `start` on, cut off at the end."""
    stop = min(out.size, start + sound.size)
    out[start:stop] += sound[: max(0, stop - start)]


def murmur(frames: int, rate_hz: int, rng: np.random.Generator, *, talkers: int) -> Sound:
    """Unintelligible talk: buzzing sources with moving pitch, through vowel resonances, at the pace of syllables."""
    vowels = [_resonances(frames, rate_hz, formants) for formants in _VOWELS]
    mix = np.zeros(frames)
    for _ in range(talkers):
        f0 = rng.uniform(90.0, 240.0) * 2.0 ** (0.35 * (swell(frames, rate_hz, rng, every_s=0.8) - 0.5))
        phase = np.cumsum(f0) / rate_hz
        source = np.fft.rfft(2.0 * (phase % 1.0) - 1.0 + 0.3 * rng.standard_normal(frames))
        voice = np.zeros(frames)
        for vowel in vowels:
            voice += unit(np.fft.irfft(source * vowel, frames)) * swell(frames, rate_hz, rng, every_s=0.25) ** 2
        talking = np.clip(3.0 * swell(frames, rate_hz, rng, every_s=1.6) - 1.0, 0.05, 1.0)
        mix += voice * swell(frames, rate_hz, rng, every_s=0.22) ** 1.5 * talking * rng.uniform(0.3, 1.0)
    return unit(mix)


def babble(frames: int, rate_hz: int, rng: np.random.Generator, *, clips: list[Sound], talkers: int) -> Sound:
    """Real voices over each other: clips looped from random places, so that no word stands out."""
    mix = np.zeros(frames)
    for _ in range(talkers):
        clip = clips[int(rng.integers(len(clips)))]
        track = np.resize(np.roll(clip, int(rng.integers(max(1, clip.size)))), frames)
        mix += unit(track) * rng.uniform(0.4, 1.0)
    return unit(mix)


def in_room(sound: Sound, rate_hz: int, rng: np.random.Generator, *, rt60_s: float, wet: float) -> Sound:
    """The sound in a room: `wet` 0..1 is the share of reverberation, which falls by 60 dB in `rt60_s`."""
    t = np.arange(int(rt60_s * rate_hz)) / rate_hz
    tail = rng.standard_normal(t.size) * np.exp(-6.9 * t / rt60_s)
    tail /= np.sqrt(np.sum(tail**2))
    return np.asarray((1.0 - wet) * sound + wet * fftconvolve(sound, tail)[: sound.size])


def _resonances(frames: int, rate_hz: int, formants_hz: tuple[float, ...], width_hz: float = 110.0) -> Sound:
    """Magnitude response of resonances in series, at the frequencies of an rfft of `frames`."""
    hz = np.fft.rfftfreq(frames, 1.0 / rate_hz)
    response = np.ones(hz.size)
    for formant in formants_hz:
        response /= np.sqrt((1.0 - (hz / formant) ** 2) ** 2 + (hz * width_hz / formant**2) ** 2)
    return response
