"""Heads against listeners: cross-validated in a workspace's way, and the shipped ones on the same, unheard clips.

    python bench/heads.py FOLDER [--layer 3] [--labelled DIR] [--repeats 10] [--cache DIR] [--json]

FOLDER has one sub-folder a scale (expressive, spontaneity, emotion, prosody), each with clips and a
scores.jsonl of {"audio": ..., "listeners": [1..5, ...]}. Needs the extra `local`. The shipped heads hear without
a transcript here, so speaking rate is left at their mean. On a busy machine set OMP_NUM_THREADS=1.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues import prosody
from s2s_arena.cues.heads import SHIPPED, Heads
from s2s_arena.cues.training.clips import Target, read_clips
from s2s_arena.cues.training.features import Measure, clip_vectors, dimensions, filled
from s2s_arena.cues.training.trainer import train
from s2s_arena.models import weights
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.models.whisper import Whisper
from s2s_arena.models.whisper_layers import WhisperLayer
from s2s_arena.protocols import Encoder
from s2s_arena.records.cues import Prosody

SETS = {"expressive": "expressive", "spontaneity": "spontaneity", "emotion": "arousal", "prosody": "prosody"}
ADJECTIVES = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised", "anger": "angry"}
NEEDED = {"expressive": 0.71, "spontaneity": 0.83}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scale: Spearman over shuffled repeats, and of each shipped scale on the same clips."""

    scale: str
    clips: int
    mean: float
    low: float
    high: float
    shipped: dict[str, float]


def measure(
    folder: Path,
    *,
    encoder: Encoder,
    cache: Path,
    repeats: int,
    seed: int,
    delivery: Measure,
    shipped: Heads | None,
) -> list[Row]:
    """Nested 10-fold cross-validation of each scale found in the folder."""
    rows = []
    for number, (name, scale) in enumerate(SETS.items()):
        if not (folder / name).is_dir():
            continue
        labelled = read_clips(Target(name=scale, source=folder / name, column="listeners"))
        raw = clip_vectors([clip.audio for clip in labelled.clips], encoder=encoder, cache=cache, prosody=delivery)
        width = dimensions(raw, prosody=True)
        trained = train(
            filled(raw)[0][:, : 2 * width],  # as `judges train` does: features alone
            labelled,
            dimensions=width,
            rng=np.random.default_rng([seed, number]),
            repeats=repeats,
        )
        figures = trained.summary.figures
        rows.append(
            Row(
                scale=scale,
                clips=len(labelled.clips),
                mean=float(np.mean(figures)),
                low=min(figures),
                high=max(figures),
                shipped={} if shipped is None else unheard(shipped, raw, [float(c.label) for c in labelled.clips]),
            )
        )
    return rows


def unheard(heads: Heads, vectors: np.ndarray, listeners: Sequence[float]) -> dict[str, float]:
    """Spearman of each shipped scale with listeners it was not trained on."""
    inputs = vectors[:, : heads.weights.shape[1]]
    said = [heads.read(np.where(np.isfinite(row), row, heads.defaults)) for row in inputs]
    scales = [shape.name for shape in heads.shapes if not shape.classes]
    return {name: float(spearmanr([each[name] for each in said], listeners).statistic) for name in scales}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One head of classes on labelled clips it was not trained on, choosing among the labels that occur."""

    head: str
    clips: int
    labels: int
    right: float


def choices(folder: Path, *, heads: Heads, encoder: Encoder, cache: Path, delivery: Measure) -> list[Choice]:
    """Each sub-folder named as a head (any case) with a metadata.csv of file, attribute_label and an audio folder."""
    found = []
    for shape in heads.shapes:
        place = folder / shape.name.capitalize()
        if not shape.classes or not place.is_dir():
            continue
        with (place / "metadata.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        labels = [ADJECTIVES.get(row["attribute_label"].lower(), row["attribute_label"].lower()) for row in rows]
        audio = [place / "audio" / row["file"] for row in rows]
        vectors = clip_vectors(audio, encoder=encoder, cache=cache, prosody=delivery)
        said = [heads.read(np.where(np.isfinite(vector), vector, heads.defaults)) for vector in vectors]
        offered = sorted(set(labels))
        best = [max(offered, key=lambda label: each.get(f"{shape.name}:{label}", -1.0)) for each in said]
        right = float(np.mean([chosen == label for chosen, label in zip(best, labels, strict=True)]))
        found.append(Choice(head=shape.name, clips=len(rows), labels=len(offered), right=right))
    return found


def main() -> int:
    """Print the table; status 1 where a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labelled", type=Path, help="folder with Emotion/ and Gender/, for the shipped heads")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "s2s-arena-heads")
    parser.add_argument("--layer", type=int, help="learn from this layer, as judges train --layer does")
    parser.add_argument("--heads", type=Path, default=SHIPPED)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folder = weights.folder("whisper-base", weights.default_cache())
    encoder: Encoder
    if given.layer is None:
        encoder = Whisper(folder, name="whisper-base", threads=given.threads)
    else:
        encoder = WhisperLayer(folder, name="whisper-base", layer=given.layer)
    pitch = SwiftPitch()
    shipped = Heads.load(given.heads) if given.heads.is_file() else None
    if shipped is not None and shipped.encoder != encoder.identity:
        shipped = None  # they read another layer

    def delivery(_: Path, speech: Waveform) -> Prosody:
        return prosody.measure(speech, pitch=pitch.track(speech), transcript=None)

    rows = measure(
        given.folder,
        encoder=encoder,
        cache=given.cache,
        repeats=given.repeats,
        seed=given.seed,
        delivery=delivery,
        shipped=shipped,
    )
    if given.json:
        print(json.dumps([{f: getattr(row, f) for f in Row.__slots__} for row in rows], indent=1))
    else:
        print(f"{'scale':<12} {'clips':>5} {'spearman':>8} {'low':>5} {'high':>5}   shipped heads, clips unheard")
        for row in rows:
            said = "  ".join(f"{name} {value:+.2f}" for name, value in row.shipped.items())
            print(f"{row.scale:<12} {row.clips:>5} {row.mean:>8.3f} {row.low:>5.2f} {row.high:>5.2f}   {said}")
    if given.labelled and shipped:
        for each in choices(given.labelled, heads=shipped, encoder=encoder, cache=given.cache, delivery=delivery):
            print(
                f"shipped {each.head}: {each.right:.2f} of {each.clips} clips right, {1 / each.labels:.2f} by chance",
                file=sys.stderr if given.json else sys.stdout,
            )
    missed = [row.scale for row in rows if row.mean < NEEDED.get(row.scale, -1.0)]
    if missed:
        print(f"below what is needed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
