"""Edits of speech with a known effect: noise, clipping, a narrow band, cuts, gaps, level; and a door for delivery."""

from typing import Protocol

import numpy as np

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.joining import silence
from s2s_arena.audio.levels import peak_dbfs
from s2s_arena.audio.loudness import gain
from s2s_arena.audio.mixing import mix_at_snr
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError
from s2s_arena.records.cues import Span

RAMP_S = 0.01
CEILING_DBFS = -0.1
KEPT_GAP_S = 0.08


class Reshaper(Protocol):
    """Changes how something is said and leaves the words: WORLD in earnest, a scripted double in tests."""

    @property
    def identity(self) -> str: ...

    def reshape(
        self,
        speech: Waveform,
        *,
        rate: float = 1.0,
        pitch_st: float = 0.0,
        pitch_range: float = 1.0,
        buzz: float = 0.0,
    ) -> Waveform:
        """The speech said otherwise; with the defaults it is only taken apart and put together again.

        Args:
            speech: Anything.
            rate: Factor on speaking rate.
            pitch_st: Shift of the F0 level, semitones.
            pitch_range: Factor on F0 excursions; 0 is monotone.
            buzz: 0..1, how much of the breath between harmonics is taken away; 1 is a machine.
        """
        ...


def silent(wave: Waveform) -> Waveform:
    """Digital silence of the same length."""
    return silence(wave.duration_s, wave.rate_hz)


def first_half(wave: Waveform) -> Waveform:
    """The clip up to the middle of what is said, cut hard.

    Raises:
        AudioError: Nothing is said.
    """
    spans = _spans(wave)
    spoken = sum(span.end_s - span.start_s for span in spans) / 2.0
    for span in spans:
        length = span.end_s - span.start_s
        if spoken <= length:
            return Waveform(wave.samples[: max(1, round((span.start_s + spoken) * wave.rate_hz))], wave.rate_hz)
        spoken -= length
    return wave


def pink_noise(seconds: float, rate_hz: int, *, rng: np.random.Generator) -> Waveform:
    """Noise with equal power in each octave from 50 Hz up, peak -6 dBFS."""
    frames = max(2, round(seconds * rate_hz))
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hz = np.fft.rfftfreq(frames, 1.0 / rate_hz)
    spectrum *= np.where(hz < 50.0, 0.0, 1.0 / np.sqrt(np.maximum(hz, 50.0)))
    samples = np.fft.irfft(spectrum, frames)
    peak = float(np.abs(samples).max())
    return Waveform((samples / max(peak, 1e-12) * 0.5).astype(np.float32), rate_hz)


def noisy(wave: Waveform, snr_db: float, *, rng: np.random.Generator) -> Waveform:
    """The speech in pink noise. AudioError where nothing is said."""
    return mix_at_snr(wave, pink_noise(wave.duration_s, wave.rate_hz, rng=rng), snr_db=snr_db)


def clipped(wave: Waveform, *, share: float = 0.05) -> Waveform:
    """The speech so loud that `share` of its spoken samples are cut off at full scale.

    Raises:
        AudioError: Nothing is said.
    """
    spoken = np.abs(wave.samples[active_mask(wave, _spans(wave))]).astype(np.float64)
    limit = float(np.quantile(spoken, 1.0 - share))
    if limit <= 0.0:
        raise AudioError(f"clipping: {wave.duration_s:.2f} s of near silence given; give audible speech")
    return Waveform(np.clip(wave.samples / limit, -1.0, 1.0).astype(np.float32), wave.rate_hz)


def narrow(wave: Waveform, *, rate_hz: int = 8000) -> Waveform:
    """What is left of the sound at a telephone's rate, at the rate it had."""
    return resample(resample(wave, rate_hz), wave.rate_hz) if rate_hz < wave.rate_hz else wave


def muted(wave: Waveform, start_s: float, end_s: float) -> Waveform:
    """The clip with a stretch turned to silence, by 10 ms ramps inside the stretch; nothing moves in time."""
    a, b = (min(max(round(at * wave.rate_hz), 0), wave.frames) for at in (start_s, end_s))
    samples = wave.samples.copy()
    ramp = min(round(RAMP_S * wave.rate_hz), max(0, b - a) // 2)
    down = np.linspace(1.0, 0.0, ramp, dtype=np.float32)
    samples[a : a + ramp] *= down
    samples[a + ramp : b - ramp] = 0.0
    samples[b - ramp : b] *= down[::-1]
    return Waveform(samples, wave.rate_hz)


def levelled(wave: Waveform, db: float) -> Waveform:
    """The clip louder or softer by `db`, as far as its peaks allow."""
    return gain(wave, min(db, CEILING_DBFS - peak_dbfs(wave)))


def without_gaps(wave: Waveform) -> Waveform:
    """The clip with the pauses between its stretches of speech cut to 80 ms. AudioError where nothing is said."""
    spans = _spans(wave)
    keep = np.zeros(wave.frames, dtype=np.bool_)
    for span in spans:
        keep[round(max(0.0, span.start_s - KEPT_GAP_S / 2) * wave.rate_hz) :][
            : round((span.end_s - span.start_s + KEPT_GAP_S) * wave.rate_hz)
        ] = True
    return Waveform(wave.samples[keep], wave.rate_hz)


def _spans(wave: Waveform) -> tuple[Span, ...]:
    spans = active_spans(wave)
    if not spans:
        raise AudioError(f"edit: no active speech in {wave.duration_s:.2f} s; give audible speech")
    return spans
