"""Putting noise behind speech at a given signal-to-noise ratio."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import active_mask, active_spans
from s2s_arena.audio.levels import mean_square
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import AudioError

CROSS_FADE_S = 0.05
CEILING = 0.99
_QUANTUM = 1.0 / 32768.0  # of stored audio


def mix_at_snr(speech: Waveform, noise: Waveform, *, snr_db: float, offset_s: float = 0.0) -> Waveform:
    """Speech over noise, as long as the speech and at its rate.

    The ratio holds between the two mean squares over the speech's active spans. Noise that is too short is
    looped with a cross-fade of constant power. If the sum would clip, both are scaled alike.

    Args:
        speech: Must have active speech.
        noise: Any rate and length; must not be silent where it is used.
        snr_db: Signal-to-noise ratio over active speech.
        offset_s: Where in the noise to begin; it wraps.

    Raises:
        AudioError: Nothing is active in the speech, or the noise is silent under it.
    """
    spans = active_spans(speech)
    if not spans:
        raise AudioError(
            f"mixing: no active speech in {speech.duration_s:.2f} s, so no SNR exists; give audible speech"
        )
    bed = loop(resample(noise, speech.rate_hz), speech.frames, offset_s=offset_s)
    mask = active_mask(speech, spans)
    signal_power, noise_power = mean_square(speech.samples[mask]), mean_square(bed[mask])
    if noise_power < 1e-12:
        raise AudioError("mixing: the noise is silent (below -120 dBFS) under the speech; give audible noise")
    factor = np.sqrt(signal_power / noise_power / 10.0 ** (snr_db / 10.0))
    mixed = speech.samples.astype(np.float64) + bed.astype(np.float64) * factor
    peak = float(np.abs(mixed).max())
    if peak > CEILING:
        mixed *= CEILING / peak
    return Waveform(mixed.astype(np.float32), speech.rate_hz)


def snr_of(mixed: Waveform, voice: Waveform, *, lead_s: float) -> float | None:
    """How far a voice stands above the background that was mixed behind it, over its active speech, in dB.

    Exact where the mixture was not scaled against clipping; within half a dB where it was, from -5 dB up.

    Args:
        mixed: Voice and background.
        voice: The voice alone, as it went into the mixture.
        lead_s: How much later the voice begins in the mixture.

    Returns:
        None if the voice is silent, at another rate, longer than its place in the mixture, or all that is in it.
    """
    start = round(lead_s * mixed.rate_hz)
    if mixed.rate_hz != voice.rate_hz or start + voice.frames > mixed.frames:
        return None
    # In the mixture's length: what counts as active depends on how much silence there is.
    alone = Waveform(np.pad(voice.samples, (start, mixed.frames - start - voice.frames)), voice.rate_hz)
    mask = active_mask(alone, active_spans(alone))
    speech, heard = alone.samples[mask].astype(np.float64), mixed.samples[mask].astype(np.float64)
    power = float(speech @ speech)
    if power <= 0.0:
        return None
    # A sum that would have clipped was scaled, and by how much is not on record: least squares.
    scaled = float(np.abs(mixed.samples).max()) > CEILING - _QUANTUM
    factor = float(heard @ speech) / power if scaled else 1.0
    rest = heard - factor * speech
    noise = float(rest @ rest)
    # Less than the rounding of both to 16 bits is no background.
    if factor <= 0.0 or noise <= 2.0 * speech.size * _QUANTUM**2 / 12.0:
        return None
    return 10.0 * float(np.log10(factor**2 * power / noise))


def loop(noise: Waveform, frames: int, *, offset_s: float = 0.0) -> NDArray[np.float32]:
    """`frames` samples of the noise from `offset_s` on, looped with a cross-fade where it is too short.

    Raises:
        AudioError: The noise is empty.
    """
    samples = noise.samples
    if samples.size == 0:
        raise AudioError("mixing: the noise has 0 frames; give a noise clip")
    start = round(offset_s * noise.rate_hz) % samples.size
    if start + frames <= samples.size:
        return samples[start : start + frames]
    fade = min(round(CROSS_FADE_S * noise.rate_hz), samples.size // 2)
    if fade == 0:
        return np.resize(np.roll(samples, -start), frames)
    # One period of an endless loop: the tail is faded into the head with constant power.
    ramp = np.linspace(0.0, np.pi / 2, fade, dtype=np.float32)
    head = samples[:fade] * np.sin(ramp) + samples[-fade:] * np.cos(ramp)
    period = np.concatenate([head, samples[fade:-fade]])
    return np.resize(np.roll(period, -(start % period.size)), frames)
