"""What tells empty talk: python -m bench.padding -w WORKSPACE [-w WORKSPACE ...] [-S SYSTEMS]

Fits `judge.padding.EMPTY` to later pieces of the systems' answers against sentences that say nothing (written for this;
none of them is in a probe), and says what the shipped figures cost the answers as they are and with four of those
sentences behind them.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from s2s_arena.compose import open_workspace
from s2s_arena.judge.numbers import spelled
from s2s_arena.judge.padding import EMPTY, belonging, cost, pieces, size
from s2s_arena.judge.probes.sources import Source, sources
from s2s_arena.models import weights
from s2s_arena.models.word_vectors import WordVectors

MIND = "qwen2.5-coder-1.5b-instruct"
LONG = 24  # words from which an answer has much to go on about
SAYING_NOTHING = {
    "en": (
        "That's a really good question, and I'm glad you asked me about it today.",
        "There are so many ways to answer something like this, depending on how you see it.",
        "I could go on and on about this, because it really is a big topic.",
        "Let me think about it for a moment, because I want to get it right.",
        "As everyone knows, things like that are never quite as simple as they seem.",
        "Anyway, I hope that this helps you a little bit with what you wanted to know.",
        "If there is anything else I can do for you, please don't hesitate to let me know.",
        "At the end of the day, it all comes down to the same thing, more or less.",
        "What I mean to say is basically what I have already said a minute ago.",
        "You know, people often wonder about these kinds of matters, and rightly so.",
        "To be perfectly honest with you, I have thought about it quite a lot.",
        "And with that said, I would like to repeat that it was nice talking to you.",
    ),
    "zh": (
        "你问得真好，我很高兴今天能跟你聊聊这件事。",
        "这种问题嘛，说起来话就长了，要看你从哪里说起。",
        "怎么说呢，大家都知道，很多事情其实没有那么简单。",
        "总而言之，我希望我说的这些对你多少有点帮助。",
        "如果你还有什么别的想知道的，尽管随时告诉我就好。",
        "说来说去，意思就是这个意思，差不多就是这样。",
        "老实说，我自己也想了很久，觉得真是一言难尽。",
        "让我先想一想，我想尽量把它说得清楚一些。",
        "好了，说到这里，我也不知道还要不要接着往下讲。",
    ),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of talk after an answer's first."""

    empty: bool
    language: str
    likeness: float
    rarest: float


def answered(folder: Path, systems: set[str]) -> Iterator[Source]:
    """Answers in the language they were asked in."""
    with open_workspace(folder) as arena:
        suite = arena.suite(None)
        takes = [take for take in arena.takes(suite) if take.system in systems]
        for source in sources(takes, suite=suite, store=arena.store):
            eastern = any("\u3400" <= letter <= "\u9fff" for letter in source.words)
            if source.words and source.language in SAYING_NOTHING and eastern == (source.language == "zh"):
                yield source


def piece(vectors: WordVectors, before: str, text: str, *, language: str, empty: bool) -> Piece | None:
    """One piece after what was said before it; None where words tell nothing."""
    heard = vectors.words(text)
    alike = belonging(vectors.words(before), heard)
    if alike is None:
        return None
    return Piece(empty=empty, language=language, likeness=alike, rarest=float(np.sort(heard.weights)[-2:].mean()))


def heard(answers: Sequence[Source], vectors: WordVectors, rng: np.random.Generator) -> list[Piece]:
    """Later pieces of answers, and sentences that say nothing after the whole of each."""
    found: list[Piece | None] = []
    for source in answers:
        language = source.language
        cut = pieces(spelled(source.words, language))
        before = f"{spelled(source.sample.turns[0].script, language)} {cut[0]}"
        for part in cut[1:]:
            found.append(piece(vectors, before, part, language=language, empty=False))
            before = f"{before} {part}"
        for sentence in rng.choice(SAYING_NOTHING[language], 3, replace=False):
            found += [piece(vectors, before, p, language=language, empty=True) for p in pieces(str(sentence))]
    return [each for each in found if each is not None]


def logistic(values: np.ndarray, empty: np.ndarray) -> tuple[float, float]:
    """Middle and (falling) slope; both classes weigh the same, and a slight prior keeps slopes finite."""
    weigh = np.where(empty, 0.5 / max(1, empty.sum()), 0.5 / max(1, (~empty).sum()))

    def loss(x: np.ndarray) -> float:
        odds = x[1] * (x[0] - values)
        return float((weigh * np.logaddexp(0.0, np.where(empty, -odds, odds))).sum() + 1e-5 * x[1] ** 2)

    middle, slope = minimize(loss, [float(values.mean()), 5.0], method="Nelder-Mead").x
    return float(middle), float(slope)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-w", "--workspace", type=Path, action="append", required=True)
    parser.add_argument("-S", "--systems", default="qwen-kokoro,qwen-hibari,expressive")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    vectors = WordVectors(next(weights.folder(MIND, weights.default_cache()).glob("*.gguf")), name=MIND)
    rng = np.random.default_rng(given.seed)
    answers = [s for folder in given.workspace for s in answered(folder, set(given.systems.split(",")))]
    made = heard(answers, vectors, rng)
    empty = np.array([p.empty for p in made])
    likeness = np.array([p.likeness for p in made])
    middle, slope = logistic(likeness, empty)
    print(f"{len(answers)} answers, {(~empty).sum()} later pieces, {empty.sum()} that say nothing")
    print(f"likeness: middle {middle:.3f}, slope {slope:.1f}; shipped {EMPTY.middle}, {EMPTY.slope}")
    unlike = np.array([p.language == "en" and p.likeness < middle for p in made])
    rarest = np.array([p.rarest for p in made])[unlike]
    middle, slope = logistic(rarest, empty[unlike])
    print(
        f"rarest words of unlike pieces: middle {middle:.2f}, slope {slope:.1f}; shipped {EMPTY.rare}, {EMPTY.rarity}"
    )
    asis, padded, long = [], [], []
    for source in answers:
        language, asked = source.language, source.sample.turns[0].script
        glue = "" if language == "zh" else " "
        talk = glue.join(map(str, rng.choice(SAYING_NOTHING[language], 4, replace=False)))
        asis.append(cost(vectors, asked, source.words, language=language))
        padded.append(cost(vectors, asked, f"{source.words}{glue}{talk}", language=language))
        long.append(size(source.words) > LONG)
    for name, values in (
        ("as they are", np.array(asis)),
        ("the long ones", np.array(asis)[np.array(long)]),
        ("padded", np.array(padded)),
    ):
        shown = ", ".join(f"{q} % {np.percentile(values, q):.2f}" for q in (5, 50, 90, 95, 99))
        print(f"cost of {len(values)} {name}: {shown}")
    above = float(np.mean(np.array(padded) > np.array(asis)))
    print(f"padding costs in {above:.3f} of them")


if __name__ == "__main__":
    main()
