"""Delivery of finished speech changed by WORLD: pace, pitch, range, and a machine's buzz."""

from dataclasses import replace

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.models.world import analyse, shift_pitch, stretch, synthesise

LOWEST_RATE_HZ = 16_000  # below, WORLD has too few bands for its aperiodicity


class WorldReshaper:
    """Implements `judge.editing.Reshaper`. Safe from several threads: it keeps nothing."""

    @property
    def identity(self) -> str:
        return "world/1"

    def reshape(
        self,
        speech: Waveform,
        *,
        rate: float = 1.0,
        pitch_st: float = 0.0,
        pitch_range: float = 1.0,
        buzz: float = 0.0,
    ) -> Waveform:
        """The speech said otherwise, at the rate it had (16 kHz at least).

        Args:
            speech: Anything with frames.
            rate: Factor on speaking rate, 0.25..4.
            pitch_st: Semitones, -24..24.
            pitch_range: 0..4; 0 is monotone.
            buzz: 0..1; 1 leaves no breath between harmonics.

        Raises:
            InputError: A number out of its range.
        """
        for name, value, low, high in (
            ("rate", rate, 0.25, 4.0),
            ("pitch_st", pitch_st, -24.0, 24.0),
            ("pitch_range", pitch_range, 0.0, 4.0),
            ("buzz", buzz, 0.0, 1.0),
        ):
            if not low <= value <= high:
                raise InputError(f"reshaping: {name} {value} given, {low}..{high} needed")
        parts = analyse(resample(speech, max(speech.rate_hz, LOWEST_RATE_HZ)))
        parts = shift_pitch(parts, semitones=pitch_st, spread=pitch_range, level_hz=parts.level_hz)
        if buzz:
            # The slope of aperiodicity is what a voice has and a buzzer has not; unvoiced frames stay noise.
            calm = parts.aperiodicity * (1.0 - buzz * parts.voiced[:, None])
            parts = replace(parts, aperiodicity=calm.clip(1e-3, 1.0 - 1e-6))
        if rate != 1.0:
            parts = stretch(parts, 1.0 / rate)
        return synthesise(parts)
