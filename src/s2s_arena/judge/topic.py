"""Whether an answer's words are about what was asked: likeness of words, as the log-chance that the answer belongs."""

from dataclasses import dataclass

import numpy as np

from s2s_arena.judge.numbers import spelled
from s2s_arena.protocols import Worded, WordVectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """How the likeness of question and answer becomes a chance; fitted by `python -m bench.topic`.

    Attributes:
        middle: Likeness at which an answer belongs to its question as likely as to another one.
        slope: Nats of log-odds for one unit of likeness.
    """

    middle: float
    slope: float

    def log_chance(self, likeness: float) -> float:
        """Log-probability, in nats, that an answer belongs; near 0 for all that surely do."""
        return -float(np.logaddexp(0.0, -self.slope * (likeness - self.middle)))


BY_WORDS = Belonging(middle=0.255, slope=15.8)
BY_GIST = Belonging(middle=0.166, slope=14.5)
"""On 254 samples of the seed suite, each one's reference against others' of its language, with Qwen2.5-Coder-1.5B."""


def likeness(question: Worded, answer: Worded) -> float | None:
    """How far each one's words have a like word in the other, weighted, mean of both ways, -1..1.

    The same with question and answer exchanged. None where either has no word that tells anything.
    """
    if not question.weights.sum() > 0 or not answer.weights.sum() > 0:
        return None
    alike = question.vectors @ answer.vectors.T
    asked = float(alike.max(axis=1) @ question.weights / question.weights.sum())
    said = float(alike.max(axis=0) @ answer.weights / answer.weights.sum())
    return (asked + said) / 2.0


def related(vectors: WordVectors, question: str, answer: str, *, language: str, spoken: str) -> float | None:
    """Likeness of two texts, figures read as words.

    Args:
        vectors: Which words are alike.
        question: What was asked.
        answer: What was said.
        language: The question's.
        spoken: The answer's.
    """
    return likeness(vectors.words(spelled(question, language)), vectors.words(spelled(answer, spoken)))
