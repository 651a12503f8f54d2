"""The reviewers' round trip: a folder with a form for each reviewer and the clips, and the filled forms read back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s_arena.build import forms
from s2s_arena.build.review.decisions import REASONS, by_instruments
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.records.identity import JudgeName, SampleId
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.scores import Review

FILLED = ("decision", "reason", "comment")
COLUMNS = (
    "reviewer", "sample", "sample_hash", "audio", "language", "level", "task", "script", "labels", "background",
    "instruments", *FILLED,
)  # fmt: skip
DECISIONS = ("keep", "discard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was read from filled forms."""

    new: int
    kept: int  # decisions that were recorded before and stay as they were
    blank: int  # rows without a decision
    contradictions: tuple[str, ...]  # rows that say another thing than the decision recorded before


def export(
    suite: Suite,
    folder: Path,
    *,
    reviewers: Sequence[str],
    store: Store,
    rng: np.random.Generator,
    suffix: str = ".csv",
) -> tuple[Path, ...]:
    """Writes one form a reviewer, each in an order of its own so that fatigue falls on different samples.

    Args:
        suite: Whose samples are reviewed.
        folder: Gets `REVIEWER.csv` (or .jsonl) and `audio/`.
        reviewers: Their names, or pseudonyms.
        store: Has the speech, and the automatic reviews that reviewers are shown.
        rng: Draws the orders.
        suffix: .csv or .jsonl.

    Raises:
        InputError: No or equal names, or names that cannot be file names.
    """
    names = [name.strip() for name in reviewers]
    if not names or len(set(names)) < len(names):
        raise InputError(f"reviewers {', '.join(names) or '(none)'}: give different names, such as ann,bo,chen,dee")
    for name in names:
        if not name or not all(c.isalnum() or c in "-_." for c in name) or ":" in name:
            raise InputError(f"reviewer {name!r}: use letters, digits, '-', '_' and '.' only; a pseudonym will do")
    audio = write_clips(suite.samples, folder, store=store)
    found = by_instruments(store.all(Review), suite.samples)
    paths = []
    for name in names:
        order = rng.permutation(len(suite.samples))
        rows = [_row(name, suite.samples[int(i)], audio, found) for i in order]
        path = folder / f"{name}{suffix}"
        forms.write(path, columns=COLUMNS, rows=rows)
        paths.append(path)
    return tuple(paths)


def fill(paths: Iterable[Path], *, suite: Suite, store: Store) -> Filled:
    """Records the decisions of filled forms, all or, on any error, none. A decision once recorded stands.

    Raises:
        InputError: A form that cannot be read, a sample the suite does not have or has in another version, a
            decision that is none, a discard without one of the reasons, the same sample twice; the message
            names file and row.
    """
    samples = {sample.id: sample for sample in suite.samples}
    reviews: dict[str, tuple[str, Review]] = {}
    blank = 0
    for path in forms.gather(paths):
        for entry in forms.read(path, needed=("reviewer", "sample", "sample_hash", "decision", "reason")):
            review = _review(entry, samples, suite=suite)
            if review is None:
                blank += 1
            elif review.key in reviews:
                first = reviews[review.key][0]
                raise InputError(f"{entry.where}: {review.reviewer} decides on {review.sample} twice, see {first}")
            else:
                reviews[review.key] = (entry.where, review)
    earlier = {key: old for key in reviews if (old := store.get(Review, key)) is not None}
    contradictions = [
        f"{where}: {new.reviewer} on {new.sample}: {_said(new)} now, {_said(earlier[key])} before, which stands"
        for key, (where, new) in reviews.items()
        if key in earlier and _said(earlier[key]) != _said(new)
    ]
    store.put(*(review for _, review in reviews.values()))
    return Filled(new=len(reviews) - len(earlier), kept=len(earlier), blank=blank, contradictions=tuple(contradictions))


def decided(sample: Sample, *, reviewer: str, decision: str, reason: str, comment: str) -> Review:
    """One person's decision as a record.

    Raises:
        InputError: Neither keep nor discard, or a discard without one of the reasons.
    """
    if decision not in DECISIONS:
        raise InputError(f"decision {decision!r}; write one of: {', '.join(DECISIONS)}")
    if decision == "discard" and reason not in REASONS:
        raise InputError(f"discard needs a reason; write one of: {', '.join(REASONS)}")
    return Review(
        sample=sample.id,
        sample_hash=sample.hash,
        reviewer=JudgeName(reviewer),
        keep=decision == "keep",
        reason=reason if decision == "discard" else "",
        answers={"comment": comment} if comment else {},
    )


def write_clips(samples: Sequence[Sample], folder: Path, *, store: Store) -> dict[SampleId, str]:
    """Writes the speech of every turn into `folder`/audio; sample -> relative paths, joined by " | "."""
    paths = {}
    for sample in samples:
        spoken = [(n, turn.speech) for n, turn in enumerate(sample.turns, start=1) if turn.speech is not None]
        names = {sample.id if len(sample.turns) == 1 else f"{sample.id}-turn{n}": ref for n, ref in spoken}
        written = forms.clips({name: store.audio(ref.hash) for name, ref in names.items()}, folder=folder)
        paths[sample.id] = " | ".join(written.values())
    return paths


def described(turn: Turn) -> str:
    """The labels of a turn as one line: `emotion=sad; pace=slow`."""
    return "; ".join(f"{label}={value}" for label, value in sorted(turn.labels.items()))


def _row(name: str, sample: Sample, audio: Mapping[SampleId, str], found: Mapping[str, Review]) -> dict[str, str]:
    automatic = found.get(sample.hash)
    return {
        "reviewer": name,
        "sample": sample.id,
        "sample_hash": sample.hash,
        "audio": audio[sample.id],
        "language": sample.language,
        "level": sample.level.value if sample.level else "",
        "task": sample.task or "",
        "script": " | ".join(turn.script for turn in sample.turns),
        "labels": " | ".join(described(turn) for turn in sample.turns),
        "background": " | ".join(
            f"{turn.background.scene} {turn.background.snr_db:g} dB" for turn in sample.turns if turn.background
        ),
        "instruments": "" if automatic is None else "; ".join(automatic.answers.values()),
        **dict.fromkeys(FILLED, ""),
    }


def _review(entry: forms.Entry, samples: Mapping[SampleId, Sample], *, suite: Suite) -> Review | None:
    cells = entry.cells
    decision = entry.one_of("decision", DECISIONS)
    reason = entry.one_of("reason", REASONS)
    sample = samples.get(SampleId(cells["sample"]))
    if sample is None:
        raise InputError(f"{entry.where}: sample {cells['sample']!r} is not in suite {suite.name}; name its suite")
    if cells["sample_hash"] != sample.hash:
        raise InputError(
            f"{entry.where}: sample {sample.id} has changed since the form was made; write new forms with --forms"
        )
    if not cells["reviewer"] or ":" in cells["reviewer"]:
        raise InputError(f"{entry.where}: reviewer {cells['reviewer']!r}; give the name the form was made for")
    if not decision:
        return None
    try:
        return decided(
            sample, reviewer=cells["reviewer"], decision=decision, reason=reason, comment=cells.get("comment", "")
        )
    except InputError as error:
        raise InputError(f"{entry.where}: {error}") from error


def _said(review: Review) -> str:
    return "keep" if review.keep else f"discard ({review.reason})"
