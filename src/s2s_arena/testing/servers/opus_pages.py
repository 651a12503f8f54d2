"""Opus in Ogg pages, written and read page by page (RFC 3533, RFC 7845), for wires that stream it."""

import struct
from collections.abc import Iterator

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

RATE = 48000  # Opus counts in this rate, whatever went in
_POLYNOMIAL = 0x04C11DB7


def _crc_table() -> list[int]:
    table = []
    for first in range(256):
        value = first << 24
        for _ in range(8):
            value = (value << 1 ^ (_POLYNOMIAL if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


_CRC = _crc_table()


def _crc(page: bytes) -> int:
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _CRC[value >> 24 ^ byte]
    return value


class PageWriter:
    """Encodes mono float samples at 24 kHz and packs each 20 ms packet into a page of its own."""

    frame = 480

    def __init__(self, *, rate_hz: int = 24000, serial: int = 7) -> None:
        encoder = av.CodecContext.create("libopus", "w")
        if not isinstance(encoder, AudioCodecContext):
            raise TypeError("libopus is not an audio codec here")
        encoder.sample_rate, encoder.layout, encoder.format = rate_hz, "mono", "flt"
        self._encoder = encoder
        self._rate = rate_hz
        self._serial = serial
        self._pages = 0
        self._granule = 0

    def head(self) -> list[bytes]:
        """The two pages that begin the stream."""
        tags = b"OpusTags" + struct.pack("<I", 8) + b"loopback" + struct.pack("<I", 0)
        return [
            self._page(b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, self._rate, 0, 0), first=True),
            self._page(tags),
        ]

    def pages(self, samples: NDArray[np.float32]) -> list[bytes]:
        """Pages of whole frames; shape (frames,), a multiple of 480 samples."""
        made = []
        for at in range(0, samples.shape[0], self.frame):
            block = np.ascontiguousarray(samples[None, at : at + self.frame], dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
            frame.sample_rate = self._rate
            for packet in self._encoder.encode(frame):
                self._granule += self.frame * RATE // self._rate
                made.append(self._page(bytes(packet)))
        return made

    def _page(self, packet: bytes, *, first: bool = False) -> bytes:
        lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, 2 if first else 0, self._granule, self._serial, self._pages, 0,
                           len(lacing))  # fmt: skip
        self._pages += 1
        page = head + lacing + packet
        return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


class PageError(Exception):
    """Bytes that are no Ogg page, or one whose checksum is wrong."""


class PageReader:
    """Takes bytes as they come and gives samples at 48 kHz as soon as their page is whole."""

    def __init__(self) -> None:
        decoder = av.CodecContext.create("libopus", "r")
        if not isinstance(decoder, AudioCodecContext):
            raise TypeError("libopus is not an audio codec here")
        decoder.sample_rate, decoder.layout = RATE, "mono"
        self._decoder = decoder
        self._pending = bytearray()
        self._packet = bytearray()
        self.packets = 0

    def feed(self, raw: bytes) -> NDArray[np.float32]:
        """Samples, shape (frames,), mono.

        Raises:
            PageError: Not Ogg, a wrong checksum, or a first packet that is not OpusHead.
        """
        self._pending += raw
        parts = [self._decoded(packet) for packet in self._packets()]
        return np.concatenate([np.zeros(0, dtype=np.float32), *parts])

    def _packets(self) -> Iterator[bytes]:
        while len(self._pending) >= 27:
            if self._pending[:4] != b"OggS":
                raise PageError(f"{bytes(self._pending[:4])!r} where a page should begin")
            count = self._pending[26]
            if len(self._pending) < 27 + count:
                return
            lacing = bytes(self._pending[27 : 27 + count])
            size = 27 + count + sum(lacing)
            if len(self._pending) < size:
                return
            page = bytes(self._pending[:size])
            if struct.unpack_from("<I", page, 22)[0] != _crc(page[:22] + bytes(4) + page[26:]):
                raise PageError("a page with a wrong checksum")
            del self._pending[:size]
            at = 27 + count
            for length in lacing:
                self._packet += page[at : at + length]
                at += length
                if length < 255:
                    yield bytes(self._packet)
                    self._packet.clear()

    def _decoded(self, packet: bytes) -> NDArray[np.float32]:
        self.packets += 1
        if self.packets == 1 and not packet.startswith(b"OpusHead"):
            raise PageError("the stream does not begin with OpusHead")
        if self.packets <= 2:
            return np.zeros(0, dtype=np.float32)
        frames = self._decoder.decode(av.Packet(packet))
        parts = [_mono(frame) for frame in frames]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def _mono(frame: av.AudioFrame) -> NDArray[np.float32]:
    values = frame.to_ndarray()
    scaled = values.astype(np.float32) / (32768.0 if values.dtype == np.int16 else 1.0)
    channels = frame.layout.nb_channels
    mixed = scaled.mean(axis=0) if frame.format.is_planar else scaled.reshape(-1, channels).mean(axis=1)
    return np.asarray(mixed, dtype=np.float32)
