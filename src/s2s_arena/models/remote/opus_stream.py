"""Speech as a stream of Opus in Ogg (RFC 7845), both ways, packet by packet as it is spoken."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import AudioError, MissingError
from s2s_arena.models.remote.ogg import FIRST, PageReader, PageWriter

CLOCK_HZ = 48000  # of granule positions and of decoded sound
_VENDOR = b"s2s-arena"


class OpusWriter:
    """Encodes speech as it is spoken.

    Args:
        rate_hz: 8000, 12000, 16000, 24000 or 48000.
        bit_rate: Bits per second.

    Raises:
        MissingError: PyAV is not installed.
    """

    def __init__(self, *, rate_hz: int = 24000, bit_rate: int = 48000) -> None:
        av = _av()
        encoder: Any = av.CodecContext.create("libopus", "w")  # its kind is known only at run time
        encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = rate_hz, "mono", "s16", bit_rate
        encoder.open()
        self._new_frame: Callable[..., Any] = av.AudioFrame.from_ndarray
        self._encoder = encoder
        self._rate_hz = rate_hz
        self._pages = PageWriter()
        self._left = np.zeros(0, dtype=np.int16)
        self._spoken = 0  # samples given to the encoder
        self._granule = 0

    def head(self) -> bytes:
        """The two header pages; to be sent first."""
        tags = b"OpusTags" + len(_VENDOR).to_bytes(4, "little") + _VENDOR + bytes(4)
        identity = self._pages.page([bytes(self._encoder.extradata)], granule=0, flags=FIRST)
        return identity + self._pages.page([tags], granule=0)

    def write(self, samples: NDArray[np.int16]) -> bytes:
        """A page with what is whole in the samples so far, shape (frames,); empty if nothing is yet."""
        self._left = np.concatenate([self._left, samples])
        size = self._encoder.frame_size
        packets: list[bytes] = []
        while self._left.size >= size:
            frame = self._new_frame(self._left[None, :size].copy(), format="s16", layout="mono")
            frame.sample_rate, frame.pts = self._rate_hz, self._spoken
            packets += [bytes(packet) for packet in self._encoder.encode(frame)]
            self._left = self._left[size:]
            self._spoken += size
        if not packets:
            return b""
        self._granule += len(packets) * size * CLOCK_HZ // self._rate_hz
        return self._pages.page(packets, granule=self._granule)


class OpusReader:
    """Decodes speech as it comes, at 48 kHz.

    Args:
        who: Is named in messages.

    Raises:
        MissingError: PyAV is not installed.
    """

    def __init__(self, *, who: str) -> None:
        self._av = _av()
        self._who = who
        self._pages = PageReader(who=who)
        self._decoder: Any = None
        self._tags_came = False
        self._skip = 0

    def read(self, piece: bytes) -> NDArray[np.float32]:
        """The sound in what came, shape (frames,), mono at 48 kHz.

        Raises:
            AudioError: Not Opus in Ogg, or damaged.
        """
        heard = [sound for packet in self._pages.feed(piece) for sound in self._sounds(packet)]
        return np.concatenate(heard) if heard else np.zeros(0, dtype=np.float32)

    def _sounds(self, packet: bytes) -> list[NDArray[np.float32]]:
        if self._decoder is None:
            self._begin(packet)
            return []
        if not self._tags_came:
            self._tags_came = True
            if packet.startswith(b"OpusTags"):
                return []
        try:
            frames = self._decoder.decode(self._av.Packet(packet))
        except self._av.FFmpegError as error:
            raise AudioError(f"{self._who}: a packet of Opus is damaged ({error})") from error
        return [self._mono(frame.to_ndarray(), len(frame.layout.channels)) for frame in frames]

    def _begin(self, packet: bytes) -> None:
        if not packet.startswith(b"OpusHead") or len(packet) < 19:
            raise AudioError(f"{self._who}: the stream is not Opus, it begins with {packet[:8]!r}")
        # The native decoder would drop the pre-skip by itself only where a container tells it to.
        self._skip = int.from_bytes(packet[10:12], "little")
        self._decoder = self._av.CodecContext.create("libopus", "r")
        self._decoder.extradata = packet[:10] + b"\0\0" + packet[12:]
        self._decoder.open()

    def _mono(self, sound: NDArray[Any], channels: int) -> NDArray[np.float32]:
        if sound.dtype == np.int16:
            sound = sound.astype(np.float32) / 32768.0
        if sound.shape[0] == 1 and channels > 1:
            sound = sound.reshape(-1, channels).T
        mono: NDArray[np.float32] = sound.mean(axis=0).astype(np.float32)
        dropped = min(self._skip, mono.size)
        self._skip -= dropped
        return mono[dropped:]


def _av() -> Any:
    try:
        import av  # noqa: PLC0415  optional dependency, extra `remote`
    except ModuleNotFoundError as error:
        raise MissingError("package av is not installed; run pip install 's2s-arena[remote]'") from error
    return av
