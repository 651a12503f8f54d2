"""Whether a file ends before its container says it should: what decoders pass over in silence."""

import struct

_UNKNOWN_SIZES = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFFE, 0xFFFFFFFE, 0x7FFFF000)  # what programs write to a pipe


def cut_short(content: bytes) -> str | None:
    """What is lacking, in words, or None if nothing tells of a loss.

    Looks at the data chunk of WAV, the stated size of AIFF, RF64 and Wave64,
    the end-of-stream page of Ogg, and the frame chain of MP3. FLAC states its
    length in the header, so the decoder itself notices.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return _wav(content)
    if content[:4] == b"FORM":  # AIFF
        return _whole(content, 8 + int.from_bytes(content[4:8], "big"))
    if content[:4] == b"RF64" and content[12:16] == b"ds64":
        return _whole(content, 8 + int.from_bytes(content[20:28], "little"))
    if content[:4] == b"riff":  # Wave64
        return _whole(content, int.from_bytes(content[16:24], "little"))
    if content[:4] == b"OggS":
        return _ogg(content)
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0):
        return _mp3(content)
    return None


def _whole(content: bytes, stated: int) -> str | None:
    return f"{len(content)} of {stated} bytes are there" if len(content) < stated else None


def _wav(content: bytes) -> str | None:
    at = 12
    while at + 8 <= len(content):
        name = content[at : at + 4]
        (size,) = struct.unpack("<I", content[at + 4 : at + 8])
        there = len(content) - at - 8
        if name == b"data":
            if size in _UNKNOWN_SIZES or size <= there:
                return None
            return f"{there} of {size} bytes of samples are there"
        at += 8 + size + size % 2
    return "it has no data chunk"


def _ogg(content: bytes) -> str | None:
    last = content.rfind(b"OggS")
    header = content[last : last + 27]
    if len(header) < 27:
        return "the last page's header is cut"
    segments = header[26]
    lacing = content[last + 27 : last + 27 + segments]
    if len(lacing) < segments or len(content) < last + 27 + segments + sum(lacing):
        return "the last page is cut"
    if not header[5] & 0x04:
        return "the end-of-stream page is missing"
    return None


_BITRATES_1 = {
    1: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_BITRATES_2 = {
    1: (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _mp3(content: bytes) -> str | None:
    at = _after_id3(content)
    first = content.find(b"\xff", at)
    at = first if first >= 0 else at
    counted, promised = 0, None
    while at + 4 <= len(content):
        length = _frame_bytes(content, at)
        if length is None:  # tags and junk after the last frame are usual
            break
        if counted == 0:
            promised = _promised_frames(content[at : at + min(length, 200)])
        if at + length > len(content):
            return f"the last frame has {len(content) - at} of {length} bytes"
        at += length
        counted += 1
    # The frame with the promise may or may not count itself.
    if promised is not None and counted < promised:
        return f"{counted} of {promised} frames are there"
    return None


def _after_id3(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = (size << 7) | (byte & 0x7F)
    return 10 + size


def _frame_bytes(content: bytes, at: int) -> int | None:
    """Length of the MPEG audio frame that starts here (ISO 11172-3, 2.4.2.3), or None if none does."""
    b0, b1, b2 = content[at], content[at + 1], content[at + 2]
    version, layer = (b1 >> 3) & 3, 4 - ((b1 >> 1) & 3)
    bitrate, rate = b2 >> 4, (b2 >> 2) & 3
    if b0 != 0xFF or b1 & 0xE0 != 0xE0 or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return None
    bits = (_BITRATES_1 if version == 3 else _BITRATES_2)[layer][bitrate] * 1000
    hertz, padding = _RATES[version][rate], (b2 >> 1) & 1
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    per_frame = 576 if layer == 3 and version != 3 else 1152
    return per_frame // 8 * bits // hertz + padding


def _promised_frames(frame: bytes) -> int | None:
    """The frame count of a Xing or Info header, if the encoder wrote one."""
    for tag in (b"Xing", b"Info"):
        at = frame.find(tag)
        if at >= 0 and len(frame) >= at + 12:
            flags, frames = struct.unpack(">II", frame[at + 4 : at + 12])
            if flags & 1:
                return int(frames)
    return None
