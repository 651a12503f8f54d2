"""F0 by swift-f0: a small neural pitch tracker, on purpose another instrument than the one that changes delivery."""

from importlib.metadata import version
from typing import Any

import numpy as np

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import MissingError
from s2s_arena.protocols import PitchTrack

RATE_HZ = 16_000
LOWEST_HZ, HIGHEST_HZ = 55.0, 800.0  # a low male creak to a sung or childlike voice
VOICED = 0.5  # swift-f0's confidence is calibrated for this threshold
_HOP = 256  # frames per value: 16 ms


class SwiftPitch:
    """A `PitchTracker`; may be called from several threads."""

    def __init__(self, *, lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ, threads: int = 1) -> None:
        """Load the model (about 20 ms).

        Args:
            lowest_hz: No F0 is looked for below this.
            highest_hz: Nor above this.
            threads: Of the ONNX session.

        Raises:
            MissingError: The extra `local` is not installed.
        """
        try:
            import swift_f0  # noqa: PLC0415 - optional dependency, extra `local`
        except ImportError as error:
            raise MissingError("swift-f0: not installed; run pip install 's2s-arena[local]'") from error
        self._detector: Any = swift_f0.SwiftF0(threads=threads, spin=False)
        self._band = (lowest_hz, highest_hz)
        self._version = version("swift-f0")

    @property
    def identity(self) -> str:
        """Package version and band."""
        return f"swift-f0/{self._version}/{self._band[0]:g}-{self._band[1]:g}Hz"

    def track(self, speech: Waveform) -> PitchTrack:
        """F0 every 16 ms; no frames for a clip shorter than one hop."""
        wave = resample(speech, RATE_HZ)
        if wave.frames < _HOP:
            nothing = np.zeros(0)
            return PitchTrack(times_s=nothing, f0_hz=nothing, voiced=np.zeros(0, dtype=np.bool_), confidence=nothing)
        found = self._detector.detect(wave.samples, RATE_HZ, fmin=self._band[0], fmax=self._band[1])
        return PitchTrack(
            times_s=found.timestamps,
            f0_hz=found.pitch_hz,
            voiced=found.confidence >= VOICED,
            confidence=found.confidence,
        )
