"""Whether answers belong to their questions, by likeness of words: fitted on the seed suite, tried on a workspace.

    python bench/topic.py [-w WORKSPACE] [--mind NAME_OR_FILE]

Each sample of the seed suite gives its reference as the answer that belongs, and the references of others of its
language as answers that do not. A workspace gives its answers; nothing is fitted there.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from s2s_arena.build.scripts import seed
from s2s_arena.compose import open_workspace
from s2s_arena.judge.probes.recipes import refuses
from s2s_arena.judge.probes.sources import sources
from s2s_arena.judge.topic import Belonging, related
from s2s_arena.models import weights
from s2s_arena.models.word_vectors import WordVectors
from s2s_arena.records.samples import Sample

MIND = "qwen2.5-coder-1.5b-instruct"


@dataclass(frozen=True)
class Row:
    """A question, an answer that belongs to it, and whose twin it is."""

    language: str
    question: str
    answer: str
    group: str


def references(samples: Sequence[Sample]) -> list[Row]:
    """One row a sample of one turn whose answer is in its own language."""
    return [
        Row(s.language, s.turns[0].script, s.references[0], s.twin_group or str(s.id))
        for s in samples
        if len(s.turns) == 1
        and s.references
        and not elsewhere(s.language, [e.want for e in s.expects if e.cue == "language"])
    ]


def elsewhere(language: str, wanted: Sequence[str]) -> bool:
    return any(want.split("-")[0] != language.split("-")[0] for want in wanted)


def answers(workspace: Path) -> dict[str, list[Row]]:
    """Rows by system: its own words, refusals left out as in the probe."""
    rows: dict[str, list[Row]] = {}
    with open_workspace(workspace) as arena:
        suite = arena.suite(None)
        for source in sources(arena.takes(suite), suite=suite, store=arena.store):
            if source.words and not refuses(source):
                sample = source.sample
                row = Row(sample.language, sample.turns[-1].script, source.words, sample.twin_group or str(sample.id))
                rows.setdefault(source.system, []).append(row)
    return rows


def table(vectors: WordVectors, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Likeness of each question (rows) and each answer (columns); none counts as 0."""
    return np.array(
        [
            [related(vectors, q.question, a.answer, language=q.language, spoken=a.language) or 0.0 for a in rows]
            for q in rows
        ]
    )


def others(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Which answers belong to another question, and would be drawn as such."""
    return np.array([[q.group != a.group and q.answer != a.answer for a in rows] for q in rows])


def right(likeness: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Share of (question, its answer, another's answer) in which its own is the liker one; a draw is half."""
    own = np.diag(likeness)[:, None]
    marks = np.where(own > likeness, 1.0, np.where(own == likeness, 0.5, 0.0))
    return float(np.mean([marks[n][wrong[n]].mean() for n in range(len(marks)) if wrong[n].any()]))


def figures(name: str, likeness: NDArray[np.float64], wrong: NDArray[np.bool_]) -> str:
    return f"{name}: {len(wrong)} questions, {int(wrong.sum())} pairs, right {right(likeness, wrong):.3f}"


def fitted(tables: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]]) -> Belonging:
    """By logistic regression, both kinds weighing alike."""
    own = np.concatenate([np.diag(likeness) for likeness, _ in tables])
    wrong = np.concatenate([likeness[mask] for likeness, mask in tables])
    model = LogisticRegression(C=1e6, class_weight="balanced").fit(
        np.concatenate([own, wrong])[:, None], np.repeat([1, 0], [len(own), len(wrong)])
    )
    slope = float(model.coef_[0, 0])
    return Belonging(middle=-float(model.intercept_[0]) / slope, slope=slope)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-w", "--workspace", type=Path)
    parser.add_argument("--mind", default=MIND)
    given = parser.parse_args()
    vectors = WordVectors(weights.model_file(given.mind, weights.default_cache()), name=given.mind)
    tables = []
    for language in ("en", "zh"):
        rows = [row for row in references(seed()) if row.language == language]
        likeness, wrong = table(vectors, rows), others(rows)
        tables.append((likeness, wrong))
        print(figures(f"seed suite, {language}", likeness, wrong))
    print(fitted(tables))
    for system, rows in answers(given.workspace).items() if given.workspace else ():
        likeness, wrong = table(vectors, rows), others(rows)
        print(figures(system, likeness, wrong))


if __name__ == "__main__":
    main()
