"""Ogg pages (RFC 3533), written and read while they stream: libsndfile reads whole files only."""

from collections.abc import Iterator, Sequence

from s2s_arena.errors import AudioError

FIRST, LAST = 0x02, 0x04
_CONTINUED = 0x01
_HEADER_BYTES = 27
_WHOLE = 255


def _table() -> tuple[int, ...]:
    made = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        made.append(value & 0xFFFFFFFF)
    return tuple(made)


_TABLE = _table()


def checksum(page: bytes) -> int:
    """CRC-32 of a page whose checksum field is zero: polynomial 04c11db7, not reflected, begun at zero."""
    value = 0
    for byte in page:
        value = (value << 8) & 0xFFFFFFFF ^ _TABLE[value >> 24 ^ byte]
    return value


class PageWriter:
    """Puts packets into pages of one logical stream.

    Args:
        serial: Of the stream.
    """

    def __init__(self, serial: int = 1) -> None:
        self._serial = serial
        self._number = 0

    def page(self, packets: Sequence[bytes], *, granule: int, flags: int = 0) -> bytes:
        """One page of whole packets.

        Args:
            packets: At most 255 lacing values together, which is 64 kB.
            granule: Position of the stream's end with this page; for Opus in samples at 48 kHz.
            flags: FIRST, LAST or 0.

        Raises:
            AudioError: They do not fit into one page.
        """
        lacing = b"".join(b"\xff" * (len(packet) // _WHOLE) + bytes([len(packet) % _WHOLE]) for packet in packets)
        if len(lacing) > _WHOLE:
            raise AudioError(f"ogg: packets of {sum(map(len, packets))} bytes do not fit into one page")
        head = b"OggS" + bytes([0, flags]) + granule.to_bytes(8, "little") + self._serial.to_bytes(4, "little")
        head += self._number.to_bytes(4, "little")
        rest = bytes([len(lacing)]) + lacing + b"".join(packets)
        self._number += 1
        crc = checksum(head + bytes(4) + rest)
        return head + crc.to_bytes(4, "little") + rest


class PageReader:
    """Takes packets out of pages that come in pieces, cut anywhere.

    Args:
        who: Is named in messages.
    """

    def __init__(self, *, who: str) -> None:
        self._who = who
        self._bytes = b""
        self._open: bytes | None = None  # a packet that goes on in the next page

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The packets that are whole now.

        Raises:
            AudioError: Not Ogg, or a page that was damaged on its way.
        """
        self._bytes += piece
        while (page := self._next()) is not None:
            yield from self._packets(page)

    def _next(self) -> bytes | None:
        held = self._bytes
        if held and not held.startswith(b"OggS"[: len(held)]):
            raise AudioError(f"{self._who}: not an Ogg page: {held[:8].hex()}")
        if len(held) < _HEADER_BYTES:
            return None
        body = _HEADER_BYTES + held[26]
        size = body + sum(held[_HEADER_BYTES:body])
        if len(held) < body or len(held) < size:
            return None
        page, self._bytes = held[:size], held[size:]
        stated = int.from_bytes(page[22:26], "little")
        if checksum(page[:22] + bytes(4) + page[26:]) != stated:
            raise AudioError(f"{self._who}: an Ogg page is damaged, its checksum does not match")
        return page

    def _packets(self, page: bytes) -> Iterator[bytes]:
        lacing = page[_HEADER_BYTES : _HEADER_BYTES + page[26]]
        at = _HEADER_BYTES + page[26]
        if page[5] & _CONTINUED == 0:
            self._open = None
        packet = self._open or b""
        for size in lacing:
            packet += page[at : at + size]
            at += size
            if size < _WHOLE:
                yield packet
                packet = b""
        self._open = packet if lacing and lacing[-1] == _WHOLE else None
