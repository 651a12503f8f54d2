"""The verification study: a stratified draw, two questions of each sample, agreement beside the paper's figures.

Not to be confused with `s2s-arena verify`, which checks the hashes of a whole workspace.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s_arena.build import forms
from s2s_arena.build.review.people import described, write_clips
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.ratings.agreement import Estimate, krippendorff_alpha, wilson
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Score
from s2s_arena.records.taxonomy import Level

PER_LEVEL = 25
QUESTIONS: Mapping[str, str] = {
    "level": "level_right",
    "attributes": "attributes_right",
}
"""Question -> column of the form: is the level right, and are the stated attributes those that are heard?"""

PAPER: Mapping[str, tuple[int, int]] = {"level": (90, 100), "attributes": (93, 100)}
"""Agreed of asked, in the paper's study of 25 samples a level."""

MEANING: Mapping[Level, str] = {
    Level.L1: "the words are enough to answer well, and a plain voice is a good answer",
    Level.L2: "how it is said decides what a good answer says; a plain voice is a good answer",
    Level.L3: "the words ask for a certain delivery of the answer; the question itself is said plainly",
    Level.L4: "how it is said decides what a good answer says and in which delivery",
}
ANSWERS = ("yes", "no")
SCALE = "verification:"
COLUMNS = (
    "verifier", "sample", "sample_hash", "audio", "language", "task", "script", "level", "level_means", "attributes",
    *QUESTIONS.values(), "comment",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Agreement on one question.

    `share` counts samples (by majority of the verifiers, a tie is no agreement) of the stratified draw with equal
    numbers a level, as the paper does; `weighted` weighs levels by how many samples the suite has of each.
    """

    question: str
    share: Estimate
    levels: Mapping[str, Estimate]
    weighted: float | None
    alpha: Estimate  # among verifiers; undefined for one
    paper: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a verification study found."""

    questions: tuple[Answered, ...]
    verifiers: tuple[str, ...]
    disputed: tuple[tuple[SampleId, str, str], ...]  # sample, question, comments


def draw(samples: Sequence[Sample], *, per_level: int = PER_LEVEL, rng: np.random.Generator) -> tuple[Sample, ...]:
    """`per_level` samples of every level, or all of a level that has fewer; in random order.

    Raises:
        InputError: No sample has a level, or `per_level` is not positive.
    """
    if per_level < 1:
        raise InputError(f"verification: {per_level} samples a level asked; ask for at least 1")
    drawn: list[Sample] = []
    for level in Level:
        of_level = [sample for sample in samples if sample.level is level]
        chosen = rng.permutation(len(of_level))[:per_level]
        drawn += [of_level[int(i)] for i in chosen]
    if not drawn:
        raise InputError("verification: no sample has a level; give the suite's samples levels first")
    return tuple(drawn[int(i)] for i in rng.permutation(len(drawn)))


def export(
    drawn: Sequence[Sample], folder: Path, *, verifiers: Sequence[str], store: Store, suffix: str = ".csv"
) -> tuple[Path, ...]:
    """Writes one form a verifier and the clips; raises InputError for names that cannot be file names."""
    for name in verifiers:
        if not name or not all(c.isalnum() or c in "-_." for c in name):
            raise InputError(f"verifier {name!r}: use letters, digits, '-', '_' and '.' only; a pseudonym will do")
    audio = write_clips(drawn, folder, store=store)
    paths = []
    for name in verifiers:
        rows = [_row(name, sample, audio[sample.id]) for sample in drawn]
        path = folder / f"{name}{forms.VERIFY}{suffix}"
        forms.write(path, columns=COLUMNS, rows=rows)
        paths.append(path)
    return tuple(paths)


def fill(paths: Iterable[Path], *, suite: Suite, store: Store) -> int:
    """Records the answers of filled forms, all or none, and says how many are new; an answer once given stands.

    Raises:
        InputError: A form that cannot be read, a sample that the suite does not have as it was, another answer than
            yes or no; the message names file and row.
    """
    samples = {sample.id: sample for sample in suite.samples}
    answers: dict[str, Score] = {}
    for path in forms.gather(paths, ending=forms.VERIFY):
        for entry in forms.read(path, needed=("verifier", "sample", "sample_hash", *QUESTIONS.values())):
            sample = samples.get(SampleId(entry.cells["sample"]))
            if sample is None or sample.hash != entry.cells["sample_hash"]:
                raise InputError(
                    f"{entry.where}: sample {entry.cells['sample']!r} is not in suite {suite.name} as it was when the "
                    "form was made; name the suite of that time, or write new forms"
                )
            if not entry.cells["verifier"]:
                raise InputError(f"{entry.where}: no verifier; give a name or pseudonym")
            for question, column in QUESTIONS.items():
                answer = entry.one_of(column, ANSWERS)
                if not answer:
                    continue
                score = answered(
                    sample,
                    verifier=entry.cells["verifier"],
                    question=question,
                    answer=answer,
                    comment=entry.cells.get("comment", ""),
                )
                if score.key in answers and answers[score.key].raw != answer:
                    raise InputError(
                        f"{entry.where}: {score.judge} answers {column} of {sample.id} twice and differently; keep one"
                    )
                answers[score.key] = score
    return store.put(*answers.values())


def answered(sample: Sample, *, verifier: str, question: str, answer: str, comment: str) -> Score:
    """One verifier's answer to one question as a record.

    Raises:
        InputError: The question is not asked, or the answer is neither yes nor no.
    """
    if question not in QUESTIONS or answer not in ANSWERS:
        raise InputError(f"{question} {answer!r}; answer {', '.join(QUESTIONS)} with {' or '.join(ANSWERS)}")
    return Score(
        subject=_subject(sample),
        scale=f"{SCALE}{question}",
        judge=verifier,
        value=float(answer == "yes"),
        reason=comment,
        raw=answer,
    )


def summary(suite: Suite, *, store: Store, rng: np.random.Generator) -> Summary:
    """Agreement on the suite's samples that were verified."""
    by_subject = {_subject(sample): sample for sample in suite.samples}
    found: list[Answered] = []
    disputed: list[tuple[SampleId, str, str]] = []
    names: set[str] = set()
    for question in QUESTIONS:
        given: dict[SampleId, dict[str, Score]] = {}
        for score in store.all(Score, scale=f"{SCALE}{question}"):
            if score.subject in by_subject:
                given.setdefault(by_subject[score.subject].id, {})[score.judge] = score
        names |= {name for scores in given.values() for name in scores}
        right = {id: 2 * sum(s.value for s in scores.values()) > len(scores) for id, scores in given.items()}
        for id, agreed in right.items():
            if not agreed:
                comments = "; ".join(s.reason for s in given[id].values() if s.reason)
                disputed.append((id, question, comments))
        found.append(_answered(question, suite, given, right, rng=rng))
    return Summary(questions=tuple(found), verifiers=tuple(sorted(names)), disputed=tuple(disputed))


def _answered(
    question: str,
    suite: Suite,
    given: Mapping[SampleId, Mapping[str, Score]],
    right: Mapping[SampleId, bool],
    *,
    rng: np.random.Generator,
) -> Answered:
    level_of = {sample.id: sample.level for sample in suite.samples}
    asked = Counter(level_of[id] for id in right)
    agreed = Counter(level_of[id] for id, yes in right.items() if yes)
    sizes = Counter(level_of.values())
    levels = {level.value: wilson(agreed[level], asked[level]) for level in Level if asked[level]}
    weights = {level: sizes[level] for level in asked}
    weighted = sum(weights[level] * agreed[level] / asked[level] for level in asked)
    ids, judges = sorted(given), sorted({name for scores in given.values() for name in scores})
    labels = np.full((len(judges), len(ids)), -1, dtype=np.int64)
    for column, id in enumerate(ids):
        for name, score in given[id].items():
            labels[judges.index(name), column] = int(score.value)
    return Answered(
        question=question,
        share=wilson(sum(right.values()), len(right)),
        levels=levels,
        weighted=weighted / sum(weights.values()) if right else None,
        alpha=krippendorff_alpha(labels, categories=2, rng=rng),
        paper=wilson(*PAPER[question]),
    )


def _subject(sample: Sample) -> str:
    return content_hash("verification", sample.hash)


def _row(name: str, sample: Sample, audio: str) -> dict[str, str]:
    stated = [described(turn) for turn in sample.turns]
    wanted = ", ".join(f"{e.cue} {e.want}" for e in sample.expects if e.cue not in ("contains", "lacks"))
    attributes = " | ".join(part or "none" for part in stated)
    return {
        "verifier": name,
        "sample": sample.id,
        "sample_hash": sample.hash,
        "audio": audio,
        "language": sample.language,
        "task": sample.task or "",
        "script": " | ".join(turn.script for turn in sample.turns),
        "level": sample.level.value if sample.level else "",
        "level_means": MEANING[sample.level] if sample.level else "",
        "attributes": f"{attributes}; to be expressed: {wanted}" if wanted else attributes,
        **dict.fromkeys(QUESTIONS.values(), ""),
        "comment": "",
    }
