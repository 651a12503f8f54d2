"""From labelled clips to a file of heads, with cross-validated figures: what `judges train` runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from s2s_arena.cues.heads import HeadCard, Heads, HeadShape
from s2s_arena.cues.training.clips import Clip, Labelled, Target, read_clips
from s2s_arena.cues.training.features import Measure, clip_vectors, dimensions, filled
from s2s_arena.cues.training.fitting import CHOICE, SCALE, Linear, nested, select
from s2s_arena.errors import InputError
from s2s_arena.protocols import Encoder, Progress

IMPORTANCES = ((1.0, 1.0), (0.5, 1.0), (0.25, 1.0))
IMPORTANCES_WITH_PROSODY = ((0.5, 3.0), (0.5, 10.0), (0.5, 30.0))
"""How freely standard deviations and prosody may be used beside the means, which have 1: selected as the penalty is.

There are as many standard deviations as means, and they tell less; of prosody there are only a few, and they tell more.
"""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSummary:
    """One trained head and its cross-validated figure: Spearman for a scale, balanced accuracy for classes."""

    name: str
    classes: tuple[str, ...]
    clips: int
    groups: int  # 0 where groups are unknown
    penalty: float
    measure: str  # spearman | balanced accuracy
    figures: tuple[float, ...]  # one per shuffled repeat

    @property
    def figure(self) -> float:
        """Mean over the repeats."""
        return float(np.mean(self.figures))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSummary:
    """What `train_from_clips` made."""

    out: Path
    identity: str
    encoder: str
    heads: tuple[HeadSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One head before it is written."""

    shape: HeadShape
    model: Linear
    summary: HeadSummary


def train_from_clips(
    targets: Sequence[Target],
    *,
    encoder: Encoder,
    out: Path,
    seed: int,
    prosody: Measure | None = None,
    cache: Path | None = None,
    repeats: int = 10,
    title: str = "Workspace heads",
    licence: str = "as the clips they were trained on",
    training: str | None = None,
    notes: Sequence[str] = (),
    progress: Progress | None = None,
) -> TrainingSummary:
    """Train one head a target and write them to one file.

    Args:
        targets: What to learn and from which clips; names must differ.
        encoder: Whose features the heads read, and will go on needing.
        out: The .npz file to write.
        seed: Of folds; the same seed, clips and encoder give the same heads.
        prosody: Measures delivery, to add to the features.
        cache: Folder for features, so that a second training does not hear the clips again.
        repeats: Shuffled repeats of nested 10-fold cross-validation for the figures.
        title: Of the model card.
        licence: Of the heads, for the model card.
        training: What the clips are, for the model card; by default the names of their lists.
        notes: For the model card.
        progress: Told of each clip.

    Raises:
        MissingError: A list or clip is not there.
        InputError: No targets, two of one name, or labels that nothing can be learnt from (see `read_clips`).
        AudioError: A clip that is not usable audio.
    """
    names = [target.name for target in targets]
    if not names or len(set(names)) < len(names):
        raise InputError(f"training: targets {', '.join(names) or 'none'} given; one or more of different names needed")
    labelled = [read_clips(target) for target in targets]
    audio = list(dict.fromkeys(clip.audio for each in labelled for clip in each.clips))
    raw = clip_vectors(audio, encoder=encoder, prosody=prosody, cache=cache, progress=progress)
    vectors, defaults = filled(raw)
    row = {path: index for index, path in enumerate(audio)}
    width = dimensions(vectors, prosody=prosody is not None)
    trained = [
        train(
            vectors[[row[clip.audio] for clip in each.clips]],
            each,
            dimensions=width,
            rng=np.random.default_rng([seed, number]),
            repeats=repeats,
        )
        for number, each in enumerate(labelled)
    ]
    summaries = tuple(each.summary for each in trained)
    card = HeadCard(
        title=title,
        training=training or "; ".join(f"{target.name} from {target.source.name}" for target in targets),
        licence=licence,
        clips=len(audio),
        groups=len({clip.group for each in labelled for clip in each.clips if clip.group is not None}),
        seed=seed,
        figures={f"{each.name}: {each.measure}, cross-validated": round(each.figure, 3) for each in summaries},
        notes=tuple(notes),
    )
    heads = assemble(
        trained,
        encoder=encoder.identity,
        dimensions=width,
        prosody=prosody is not None,
        defaults=defaults,
        card=card,
    )
    heads.save(out)
    return TrainingSummary(out=out, identity=heads.identity, encoder=encoder.identity, heads=summaries)


