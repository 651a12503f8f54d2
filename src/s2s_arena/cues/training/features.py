"""What heads learn from: one vector a clip, kept by audio so that it is computed once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio import files
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.heads import POOLING, PROSODY, pool, prosody_vector
from s2s_arena.protocols import Encoder, Progress
from s2s_arena.records.cues import Prosody
from s2s_arena.records.identity import content_hash

ENCODER_RATE_HZ = 16_000  # what speech encoders listen at

Measure = Callable[[Path, Waveform], Prosody]
"""Measures delivery; the path is for what is known of a clip beside its sound, such as its words."""


def clip_vectors(
    audio: Sequence[Path],
    *,
    encoder: Encoder,
    prosody: Measure | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """The inputs of heads for each clip: pooled encoder features, then prosody if it is measured.

    All clips are brought to the lowest rate among them (16 kHz at most), so that bandwidth, which differs
    between corpora, cannot stand in for what is to be learnt.

    Args:
        audio: Files of any supported format; the same file may come more than once.
        encoder: Whose features are pooled.
        prosody: Measures delivery; None leaves prosody out.
        cache: Folder that keeps vectors by the hash of audio and encoder; None keeps nothing.
        progress: Told of each clip.

    Returns:
        Shape (clips, inputs); NaN where prosody could not be measured.
    """
    distinct = list(dict.fromkeys(audio))
    lowest = min(ENCODER_RATE_HZ, *(files.read(path).rate_hz for path in distinct))
    vectors: dict[Path, NDArray[np.float64]] = {}
    if progress:
        progress.begin("hear clips", len(distinct))
    for path in distinct:
        speech = files.read(path)
        if speech.rate_hz > lowest:
            speech = resample(speech, lowest)
        vectors[path] = np.concatenate(
            [_pooled(speech, encoder=encoder, cache=cache)]
            + ([prosody_vector(prosody(path, speech))] if prosody else [])
        )
        if progress:
            progress.advance(path.name)
    if progress:
        progress.end()
    return np.stack([vectors[path] for path in audio])


def filled(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The vectors with the mean of the others where a value is NaN, and those means.

    Returns:
        Shapes (clips, inputs) and (inputs,).
    """
    known = np.isfinite(vectors)
    counts = known.sum(axis=0)
    means = np.where(known, vectors, 0.0).sum(axis=0) / np.maximum(counts, 1)
    return np.where(known, vectors, means), means


def dimensions(vectors: NDArray[np.float64], *, prosody: bool) -> int:
    """Of the encoder's features, from the width of the inputs."""
    return (int(vectors.shape[1]) - (len(PROSODY) if prosody else 0)) // 2


def _pooled(speech: Waveform, *, encoder: Encoder, cache: Path | None) -> NDArray[np.float64]:
    if cache is None:
        return pool(encoder.encode(speech))
    kept = cache / f"{content_hash('pooled', POOLING, encoder.identity, speech.hash())}.npy"
    if kept.is_file():
        stored: NDArray[np.float64] = np.load(kept, allow_pickle=False)
        return stored
    vector = pool(encoder.encode(speech))
    cache.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part.npy")
    np.save(part, vector, allow_pickle=False)
    part.replace(kept)
    return vector
