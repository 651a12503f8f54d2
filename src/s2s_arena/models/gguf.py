"""Reading a GGUF file without loading the model: its settings, and single rows of one of its tables."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InputError

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _LIST = 8, 9
_F32, _F16, _Q8_0, _Q4_K, _Q6_K = 0, 1, 8, 12, 14
_BLOCKS = {_F32: (1, 4), _F16: (1, 2), _Q8_0: (32, 34), _Q4_K: (256, 144), _Q6_K: (256, 210)}
"""Kind of number -> how many values a block holds, and its bytes."""

Value = str | float | tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a table lies: values a row, rows, kind of number, first byte."""

    width: int
    rows: int
    kind: int
    start: int


class Gguf:
    """A model file's settings and tables.

    Args:
        path: The file.

    Raises:
        InputError: It is no GGUF file of version 2 or 3.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                self.settings, self._tables = _header(file)
        except (OSError, struct.error, UnicodeDecodeError, KeyError) as error:
            raise InputError(f"{path}: no GGUF file that can be read ({error}); give the mind's own file") from error

    def rows(self, name: str, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Rows of a table, shape (len(numbers), width).

        Raises:
            InputError: No such table or row, or its numbers are packed in a way that is not known here.
        """
        if name not in self._tables:
            raise InputError(f"{self._path}: no table {name}; give a whole model's file")
        place = self._tables[name]
        if place.kind not in _BLOCKS or place.width % _BLOCKS[place.kind][0]:
            raise InputError(f"{self._path}: {name} is packed as kind {place.kind}; use F16, F32, Q8_0, Q4_K or Q6_K")
        if any(not 0 <= number < place.rows for number in numbers):
            raise InputError(f"{self._path}: {name} has rows 0 to {place.rows - 1}; {list(numbers)[:5]} asked")
        values, size = _BLOCKS[place.kind]
        shape = (place.rows, place.width // values, size)
        packed = np.memmap(self._path, dtype=np.uint8, mode="r", offset=place.start, shape=shape)
        blocks = np.asarray(packed[np.asarray(numbers, dtype=np.int64)]).reshape(-1, size)
        return _UNPACK[place.kind](blocks).reshape(len(numbers), place.width)


def _header(file: BinaryIO) -> tuple[dict[str, Value], dict[str, _Place]]:
    if file.read(4) != b"GGUF":
        raise KeyError("it does not begin with GGUF")
    version, tables, entries = struct.unpack("<IQQ", file.read(20))
    if version not in (2, 3):
        raise KeyError(f"version {version}")
    settings: dict[str, Value] = {}
    for _ in range(entries):
        name = _text(file)
        settings[name] = _value(file, *struct.unpack("<I", file.read(4)))
    found: dict[str, tuple[tuple[int, ...], int, int]] = {}
    for _ in range(tables):
        name = _text(file)
        (count,) = struct.unpack("<I", file.read(4))
        sizes = struct.unpack(f"<{count}Q", file.read(8 * count))
        found[name] = (sizes, *struct.unpack("<IQ", file.read(12)))
    step = settings.get("general.alignment", 32)
    unit = int(step) if isinstance(step, (int, float)) else 32
    base = -(-file.tell() // unit) * unit
    places = {
        name: _Place(width=sizes[0], rows=sizes[1], kind=kind, start=base + start)
        for name, (sizes, kind, start) in found.items()
        if len(sizes) == 2
    }
    return settings, places


def _text(file: BinaryIO) -> str:
    (size,) = struct.unpack("<Q", file.read(8))
    return file.read(size).decode("utf-8")


def _value(file: BinaryIO, kind: int) -> Value:
    if kind == _TEXT:
        return _text(file)
    if kind == _LIST:
        inner, count = struct.unpack("<IQ", file.read(12))
        if inner in (_TEXT, _LIST):
            return tuple(_value(file, inner) for _ in range(count))
        form = f"<{count}{_NUMBERS[inner]}"
        return tuple(struct.unpack(form, file.read(struct.calcsize(form))))
    form = f"<{_NUMBERS[kind]}"
    (number,) = struct.unpack(form, file.read(struct.calcsize(form)))
    return number  # type: ignore[no-any-return]  # a number of one of the forms above


def _half(blocks: NDArray[np.uint8], start: int) -> NDArray[np.float32]:
    """The two-byte float of each block, shape (blocks, 1)."""
    return np.ascontiguousarray(blocks[:, start : start + 2]).view("<f2").astype(np.float32)


def _f32(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(blocks).view("<f4").astype(np.float32)


def _f16(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(blocks).view("<f2").astype(np.float32)


def _q8_0(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """32 values: a scale, and 8 bits each."""
    return _half(blocks, 0) * np.ascontiguousarray(blocks[:, 2:]).view(np.int8).astype(np.float32)


def _q4_k(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """256 values in eight groups: 4 bits each, times a 6-bit scale, less a 6-bit offset."""
    packed = blocks[:, 4:16]
    low = np.concatenate([packed[:, :4] & 63, (packed[:, 8:] & 15) | (packed[:, :4] >> 6 << 4)], axis=1)
    high = np.concatenate([packed[:, 4:8] & 63, (packed[:, 8:] >> 4) | (packed[:, 4:8] >> 6 << 4)], axis=1)
    nibbles = blocks[:, 16:].reshape(-1, 4, 1, 32)
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=2).reshape(-1, 8, 32).astype(np.float32)
    scale = (_half(blocks, 0) * low)[:, :, None]
    offset = (_half(blocks, 2) * high)[:, :, None]
    unpacked: NDArray[np.float32] = scale * values - offset
    return unpacked


def _q6_k(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """256 values in sixteen groups: 6 bits each about 32, times an 8-bit scale."""
    low = blocks[:, :128].reshape(-1, 2, 2, 32)
    high = blocks[:, 128:192].reshape(-1, 2, 1, 32)
    fours = np.concatenate([low & 15, low >> 4], axis=2)
    twos = np.concatenate([high >> shift & 3 for shift in (0, 2, 4, 6)], axis=2)
    values = (fours | (twos << 4)).astype(np.float32).reshape(-1, 16, 16) - 32.0
    scales = np.ascontiguousarray(blocks[:, 192:208]).view(np.int8).astype(np.float32)
    unpacked: NDArray[np.float32] = _half(blocks, 208)[:, :, None] * scales[:, :, None] * values
    return unpacked


_UNPACK = {_F32: _f32, _F16: _f16, _Q8_0: _q8_0, _Q4_K: _q4_k, _Q6_K: _q6_k}
