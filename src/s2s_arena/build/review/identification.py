"""Can people hear the cue without being told? Listeners name what they hear; three of them decide by majority."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s_arena.build import forms
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.ratings.agreement import Estimate, krippendorff_alpha, wilson
from s2s_arena.records.identity import SampleId, content_hash
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Score

LISTENERS = 3
MOST_OPTIONS = 12  # a cue with more values is no question that a list can answer
UNTOLD = "cannot_tell"
SCALE = "identify:"
COLUMNS = ("listener", "clip", "audio", "language", "cue", "options", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which value of a cue one turn shows; the clip's name tells nothing of it."""

    sample: SampleId
    turn: int
    clip: str
    cue: str
    want: str
    options: tuple[str, ...]  # without "cannot tell"

    @property
    def subject(self) -> str:
        """Under which answers are kept."""
        return content_hash("identify", self.clip)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """How well one cue was identified."""

    cue: str
    by_majority: Estimate  # share of clips of which most listeners name the right value
    by_listener: Estimate  # share of all answers that are right
    chance: float  # one over the number of options
    alpha: Estimate  # agreement on what was named, right or wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """What listeners identified."""

    cues: tuple[Cue, ...]
    missed: tuple[tuple[SampleId, str, str], ...]  # sample, cue=value, what was named instead and how often
    unfinished: int  # questions that fewer than three listeners answered


def questions(suite: Suite) -> tuple[Question, ...]:
    """One question for each label of each spoken turn whose values in the suite can be listed (2 to 12)."""
    values: dict[str, set[str]] = {}
    for sample in suite.samples:
        for turn in sample.turns:
            for cue, value in turn.labels.items():
                values.setdefault(cue, set()).add(value)
    if "emotion" in values:
        values["emotion"].add("neutral")
    listed = {cue: tuple(sorted(given)) for cue, given in values.items() if 2 <= len(given) <= MOST_OPTIONS}
    return tuple(
        Question(
            sample=sample.id,
            turn=index,
            clip=f"clip-{content_hash(sample.hash, index)[:12]}",
            cue=cue,
            want=value,
            options=listed[cue],
        )
        for sample in suite.samples
        for index, turn in enumerate(sample.turns)
        if turn.speech is not None
        for cue, value in turn.labels.items()
        if cue in listed
    )


def export(
    suite: Suite,
    folder: Path,
    *,
    listeners: Sequence[str],
    store: Store,
    rng: np.random.Generator,
    suffix: str = ".csv",
) -> tuple[Path, ...]:
    """Writes one blind form a listener, each in an order of its own, and the clips under names that tell nothing.

    Raises:
        InputError: Nothing in the suite can be asked about.
    """
    asked = questions(suite)
    if not asked:
        raise InputError(f"suite {suite.name}: no label with 2 to {MOST_OPTIONS} values to ask about; label its turns")
    waves = {}
    for question in asked:
        speech = suite.sample(question.sample).turns[question.turn].speech
        if speech is not None:
            waves[question.clip] = store.audio(speech.hash)
    audio = forms.clips(waves, folder=folder)
    paths = []
    for listener in dict.fromkeys(listeners):
        order = rng.permutation(len(asked))
        rows = [
            {
                "listener": listener,
                "clip": q.clip,
                "audio": audio[q.clip],
                "language": suite.sample(q.sample).turns[q.turn].language,
                "cue": q.cue,
                "options": ", ".join([*q.options, UNTOLD]),
                "answer": "",
            }
            for q in (asked[int(i)] for i in order)
        ]
        path = folder / f"{listener}{forms.IDENTIFY}{suffix}"
        forms.write(path, columns=COLUMNS, rows=rows)
        paths.append(path)
    return tuple(paths)


def fill(paths: Iterable[Path], *, suite: Suite, store: Store) -> int:
    """Records the answers of filled forms, all or none, and says how many are new; an answer once given stands.

    Raises:
        InputError: A form that cannot be read, a clip or cue that was not asked, an answer not in its list.
    """
    asked = {(q.clip, q.cue): q for q in questions(suite)}
    answers: dict[str, Score] = {}
    for path in forms.gather(paths, ending=forms.IDENTIFY):
        for entry in forms.read(path, needed=("listener", "clip", "cue", "answer")):
            cells = entry.cells
            question = asked.get((cells["clip"], cells["cue"]))
            if question is None:
                raise InputError(
                    f"{entry.where}: {cells['cue']!r} of {cells['clip']!r} was not asked of suite {suite.name}; "
                    "name the suite that the form was made for"
                )
            if not cells["listener"]:
                raise InputError(f"{entry.where}: no listener; give a name or pseudonym")
            answer = entry.one_of("answer", (*question.options, UNTOLD))
            if not answer:
                continue
            score = answered(question, listener=cells["listener"], answer=answer)
            answers[score.key] = score
    return store.put(*answers.values())


def answered(question: Question, *, listener: str, answer: str) -> Score:
    """One listener's answer as a record.

    Raises:
        InputError: The answer is not among the options.
    """
    if answer not in (*question.options, UNTOLD):
        raise InputError(f"{question.cue} {answer!r}; one of {', '.join((*question.options, UNTOLD))} is needed")
    return Score(
        subject=question.subject,
        scale=f"{SCALE}{question.cue}",
        judge=listener,
        value=float(answer == question.want),
        raw=answer,
    )


def summary(suite: Suite, *, store: Store, rng: np.random.Generator) -> Identified:
    """How well the suite's cues were identified by those who listened."""
    found: dict[str, list[tuple[Question, dict[str, str]]]] = {}
    for question in questions(suite):
        given = {s.judge: s.raw for s in store.all(Score, subject=question.subject, scale=f"{SCALE}{question.cue}")}
        found.setdefault(question.cue, []).append((question, given))
    missed: list[tuple[SampleId, str, str]] = []
    cues = []
    unfinished = 0
    for cue, rows in sorted(found.items()):
        decided = right = answers = hits = 0
        for question, given in rows:
            answers += len(given)
            hits += sum(answer == question.want for answer in given.values())
            if len(given) < LISTENERS:
                unfinished += 1
                continue
            decided += 1
            named = Counter(given.values())
            if 2 * named[question.want] > len(given):
                right += 1
            else:
                said = ", ".join(f"{answer} {count}" for answer, count in named.most_common())
                missed.append((question.sample, f"{cue}={question.want}", said))
        if answers:
            cues.append(
                Cue(
                    cue=cue,
                    by_majority=wilson(right, decided),
                    by_listener=wilson(hits, answers),
                    chance=1.0 / len(rows[0][0].options),
                    alpha=_alpha(rows, rng=rng),
                )
            )
    return Identified(cues=tuple(cues), missed=tuple(missed), unfinished=unfinished)


def _alpha(rows: Sequence[tuple[Question, dict[str, str]]], *, rng: np.random.Generator) -> Estimate:
    names = sorted({name for _, given in rows for name in given})
    options = [*rows[0][0].options, UNTOLD]
    labels = np.full((len(names), len(rows)), -1, dtype=np.int64)
    for column, (_, given) in enumerate(rows):
        for name, answer in given.items():
            labels[names.index(name), column] = options.index(answer)
    return krippendorff_alpha(labels, categories=len(options), rng=rng)
