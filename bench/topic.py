"""Whether answers belong to their questions, by words and by gist: fitted on the seed suite, tried on a workspace.

    python -m bench.topic [-w WORKSPACE] [--mind NAME_OR_FILE] [--write FILE]

Each sample of the seed suite gives its reference as the answer that belongs, and the references of others of its
language as answers that do not. A workspace gives its answers; nothing is fitted there. `--write` keeps the centres of
the mind's vectors of these texts (`judge/data/gist.npz` is made so). Ten minutes, nearly all of it reading.
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
from s2s_arena.errors import CardError
from s2s_arena.judge.gist import REPLY_WORDS, REQUEST_WORDS, Centres, beginning, centres_of
from s2s_arena.judge.instruction import Calibration
from s2s_arena.judge.probes.recipes import refuses
from s2s_arena.judge.probes.sources import sources
from s2s_arena.judge.prompts import gist_prompts
from s2s_arena.judge.topic import BY_GIST, BY_WORDS, Belonging, related
from s2s_arena.models import llama_cpp, weights
from s2s_arena.models.parts import FoundVoice, LocalParts
from s2s_arena.models.word_vectors import WordVectors
from s2s_arena.protocols import TextVectors
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
    """Likeness of each question's words (rows) and each answer's (columns); none counts as the middle."""
    return np.array(
        [[_related(vectors, question=q.question, answer=a.answer, language=q.language) for a in rows] for q in rows]
    )


def _related(vectors: WordVectors, *, question: str, answer: str, language: str) -> float:
    found = related(vectors, question, answer, language=language, spoken=language)
    return BY_WORDS.middle if found is None else found


class Read:
    """A mind's vectors of requests and replies, each read once."""

    def __init__(self, mind: TextVectors) -> None:
        self._mind = mind
        self._prompts = gist_prompts()
        self._known: dict[str, NDArray[np.float32]] = {}

    def requests(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Shape (rows, dimensions)."""
        return self._all(self._prompts.request, [beginning(row.question, REQUEST_WORDS) for row in rows])

    def replies(self, rows: Sequence[Row]) -> NDArray[np.float32]:
        """Shape (rows, dimensions)."""
        return self._all(self._prompts.reply, [beginning(row.answer, REPLY_WORDS) for row in rows])

    def gist(self, rows: Sequence[Row], centres: Centres) -> NDArray[np.float64]:
        """Likeness of each question's gist (rows) and each answer's (columns)."""
        asked, said = centres.of_request(self.requests(rows)), centres.of_reply(self.replies(rows))
        return (asked @ said.T).astype(np.float64)

    def _all(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        whole = [prompt.format(text=text) for text in texts]
        for text in whole:
            if text not in self._known:
                self._known[text] = self._mind.vector(text)
        return np.stack([self._known[text] for text in whole])


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


def fitted(tables: Sequence[NDArray[np.float64]], wrong: Sequence[NDArray[np.bool_]]) -> Belonging:
    """By logistic regression, both kinds weighing alike."""
    own = np.concatenate([np.diag(likeness) for likeness in tables])
    bad = np.concatenate([likeness[mask] for likeness, mask in zip(tables, wrong, strict=True)])
    model = LogisticRegression(C=1e6, class_weight="balanced").fit(
        np.concatenate([own, bad])[:, None], np.repeat([1, 0], [len(own), len(bad)])
    )
    slope = float(model.coef_[0, 0])
    return Belonging(middle=-float(model.intercept_[0]) / slope, slope=slope)


def chances(words: NDArray[np.float64], gist: NDArray[np.float64]) -> NDArray[np.float64]:
    """What both likenesses count together, as the judge weighs them."""
    weights, by_words, by_gist = Calibration(), np.vectorize(BY_WORDS.log_chance), np.vectorize(BY_GIST.log_chance)
    return np.asarray(weights.topic * by_words(words) + weights.gist * by_gist(gist))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-w", "--workspace", type=Path)
    parser.add_argument("--mind", default=MIND)
    parser.add_argument("--write", type=Path, help="keep the centres here")
    given = parser.parse_args()
    vectors = WordVectors(weights.model_file(given.mind, weights.default_cache()), name=given.mind)
    mind = llama_cpp.build({"weights": given.mind}, LocalParts(weights.default_cache(), Path(), voice=_no_voice))
    read, every = Read(mind), references(seed())
    centres = centres_of(mind.identity, read.requests(every), read.replies(every))
    if given.write:
        centres.save(given.write)
    halves = [[row for row in every if row.language == language] for language in ("en", "zh")]
    by_words = [table(vectors, rows) for rows in halves]
    by_gist = [read.gist(rows, centres) for rows in halves]
    wrong = [others(rows) for rows in halves]
    print(f"by words {fitted(by_words, wrong)}\nby gist {fitted(by_gist, wrong)}")
    for language, *tables in zip(("en", "zh"), by_words, by_gist, wrong, strict=True):
        report(f"seed suite, {language}", *tables)
    for system, rows in answers(given.workspace).items() if given.workspace else ():
        for language in sorted({row.language for row in rows}):
            some = [row for row in rows if row.language == language]
            report(f"{system}, {language}", table(vectors, some), read.gist(some, centres), others(some))


def report(name: str, words: NDArray[np.float64], gist: NDArray[np.float64], wrong: NDArray[np.bool_]) -> None:
    single = f"words {right(words, wrong):.3f}, gist {right(gist, wrong):.3f}"
    print(f"{figures(name, chances(words, gist), wrong)} ({single})", flush=True)


def _no_voice(name: str) -> FoundVoice:
    raise CardError(f"no voice is needed here: {name}")


if __name__ == "__main__":
    main()
