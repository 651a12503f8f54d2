"""Empty talk: how many of an answer's words belong neither to the question nor to what was said before."""

import math
import re
from dataclasses import dataclass

import numpy as np

from s2s_arena.judge.numbers import spelled
from s2s_arena.protocols import Worded, WordVectors

FEWEST = 8  # words (or as many characters, half, where words are not written apart) of a piece that is looked at
_ENDS = re.compile(r"(?<=[.!?;,:。！？；，：、])\s*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptiness:
    """How a piece's likeness to all before, and how rare its rarest words are, become the chance that it is empty.

    Empty talk is made of everyday words that are like nothing in particular. What brings something new has rare words,
    and what goes on with the matter has like ones (`python -m bench.padding`).

    Attributes:
        middle: Likeness at which a piece of everyday words is empty as likely as not.
        slope: Nats of log-odds for one unit of likeness.
        rare: Weight of its two rarest words, on average, at which a piece brings something as likely as not.
        rarity: Nats of log-odds for one unit of that weight.
        free: Cost that is no sign of anything: one answer in thirty costs more as it is, nearly all that are padded do.
    """

    middle: float
    slope: float
    rare: float
    rarity: float
    free: float = 0.0

    def chance(self, likeness: float, rarest: float | None) -> float:
        """That a piece is empty, 0..1; `rarest` None where words are not written apart, and tokens are no words."""
        everyday = 1.0 if rarest is None else _chance(self.rarity * (self.rare - rarest))
        return _chance(self.slope * (self.middle - likeness)) * everyday


def _chance(odds: float) -> float:
    return 0.5 + 0.5 * math.tanh(odds / 2.0)


EMPTY = Emptiness(middle=0.391, slope=12.2, rare=4.0, rarity=4.0, free=0.15)
"""On later pieces of three cascades' answers to two suites against twenty-one sentences that say nothing, English and
Chinese, each half weighing as much (Qwen2.5-Coder's table); the slope for rare words is steeper than the fit's 2.2."""


def cost(vectors: WordVectors, question: str, answer: str, *, language: str, emptiness: Emptiness = EMPTY) -> float:
    """By how much an answer is longer than what it says: logarithm of all its words over those that are not empty.

    Less what is free. 0 for an answer of one piece, whatever it says: whether that is to the point is asked elsewhere.

    Args:
        vectors: Which words are alike.
        question: What was asked.
        answer: What was said.
        language: Of both.
        emptiness: How likeness becomes a chance.
    """
    cut = pieces(spelled(answer, language))
    if len(cut) < 2:
        return 0.0
    sizes = [size(piece) for piece in cut]
    full = float(sizes[0])
    before = f"{spelled(question, language)} {cut[0]}"
    for piece, words in zip(cut[1:], sizes[1:], strict=True):
        heard = vectors.words(piece)
        alike = belonging(vectors.words(before), heard)
        empty = 0.0 if alike is None else emptiness.chance(alike, None if _UNSPACED.search(piece) else _rarest(heard))
        full += words * (1.0 - empty)
        if empty < 0.5:  # empty talk does not make more of its kind belong
            before = f"{before} {piece}"
    return max(0.0, math.log(sum(sizes) / full) - emptiness.free)


def belonging(before: Worded, piece: Worded) -> float | None:
    """How far each word of a piece has a like word before, mean by weight, -1..1; None where words tell nothing."""
    if not before.weights.sum() > 0 or not piece.weights.sum() > 0:
        return None
    alike = piece.vectors @ before.vectors.T
    return float(np.asarray(alike.max(axis=1) @ piece.weights / piece.weights.sum()))


def _rarest(piece: Worded) -> float:
    return float(np.sort(piece.weights)[-2:].mean())


def pieces(text: str) -> list[str]:
    """The text cut at its stops, and at commas where what is cut off is long enough; without stops, every 24 words."""
    made: list[str] = []
    for part in _ENDS.split(text):
        made += _stretches(part)
    joined: list[str] = []
    for part in made:
        if joined and size(joined[-1]) < FEWEST:
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    if len(joined) > 1 and size(joined[-1]) < FEWEST:
        last = joined.pop()
        joined[-1] = f"{joined[-1]} {last}"
    return joined


def _stretches(part: str) -> list[str]:
    words = part.split()
    return [" ".join(words[at : at + 3 * FEWEST]) for at in range(0, len(words), 3 * FEWEST)]


def size(text: str) -> float:
    """Words; two characters are one where words are not written apart."""
    apart = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + apart / 2.0
