"""GGUF files: settings and rows come back as they were packed."""

import struct
from pathlib import Path

import numpy as np
import pytest

from s2s_arena.errors import InputError
from s2s_arena.models.gguf import Gguf
from tests.models.gguf_files import gguf

ROWS = np.arange(6 * 256, dtype=np.float32).reshape(6, 256) / 8.0


def half(value: float) -> bytes:
    return np.float16(value).tobytes()


def read(tmp_path: Path, kind: int, packed: bytes, *, rows: int = 1, width: int = 256) -> Gguf:
    return Gguf(gguf(tmp_path / "m.gguf", {"general.alignment": 32}, {"t": (kind, (width, rows), packed)}))


def test_settings_of_every_kind_come_back(tmp_path: Path):
    settings = {"a.text": "天", "a.number": 7, "a.list": ["x", "y z"], "a.flag": True, "a.real": 0.5}
    assert Gguf(gguf(tmp_path / "m.gguf", settings, {})).settings == {**settings, "a.list": ("x", "y z")}


@pytest.mark.parametrize(("kind", "form"), [(0, "<f4"), (1, "<f2")])
def test_plain_rows_are_read_in_the_order_asked(tmp_path: Path, kind: int, form: str):
    found = read(tmp_path, kind, ROWS.astype(form).tobytes(), rows=6)
    assert np.array_equal(found.rows("t", [4, 0, 4]), ROWS[[4, 0, 4]])


def test_eight_bits_are_times_their_scale(tmp_path: Path):
    packed = half(0.5) + bytes(range(32))
    found = read(tmp_path, 8, packed, width=32).rows("t", [0])
    assert np.array_equal(found[0], np.arange(32) / 2.0)


def test_four_bits_are_times_a_scale_less_an_offset(tmp_path: Path):
    # d 1, dmin 2; all groups have scale 3 and offset 1, then group 5 (its high bits lie apart) has scale 17 + 16 * 2.
    scales = bytearray([3, 3, 3, 3, 1, 1, 1, 1, 0x13, 0x13, 0x13, 0x13])
    scales[1] |= 0b1100_0000  # group 5: scale 3 + 16 * 3 = 51
    packed = half(1.0) + half(2.0) + bytes(scales) + bytes([0x21] * 128)
    found = read(tmp_path, 12, packed).rows("t", [0])[0].reshape(8, 32)
    assert np.all(found[[0, 2, 4, 6]] == 3 * 1 - 2)
    assert np.all(found[[1, 3, 7]] == 3 * 2 - 2)
    assert np.all(found[5] == 51 * 2 - 2)


def test_six_bits_are_about_thirty_two_times_a_scale(tmp_path: Path):
    # low bits 1 and 2, high bits 0, 1, 2, 3 by quarter of each half: values 1, 17, 34, 50 less 32.
    packed = bytes([0x21] * 128) + bytes([0b11_10_01_00] * 64) + bytes(range(1, 17)) + half(0.5)
    found = read(tmp_path, 14, packed).rows("t", [0])[0].reshape(2, 4, 2, 16)
    raw = np.array([1, 17, 34, 50]) - 32.0
    scales = np.arange(1, 17).reshape(2, 4, 2) / 2.0
    assert np.array_equal(found, np.broadcast_to((raw[None, :, None] * scales)[..., None], found.shape))


def test_what_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "text").write_text("hello there", encoding="utf-8")
    with pytest.raises(InputError, match="no GGUF file"):
        Gguf(tmp_path / "text")
    with pytest.raises(InputError, match="no GGUF file"):
        Gguf(tmp_path / "missing")
    (tmp_path / "cut").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1))
    with pytest.raises(InputError, match="no GGUF file"):
        Gguf(tmp_path / "cut")
    found = read(tmp_path, 13, b"")
    with pytest.raises(InputError, match="kind 13"):
        found.rows("t", [0])
    with pytest.raises(InputError, match="no table u"):
        found.rows("u", [0])
    with pytest.raises(InputError, match="rows 0 to 0"):
        read(tmp_path, 0, bytes(1024)).rows("t", [1])
