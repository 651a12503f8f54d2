"""Small GGUF files, written by hand."""

import struct
from collections.abc import Mapping
from pathlib import Path

Packed = tuple[int, tuple[int, ...], bytes]
"""Kind of number, sizes (width first), bytes."""


def gguf(path: Path, settings: Mapping[str, object], tables: Mapping[str, Packed]) -> Path:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tables), len(settings))
    head += b"".join(_text(name) + _value(value) for name, value in settings.items())
    start = 0
    for name, (kind, sizes, packed) in tables.items():
        head += _text(name) + struct.pack("<I", len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes)
        head += struct.pack("<IQ", kind, start)
        start += _padded(len(packed))
    body = b"".join(packed.ljust(_padded(len(packed)), b"\0") for _, _, packed in tables.values())
    path.write_bytes(head.ljust(_padded(len(head)), b"\0") + body)
    return path


def _padded(size: int) -> int:
    return -(-size // 32) * 32


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: object) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<Id", 12, value)
    if isinstance(value, list):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(_text(str(part)) for part in value)
    return struct.pack("<I", 8) + _text(str(value))
