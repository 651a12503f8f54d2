"""How well can listeners be predicted on two cores? Every layer, prosody, predicted quality and shipped heads, fused.

    python -m bench.listeners FOLDER [--repeats 10] [--cache DIR] [--json] [--seed 0] [--sets emotion] [--rate 8000]

FOLDER is as for bench/heads.py. Each set is band-limited to the lowest rate in it. Base learners are kernel ridge
regressions, one for each block of features and kernel; their penalties, and how they are put together, are chosen in
inner folds that the outer ones never see. Speakers are not known, so two figures are given: with shuffled folds, as
published ones are, and with clips of like voices held out together.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.fft import dct
from scipy.stats import rankdata, spearmanr

from s2s_arena.audio import files
from s2s_arena.audio.activity import active_mask, active_spans, frame_levels_dbfs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues import prosody
from s2s_arena.cues.contour import contour
from s2s_arena.cues.heads import SHIPPED, Heads, prosody_vector
from s2s_arena.cues.training.clips import Target, read_clips
from s2s_arena.cues.training.fitting import folds
from s2s_arena.models import weights
from s2s_arena.models.dnsmos import Dnsmos, mel_filters
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.models.whisper_layers import Layers
from s2s_arena.records.cues import Prosody
from s2s_arena.records.identity import content_hash

SETS = {"expressive": "expressive", "spontaneity": "spontaneity", "emotion": "arousal", "prosody": "prosody"}
NEEDED = {"expressive": 0.75, "spontaneity": 0.86, "arousal": 0.50, "prosody": 0.40}
VERSION = 2
RATE_HZ = 16_000
PENALTIES = tuple(10.0**step for step in np.arange(-3.0, 3.1, 0.5))
CLIPS_A_VOICE = 4  # like voices are put into a quarter as many groups as there are clips

Matrix = NDArray[np.float64]


# ------------------------------------------------------------------------------------------ features


class Hearing:
    """All instruments, and a folder that keeps what they said."""

    def __init__(self, cache: Path) -> None:
        folder = weights.folder("whisper-base", weights.default_cache())
        self._layers = Layers(folder)
        self._pitch = SwiftPitch()
        self._quality = Dnsmos()
        self._heads = Heads.load(SHIPPED)
        self._mel = mel_filters(RATE_HZ, fft=512, mels=40)
        self._cache = cache
        cache.mkdir(parents=True, exist_ok=True)

    def blocks(self, speech: Waveform) -> dict[str, Matrix]:
        """Vectors by block."""
        kept = self._cache / f"{content_hash('listeners', VERSION, speech.hash(), self._heads.identity)}.npz"
        if kept.is_file():
            with np.load(kept, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        found = self._heard(speech)
        part = kept.with_suffix(".part.npz")
        np.savez_compressed(part, **found)  # type: ignore[arg-type]  numpy's stub takes no mapping of arrays
        part.replace(kept)
        return found

    def _heard(self, speech: Waveform) -> dict[str, Matrix]:
        wave = resample(speech, RATE_HZ)
        found: dict[str, Matrix] = {}
        outputs = self._layers(wave)
        levels = frame_levels_dbfs(wave)
        frames = outputs[0].shape[0]
        at = np.linspace(0, max(0, levels.size - 1), frames).round().astype(int)
        loud = 10.0 ** (np.clip(levels[at] - levels.max(), -40.0, 0.0) / 20.0) if levels.size else np.ones(frames)
        loud = loud / loud.sum()
        for number, output in enumerate(outputs):
            x = output.astype(np.float64)
            mean = loud @ x
            found[f"mean{number}"] = np.concatenate([x.mean(axis=0), x.std(axis=0)])
            found[f"loud{number}"] = np.concatenate([mean, np.sqrt(np.maximum(loud @ (x - mean) ** 2, 0.0))])
        track = self._pitch.track(wave)
        measured = prosody.measure(wave, pitch=track, transcript=None)
        spans = active_spans(wave)
        tune = contour(track, spans, levels_dbfs=levels)
        found["prosody"] = np.concatenate(
            [
                prosody_vector(measured),
                _melody(tune.semitones, tune.times_s),
                _pausing(measured),
                _loudness(levels),
            ]
        )
        quality = self._quality.rate(wave)
        found["quality"] = np.array([quality.signal, quality.background, quality.overall, quality.p808])
        said = self._heads.predict(outputs[-1], measured)
        found["shipped"] = np.array([np.log(max(v, 1e-3)) if ":" in name else v for name, v in said.items()])
        found["voice"] = self._voice(wave, tune.semitones)
        return found

    def _voice(self, wave: Waveform, semitones: Matrix) -> Matrix:
        """What a voice is told by: mean and spread of its cepstrum where it speaks, and of its pitch."""
        samples = wave.samples[active_mask(wave, active_spans(wave))].astype(np.float64)
        samples = samples if samples.size > 512 else np.pad(wave.samples.astype(np.float64), (0, 513))
        cut = np.lib.stride_tricks.sliding_window_view(samples, 512)[::160]
        power = np.abs(np.fft.rfft(cut * np.hanning(512), axis=1)) ** 2 @ self._mel.T
        cepstrum = dct(np.log(power + 1e-10), axis=1, norm="ortho")[:, 1:20]
        f0 = [np.median(semitones), semitones.std()] if semitones.size else [np.nan, np.nan]
        return np.concatenate([cepstrum.mean(axis=0), cepstrum.std(axis=0), f0])


def _melody(semitones: Matrix, times_s: Matrix) -> Matrix:
    if semitones.size < 10:
        return np.full(8, np.nan)
    steps = np.abs(np.diff(semitones))[np.diff(times_s) < 0.03]
    places = np.percentile(semitones, [5, 25, 50, 75, 95]) - semitones.mean()
    return np.concatenate(
        [places, [steps.mean() if steps.size else 0.0, steps.std() if steps.size else 0.0, semitones.mean()]]
    )


def _pausing(measured: Prosody) -> Matrix:
    pauses = [span.end_s - span.start_s for span in measured.pauses]
    seconds = max(0.1, measured.duration_s)
    if not pauses:
        return np.array([0.0, 0.0, 0.0, 0.0, np.log(seconds)])
    return np.array([len(pauses) / seconds, np.mean(pauses), max(pauses), np.std(pauses), np.log(seconds)])


def _loudness(levels: Matrix) -> Matrix:
    if levels.size < 10:
        return np.full(7, np.nan)
    places = np.percentile(levels, [5, 25, 50, 75, 95]) - levels.max()
    steps = np.abs(np.diff(levels))
    return np.concatenate([places, [steps.mean(), steps.std()]])


# ------------------------------------------------------------------------------------------ learning


@dataclass(frozen=True, slots=True)
class Learner:
    """One base learner: kernel ridge regression on some blocks."""

    name: str
    blocks: tuple[str, ...]
    kernel: str  # linear | rbf


def learners(layers: int) -> tuple[Learner, ...]:
    """Each layer's mean and spread, linear and not, the middle ones by loudness too; and each further block."""
    made = [Learner(f"mean{n}", ("mean" + str(n),), "linear") for n in range(layers)]
    made += [Learner(f"mean{n} rbf", (f"mean{n}",), "rbf") for n in range(1, layers - 1)]
    made += [Learner(f"loud{n}", (f"loud{n}",), "linear") for n in (2, 3, 4)]
    for block in ("prosody", "quality", "shipped"):
        made += [Learner(block, (block,), "linear"), Learner(f"{block} rbf", (block,), "rbf")]
    small = ("prosody", "quality", "shipped")
    made += [Learner("small rbf", small, "rbf"), Learner("small", small, "linear")]
    return tuple(made)


