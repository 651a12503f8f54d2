"""Whisper's encoder in plain numpy: what every layer hears, of which CTranslate2 gives the last one only.

Middle layers know more of how something is said, the last one of what. `tests/models/test_whisper_layers.py` holds the
last layer against CTranslate2's.
"""

import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError

FAMILY = "whisper-layer"
RATE_HZ = 16_000
WINDOW_FRAMES = 3000  # mel frames of 10 ms
TYPES = ("<f4", "i1", "<i2", "<i4", "<f2")  # CTranslate2's numbers for types of elements; bfloat16 is not read

Matrix = NDArray[np.float32]


def variables(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a CTranslate2 model file, by name, integers as they are stored.

    Raises:
        InputError: The file is of another version or has elements of an unknown type.
    """
    data = path.read_bytes()
    place = 0

    def number(form: str) -> int:
        nonlocal place
        (value,) = struct.unpack_from(f"<{form}", data, place)
        place += struct.calcsize(form)
        return int(value)

    def name() -> str:
        nonlocal place
        length = number("H")
        text = data[place : place + length].rstrip(b"\0").decode()
        place += length
        return text

    version = number("I")
    if version < 4:
        raise InputError(f"{path}: CTranslate2 model version {version}; 4 or later needed")
    name(), number("I")
    found: dict[str, NDArray[Any]] = {}
    for _ in range(number("I")):
        key = name()
        shape = tuple(number("I") for _ in range(number("B")))
        kind, size = number("B"), number("I")
        if kind >= len(TYPES):
            raise InputError(f"{path}: {key} has elements of type {kind}; known are 0 to {len(TYPES) - 1}")
        found[key] = np.frombuffer(data, dtype=TYPES[kind], count=size // np.dtype(TYPES[kind]).itemsize, offset=place)
        found[key] = found[key].reshape(shape)
        place += size
    for _ in range(number("I")):
        alias, meant = name(), name()
        found[alias] = found[meant]
    return found


class Layers:
    """The encoder of one Whisper, in single precision.

    Args:
        folder: A CTranslate2 model folder.
        heads: Attention heads: 8 in Whisper base.
    """

    def __init__(self, folder: Path, *, heads: int = 8) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415  extra `local`

        raw = variables(folder / "model.bin")
        self._weights = {key: _real(raw, key) for key in raw if key.startswith("encoder/") and "_scale" not in key}
        self._heads = heads
        self._mel = FeatureExtractor()
        named = [key.split("/")[1] for key in raw if key.startswith("encoder/layer_") and "layer_norm" not in key[:18]]
        self.count = 1 + max(int(name.removeprefix("layer_")) for name in named)

    def __call__(self, speech: Waveform, *, window_frames: int | None = None, last: int | None = None) -> list[Matrix]:
        """Outputs of the convolutions, of each layer, and of the last one normalised (what Whisper's decoder gets).

        Args:
            speech: At most thirty seconds are heard.
            window_frames: Mel frames that are attended to; by default no more than there are. Whisper itself always
                attends to 3000, with silence after the speech.
            last: The layer to stop after; all by default.

        Returns:
            Each of shape (frames, dimensions), 50 frames a second of real speech.
        """
        samples = np.asarray(resample(speech, RATE_HZ).samples, dtype=np.float32)[: WINDOW_FRAMES * 160]
        frames = max(1, -(-samples.size // 320))
        mel = self._mel(samples)[:, :-1][:, :WINDOW_FRAMES]
        size = window_frames or min(WINDOW_FRAMES, 2 * frames + 2)
        mel = np.pad(mel, ((0, 0), (0, max(0, size - mel.shape[1]))))[:, :size].astype(np.float32)
        x = _gelu(self._convolved(mel, "encoder/conv1", stride=1))
        x = _gelu(self._convolved(x, "encoder/conv2", stride=2)).T
        x = x + self._get("encoder/position_encodings/encodings")[: x.shape[0]]
        outputs = [x]
        for number in range(self.count if last is None else last):
            x = self._layer(x, f"encoder/layer_{number}")
            outputs.append(x)
        if last is None:
            outputs.append(self._normal(x, "encoder/layer_norm"))
        return [each[:frames] for each in outputs]

    def _layer(self, x: Matrix, at: str) -> Matrix:
        inner = self._normal(x, f"{at}/self_attention/layer_norm")
        query, key, value = np.split(self._linear(inner, f"{at}/self_attention/linear_0"), 3, axis=1)
        size = query.shape[1] // self._heads
        heard = np.empty_like(query)
        for head in range(self._heads):
            part = slice(head * size, (head + 1) * size)
            scores = query[:, part] @ key[:, part].T / np.sqrt(np.float32(size))
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            heard[:, part] = (scores / scores.sum(axis=1, keepdims=True)) @ value[:, part]
        x = x + self._linear(heard, f"{at}/self_attention/linear_1")
        inner = _gelu(self._linear(self._normal(x, f"{at}/ffn/layer_norm"), f"{at}/ffn/linear_0"))
        return x + self._linear(inner, f"{at}/ffn/linear_1")

    def _convolved(self, x: Matrix, at: str, *, stride: int) -> Matrix:
        """A convolution of width 3, one zero on either side."""
        weight = self._get(f"{at}/weight")
        padded = np.pad(x, ((0, 0), (1, 1)))
        steps = (padded.shape[1] - 3) // stride + 1
        slices = [padded[:, k : k + stride * (steps - 1) + 1 : stride] for k in range(3)]
        made = sum(weight[:, :, k] @ slices[k] for k in range(3))
        return np.asarray(made + self._get(f"{at}/bias")[:, None], dtype=np.float32)

    def _linear(self, x: Matrix, at: str) -> Matrix:
        made: Matrix = x @ self._get(f"{at}/weight").T + self._get(f"{at}/bias")
        return made

    def _normal(self, x: Matrix, at: str) -> Matrix:
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        made: Matrix = scaled * self._get(f"{at}/gamma") + self._get(f"{at}/beta")
        return made

    def _get(self, key: str) -> Matrix:
        return self._weights[key]


class WhisperLayer:
    """Implements `protocols.Encoder` by the output of one layer; may be called from several threads.

    It attends to the speech alone, in pieces of thirty seconds, not to silence up to thirty seconds as Whisper does:
    a short clip costs as little as it is short.

    Args:
        folder: A CTranslate2 model folder.
        name: Its name, for the identity.
        layer: From 1.

    Raises:
        InputError: There is no such layer.
    """

    def __init__(self, folder: Path, *, name: str, layer: int) -> None:
        self._layers = Layers(folder)
        if not 1 <= layer <= self._layers.count:
            raise InputError(f"encoder {name}: layer {layer} given; it has 1 to {self._layers.count}")
        self._layer = layer
        self.identity = identity(name, layer)

    def encode(self, speech: Waveform) -> NDArray[np.float32]:
        """Shape (frames, dimensions), 50 frames a second."""
        wave = resample(speech, RATE_HZ)
        if not wave.frames:
            raise InputError("encoder: 0 samples given; give it speech")
        window = WINDOW_FRAMES * 160
        starts = range(0, wave.frames, window)
        pieces = [Waveform(wave.samples[start : start + window], RATE_HZ) for start in starts]
        return np.concatenate([self._layers(piece, last=self._layer)[self._layer] for piece in pieces])


def identity(name: str, layer: int) -> str:
    """Of the encoder that is one layer of the weights of that name."""
    return f"{FAMILY}/{name}/{layer}/1"


def layer_of(encoder: str, *, name: str) -> int | None:
    """Which layer of the weights an encoder's identity means; None if it is no such encoder."""
    found = re.fullmatch(rf"{FAMILY}/{re.escape(name)}/(\d+)/1", encoder)
    return int(found.group(1)) if found else None


def _real(raw: Mapping[str, NDArray[Any]], key: str) -> Matrix:
    """The array in single precision; integers divided by their row's scale."""
    array = raw[key].astype(np.float32)
    scale = raw.get(f"{key}_scale")
    if scale is None:
        return array
    scale = scale.astype(np.float32)
    return np.asarray(array / (scale.reshape(-1, *[1] * (array.ndim - 1)) if scale.ndim else scale), dtype=np.float32)


def _gelu(x: Matrix) -> Matrix:
    return np.asarray(0.5 * x * (1.0 + erf(x / np.float32(np.sqrt(2.0)))), dtype=np.float32)
