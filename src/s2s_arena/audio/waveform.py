"""The one form that audio has inside: mono float32 samples with their rate."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import AudioError
from s2s_arena.records.identity import AudioHash

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Mono audio.

    Attributes:
        samples: Shape (frames,), float32, finite, nominally -1..1; read-only.
        rate_hz: Frames per second, 1000..384000.
    """

    samples: Samples
    rate_hz: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples, dtype=np.float32)
        if samples.ndim != 1:
            raise AudioError(f"waveform: shape {samples.shape} given, (frames,) needed; mix the channels down first")
        if not 1000 <= self.rate_hz <= 384_000:
            raise AudioError(f"waveform: rate {self.rate_hz} Hz given, 1000..384000 Hz needed")
        if not np.isfinite(samples).all():
            where = int(np.flatnonzero(~np.isfinite(samples))[0])
            raise AudioError(f"waveform: sample {where} is {samples[where]}; every sample must be finite")
        if samples is self.samples and samples.flags.writeable:
            samples = samples.copy()  # the caller keeps its own array
        samples.flags.writeable = False
        object.__setattr__(self, "samples", samples)

    @property
    def frames(self) -> int:
        """Number of samples."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate_hz

    def pcm16(self) -> NDArray[np.int16]:
        """Canonical PCM, shape (frames,): rounded to 16 bits, clipped at full scale."""
        # Scaling by a power of two is exact in float32, so that nothing wider is needed to round.
        scaled = self.samples * np.float32(32768.0)
        np.rint(scaled, out=scaled)
        np.clip(scaled, -32768.0, 32767.0, out=scaled)
        return scaled.astype(np.int16)

    def hash(self) -> AudioHash:
        """SHA-256 of the canonical PCM (little endian) with rate and channels: the identity of the audio."""
        return pcm16_hash(self.pcm16(), self.rate_hz)


def from_pcm16(pcm: NDArray[np.int16], rate_hz: int) -> Waveform:
    """The waveform of canonical PCM, shape (frames,); its `pcm16` is the same again."""
    samples = pcm.astype(np.float32)
    samples *= np.float32(1.0 / 32768.0)
    samples.flags.writeable = False  # nobody else has it, so it need not be copied
    return Waveform(samples, rate_hz)


def pcm16_hash(pcm: NDArray[np.int16], rate_hz: int) -> AudioHash:
    """`Waveform.hash` of canonical PCM that is at hand already."""
    digest = hashlib.sha256(f"pcm_s16le/{rate_hz}/1/".encode())
    digest.update(np.ascontiguousarray(pcm, dtype="<i2").data)
    return AudioHash(digest.hexdigest())