def scaled(train: Matrix, other: Matrix) -> tuple[Matrix, Matrix]:
    """Both in units of the first: missing values at its mean."""
    known = np.isfinite(train)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, train, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(known, train - mean, 0.0) ** 2).sum(axis=0) / counts)
    spread = np.where(spread > 1e-9, spread, np.inf)
    fit = [np.where(np.isfinite(x), (x - mean) / spread, 0.0) for x in (train, other)]
    return np.clip(fit[0], -5, 5), np.clip(fit[1], -5, 5)


Folded = Mapping[str, tuple[Matrix, Matrix]]
"""Each block of the clips learnt from and of those held out, in units of the former."""


def grams(learner: Learner, folded: Folded) -> tuple[Matrix, Matrix]:
    """Kernel within the clips learnt from, and between those held out and them."""
    pairs = [folded[block] for block in learner.blocks]
    train = np.hstack([a / np.sqrt(a.shape[1]) for a, _ in pairs])
    other = np.hstack([b / np.sqrt(b.shape[1]) for _, b in pairs])
    if learner.kernel == "linear":
        return train @ train.T, other @ train.T
    within, between = _distances(train, train), _distances(other, train)
    width = np.median(within[within > 0])
    return np.exp(-within / width), np.exp(-between / width)


def _distances(a: Matrix, b: Matrix) -> Matrix:
    return np.maximum(0.0, (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2.0 * a @ b.T)


def ridge(within: Matrix, between: Matrix, target: Matrix) -> Matrix:
    """Predictions for those held out, one row a penalty."""
    values, vectors = np.linalg.eigh(within)
    level = target.mean()
    projected = vectors.T @ (target - level)
    values = np.maximum(values, 0.0)
    shrunk = projected[:, None] / (values[:, None] + np.array(PENALTIES))
    return np.asarray((between @ (vectors @ shrunk)).T + level)


def fused(target: Matrix, inside: Matrix, outside: Matrix) -> Matrix:
    """One prediction from many, the way of it chosen by how well it does inside.

    Args:
        target: Shape (clips,).
        inside: Shape (learners, clips): of each clip by models that did not learn from it.
        outside: Shape (learners, others).
    """
    good = np.array([_rank(row, target) for row in inside])
    order = np.argsort(-good)
    z_in, z_out = _standard(inside, inside), _standard(inside, outside)
    ways = [np.where(np.isin(np.arange(len(good)), order[:count]), 1.0, 0.0) for count in (1, 3, 6, 12)]
    ways += [np.maximum(good, 0.0) ** power for power in (2, 8)]
    scores = [_rank(way @ z_in, target) for way in ways]
    # The mean of the three best ways: the best one alone is chosen by luck among near-equals.
    best = np.argsort(scores)[::-1][:3]
    return np.asarray(sum(ways[way] @ z_out / ways[way].sum() for way in best) / 3.0)


def _standard(reference: Matrix, values: Matrix) -> Matrix:
    spread = np.maximum(reference.std(axis=1, keepdims=True), 1e-9)
    return (values - reference.mean(axis=1, keepdims=True)) / spread


def _rank(outputs: Matrix, target: Matrix) -> float:
    a, b = rankdata(outputs), rankdata(target)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def nested(
    features: Mapping[str, Matrix],
    target: Matrix,
    who: Sequence[Learner],
    *,
    rng: np.random.Generator,
    groups: Sequence[str] | None,
) -> tuple[Matrix, Matrix]:
    """Predictions of every clip by models that never saw it or its group: fused, and of each learner by itself."""
    clips = target.size
    together, alone = np.zeros(clips), np.zeros((len(who), clips))
    for held in folds(clips, 10, rng, groups=groups):
        rest = np.setdiff1d(np.arange(clips), held)
        known = None if groups is None else [groups[i] for i in rest]
        parts = folds(rest.size, 5, rng, groups=known)
        folded = {name: scaled(block[rest], block[held]) for name, block in features.items()}
        inside = np.zeros((len(who), rest.size))
        outside = np.zeros((len(who), held.size))
        for place, learner in enumerate(who):
            within, between = grams(learner, folded)
            tried = np.zeros((len(PENALTIES), rest.size))
            for part in parts:
                others = np.setdiff1d(np.arange(rest.size), part)
                tried[:, part] = ridge(
                    within[np.ix_(others, others)], within[np.ix_(part, others)], target[rest[others]]
                )
            best = int(np.argmin(((tried - target[rest]) ** 2).mean(axis=1)))
            inside[place] = tried[best]
            outside[place] = ridge(within, between, target[rest])[best]
        together[held] = fused(target[rest], inside, outside)
        alone[:, held] = outside
    return together, alone


def like_voices(voices: Matrix) -> list[str]:
    """Groups of clips whose voices are alike, about four clips each: average linkage of cepstra and pitch."""
    x, _ = scaled(voices, voices)
    tree = linkage(x, method="average", metric="correlation")
    return [f"voice{n}" for n in fcluster(tree, t=max(10, len(x) // CLIPS_A_VOICE), criterion="maxclust")]


# ------------------------------------------------------------------------------------------ the table


def judged(
    scale: str, features: Mapping[str, Matrix], target: Matrix, *, repeats: int, seed: list[int]
) -> dict[str, Any]:
    """Mean, lowest and highest Spearman over the repeats: fused, and of each learner alone."""
    voices = like_voices(features["voice"])
    blocks = {name: block for name, block in features.items() if name != "voice"}
    who = learners(sum(block.startswith("mean") for block in features))
    row: dict[str, Any] = {
        "scale": scale,
        "clips": int(target.size),
        "needed": NEEDED[scale],
        "voices": len(set(voices)),
    }
    for how, groups in (("shuffled", None), ("by voice", voices)):
        said: dict[str, list[float]] = {}
        for repeat in range(repeats):
            rng = np.random.default_rng([*seed, repeat])
            together, alone = nested(blocks, target, who, rng=rng, groups=groups)
            for name, outputs in (("fused", together), *zip([learner.name for learner in who], alone, strict=True)):
                said.setdefault(name, []).append(float(spearmanr(outputs, target).statistic))
        row[how] = {name: [float(np.mean(v)), min(v), max(v)] for name, v in said.items()}
    return row


def show(row: Mapping[str, Any], rate_hz: int) -> None:
    """One set, in two lines."""
    print(f"{row['scale']}: {row['clips']} clips at {rate_hz} Hz, {row['voices']} groups of like voices;", end=" ")
    print(f"needed {row['needed']:.2f}")
    for how in ("shuffled", "by voice"):
        best = sorted((name for name in row[how] if name != "fused"), key=lambda name: -row[how][name][0])[:5]
        alone = ", ".join(f"{name} {row[how][name][0]:.3f}" for name in dict.fromkeys([*best, "mean7"]))
        mean, low, high = row[how]["fused"]
        print(f"  {how:<9} {mean:.3f} [{low:.3f}, {high:.3f}]; alone: {alone}", flush=True)


def main() -> int:
    """Print the table; status 1 where a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=RATE_HZ, help="band-limit further: how much hangs on treble?")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "s2s-arena-listeners")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    hearing = Hearing(given.cache)
    missed: list[str] = []
    rows: list[dict[str, Any]] = []
    for number, (name, scale) in enumerate(SETS.items()):
        if name not in given.sets.split(",") or not (given.folder / name).is_dir():
            continue
        labelled = read_clips(Target(name=scale, source=given.folder / name, column="listeners"))
        waves = [files.read(clip.audio) for clip in labelled.clips]
        lowest = min(given.rate, *(wave.rate_hz for wave in waves))
        heard = []
        for index, wave in enumerate(waves):
            heard.append(hearing.blocks(resample(wave, lowest) if wave.rate_hz > lowest else wave))
            if index % 20 == 19:
                print(f"{name}: {index + 1}/{len(waves)} heard", file=sys.stderr, flush=True)
        features = {block: np.stack([each[block] for each in heard]) for block in heard[0]}
        target = np.array([float(clip.label) for clip in labelled.clips])
        row = judged(scale, features, target, repeats=given.repeats, seed=[given.seed, number])
        rows.append({**row, "rate_hz": lowest})
        if row["shuffled"]["fused"][0] < NEEDED[scale]:
            missed.append(scale)
        if not given.json:
            show(row, lowest)
    if given.json:
        print(json.dumps(rows, indent=1))
    if missed:
        print(f"below what is needed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
