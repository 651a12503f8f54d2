"""Heads: what a listener would say of a voice, read linearly from pooled encoder features and prosody."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InputError, MissingError
from s2s_arena.records.codec import decode, encode
from s2s_arena.records.cues import Prosody

FORMAT = 1
POOLING = "mean+sd"
PROSODY: tuple[str, ...] = (
    "f0_octaves",
    "f0_range_st",
    "f0_sd_st",
    "final_slope_st_s",
    "syllables_per_s",
    "intensity_sd_db",
    "voiced_share",
    "pause_share",
)
SHIPPED = Path(__file__).parent / "data" / "heads.npz"

Vector = NDArray[np.float32]


def pool(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """One vector for one utterance: the mean, then the standard deviation, of each dimension over time.

    Args:
        features: Shape (frames, dimensions), real frames only; at least one frame.

    Returns:
        Shape (2 x dimensions,).
    """
    if features.ndim != 2 or not features.shape[0]:
        raise InputError(f"heads: features of shape {features.shape} given, (frames, dimensions) needed, one or more")
    frames = features.astype(np.float64)
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def prosody_vector(prosody: Prosody) -> NDArray[np.float64]:
    """The prosody features of `PROSODY` in its order; NaN where the value could not be measured."""
    f0 = prosody.f0_median_hz
    silence = sum(pause.end_s - pause.start_s for pause in prosody.pauses)
    spoken = prosody.speech_s + silence
    values = (
        np.log2(f0 / 100.0) if f0 else None,
        prosody.f0_range_st,
        prosody.f0_sd_st,
        prosody.f0_final_slope_st_s,
        prosody.syllables_per_s,
        prosody.intensity_sd_db,
        prosody.voiced_share,
        silence / spoken if spoken > 0 else None,
    )
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCard:
    """What must be known of trained heads before their output is believed."""

    title: str
    training: str  # what the clips are and where their labels come from
    licence: str  # of the heads; for labelled clips of unstated licence: workspace use only
    clips: int
    groups: int  # voices or speakers that were kept apart in cross-validation; 0 where unknown
    seed: int
    figures: Mapping[str, float] = field(default_factory=dict)  # e.g. "expressive: spearman, cross-validated"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadShape:
    """One head: a scale within `low`..`high`, or probabilities over `classes`."""

    name: str
    classes: tuple[str, ...] = ()
    low: float = 1.0
    high: float = 5.0

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of its outputs: its own, or `name:class` for each class."""
        return tuple(f"{self.name}:{each}" for each in self.classes) or (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """What the file says beside its arrays."""

    format: int
    encoder: str
    pooling: str
    dimensions: int
    prosody: tuple[str, ...]
    heads: tuple[HeadShape, ...]
    card: HeadCard


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heads:
    """Linear heads on one encoder's features.

    Attributes:
        encoder: Identity of the encoder whose features they read; those of another mean nothing to them.
        dimensions: Of that encoder's features.
        prosody: Whether the features of `PROSODY` follow the pooled ones.
        shapes: The heads; outputs are in their order.
        weights: Shape (outputs, inputs), inputs = 2 x dimensions, plus len(PROSODY) with prosody.
        bias: Shape (outputs,).
        defaults: Shape (inputs,): stands in for a value that could not be measured (training mean).
        card: Where they come from and how good they are.
    """

    encoder: str
    dimensions: int
    prosody: bool
    shapes: tuple[HeadShape, ...]
    weights: Vector
    bias: Vector
    defaults: Vector
    card: HeadCard

    def __post_init__(self) -> None:
        inputs = 2 * self.dimensions + (len(PROSODY) if self.prosody else 0)
        outputs = sum(len(shape.outputs) for shape in self.shapes)
        given = (self.weights.shape, self.bias.shape, self.defaults.shape)
        needed = ((outputs, inputs), (outputs,), (inputs,))
        if given != needed:
            raise InputError(f"heads: arrays of shapes {given} given, {needed} needed; the file is damaged")
        if not all(np.isfinite(array).all() for array in (self.weights, self.bias, self.defaults)):
            raise InputError("heads: a weight is not finite; train them again")

    @property
    def identity(self) -> str:
        """Name and content hash; part of the keys of cues."""
        digest = hashlib.sha256(encode(self._header()).encode())
        for array in (self.weights, self.bias, self.defaults):
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        return f"heads/{digest.hexdigest()[:12]}"

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all that `predict` says."""
        return tuple(name for shape in self.shapes for name in shape.outputs)

    def require(self, encoder: str) -> None:
        """Refuse an encoder other than the one they were trained on.

        Raises:
            InputError: Naming both encoders.
        """
        if encoder != self.encoder:
            raise InputError(
                f"heads: trained on features of {self.encoder}, {encoder} given; "
                "use that encoder or train heads for this one (s2s-arena judges train)"
            )

    def predict(self, features: NDArray[np.float32], prosody: Prosody | None = None) -> Mapping[str, float]:
        """What the heads say of one utterance.

        Args:
            features: Shape (frames, dimensions) of the encoder named by `encoder`.
            prosody: Measured delivery; the training mean stands in for what is None.

        Returns:
            Output name -> value: scales within their bounds, class probabilities that sum to 1 per head.

        Raises:
            InputError: Other dimensions, or no frame at all.
        """
        if features.ndim != 2 or features.shape[1] != self.dimensions:
            raise InputError(f"heads: features of shape {features.shape} given, (frames, {self.dimensions}) needed")
        inputs = pool(features)
        if self.prosody:
            extra = np.full(len(PROSODY), np.nan) if prosody is None else prosody_vector(prosody)
            inputs = np.concatenate([inputs, extra])
        inputs = np.where(np.isfinite(inputs), inputs, self.defaults)
        return self.read(inputs)

    def read(self, inputs: NDArray[np.float64]) -> Mapping[str, float]:
        """`predict` for inputs that are pooled already, shape (inputs,), all finite."""
        logits = self.weights.astype(np.float64) @ inputs + self.bias
        said: dict[str, float] = {}
        start = 0
        for shape in self.shapes:
            part = logits[start : start + len(shape.outputs)]
            start += len(shape.outputs)
            values = _softmax(part) if shape.classes else np.clip(part, shape.low, shape.high)
            said.update(zip(shape.outputs, map(float, values), strict=True))
        return said

    def save(self, path: Path) -> None:
        """Write one .npz file; equal heads give equal bytes."""
        header = np.frombuffer(encode(self._header()).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=header, weights=self.weights, bias=self.bias, defaults=self.defaults)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(buffer.getvalue())
        part.replace(path)

    @classmethod
    def load(cls, path: Path | str, *, encoder: str | None = None) -> "Heads":
        """Heads from a file written by `save`.

        Args:
            path: The .npz file; `SHIPPED` is the one in the package.
            encoder: If given, the identity of the encoder they will be used with.

        Raises:
            MissingError: There is no such file.
            InputError: It is no file of heads, of a newer format, damaged, or for another encoder.
        """
        path = Path(path)
        if not path.is_file():
            raise MissingError(f"heads {path}: no such file; train them with s2s-arena judges train")
        try:
            with np.load(path, allow_pickle=False) as stored:
                text = stored["header"].tobytes()
                arrays = {name: stored[name].astype(np.float32) for name in ("weights", "bias", "defaults")}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(f"heads {path}: not a file of heads ({error}); train them again") from error
        header = decode(_Header, text)
        if header.format != FORMAT or header.pooling != POOLING or header.prosody not in ((), PROSODY):
            raise InputError(
                f"heads {path}: format {header.format}, pooling {header.pooling}; this version reads format {FORMAT}, "
                f"pooling {POOLING}; upgrade s2s-arena or train them again"
            )
        heads = cls(
            encoder=header.encoder,
            dimensions=header.dimensions,
            prosody=bool(header.prosody),
            shapes=header.heads,
            card=header.card,
            **arrays,
        )
        if encoder is not None:
            heads.require(encoder)
        return heads

    def _header(self) -> _Header:
        return _Header(
            format=FORMAT,
            encoder=self.encoder,
            pooling=POOLING,
            dimensions=self.dimensions,
            prosody=PROSODY if self.prosody else (),
            heads=self.shapes,
            card=self.card,
        )


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max())
    values: NDArray[np.float64] = powers / powers.sum()
    return values