def train(
    vectors: Matrix, labelled: Labelled, *, dimensions: int, rng: np.random.Generator, repeats: int = 10
) -> Trained:
    """One head, fitted on all clips, and how well heads fitted so predict clips (and groups) they have not heard.

    Args:
        vectors: Shape (clips, inputs), finite, in the order of the labelled clips.
        labelled: The labels; where groups are known, a group is held out whole.
        dimensions: Of the encoder's features: the inputs are their means, their standard deviations, and the rest.
        rng: Shuffles the folds.
        repeats: Of the cross-validation.
    """
    recipe = CHOICE if labelled.classes else SCALE
    target = _target(labelled.clips, labelled.classes)
    groups = labelled.groups
    if groups is not None and len(set(groups)) < 2:
        groups = None
    extra = vectors.shape[1] - 2 * dimensions
    importances = [
        np.concatenate([np.ones(dimensions), np.full(dimensions, spread), np.full(extra, prosody)])
        for spread, prosody in (IMPORTANCES_WITH_PROSODY if extra else IMPORTANCES)
    ]
    outside = [
        nested(vectors, target, recipe=recipe, rng=rng, groups=groups, importances=importances) for _ in range(repeats)
    ]
    measure = balanced_accuracy if labelled.classes else spearman
    model = select(vectors, target, recipe=recipe, rng=rng, groups=groups, importances=importances)
    low, high = (1.0, 5.0) if labelled.classes else _bounds(target)
    return Trained(
        shape=HeadShape(name=labelled.name, classes=labelled.classes, low=low, high=high),
        model=model,
        summary=HeadSummary(
            name=labelled.name,
            classes=labelled.classes,
            clips=len(labelled.clips),
            groups=0 if groups is None else len(set(groups)),
            penalty=model.penalty,
            measure="balanced accuracy" if labelled.classes else "spearman",
            figures=tuple(measure(outputs, target) for outputs in outside),
        ),
    )


def assemble(
    trained: Sequence[Trained],
    *,
    encoder: str,
    dimensions: int,
    prosody: bool,
    defaults: Matrix,
    card: HeadCard,
) -> Heads:
    """The trained heads as one object that reads one vector."""
    return Heads(
        encoder=encoder,
        dimensions=dimensions,
        prosody=prosody,
        shapes=tuple(each.shape for each in trained),
        weights=np.vstack([each.model.weights for each in trained]).astype(np.float32),
        bias=np.concatenate([each.model.bias for each in trained]).astype(np.float32),
        defaults=defaults.astype(np.float32),
        card=card,
    )


def spearman(outputs: Matrix, target: Matrix) -> float:
    """Rank correlation of one output with its target, both of shape (clips, 1); 0 where either is constant."""
    if np.ptp(outputs) == 0.0 or np.ptp(target) == 0.0:
        return 0.0
    return float(spearmanr(outputs[:, 0], target[:, 0]).statistic)


def balanced_accuracy(outputs: Matrix, target: Matrix) -> float:
    """Mean over classes of the share of their clips that are named right; both of shape (clips, classes)."""
    right = outputs.argmax(axis=1) == target.argmax(axis=1)
    shares: Mapping[int, float] = {
        each: float(right[target[:, each] == 1.0].mean()) for each in range(target.shape[1]) if target[:, each].any()
    }
    return float(np.mean(list(shares.values())))


def _target(clips: Sequence[Clip], classes: Sequence[str]) -> Matrix:
    if classes:
        return np.array([[float(clip.label == each) for each in classes] for clip in clips])
    return np.array([[float(clip.label)] for clip in clips])


def _bounds(target: Matrix) -> tuple[float, float]:
    low, high = float(target.min()), float(target.max())
    # Listeners' scales run from 1 to 5 even where no clip reached an end.
    return (1.0, 5.0) if low >= 1.0 and high <= 5.0 else (low, high)
