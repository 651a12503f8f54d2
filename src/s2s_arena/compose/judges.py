"""From judge cards to judges: the embedded one, and its negative controls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from s2s_arena.compose.perception import Perception
from s2s_arena.errors import CardError
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.controls import PermutedInstructions, RevoicedAnswers, permutation
from s2s_arena.judge.local import build_local
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Store
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import JudgeCard, Setting

MIND = "qwen2.5-coder-1.5b-instruct"
READER = "kokoro-female"

Build = Callable[[JudgeCard, Parts, Perception, Store, Suite], Judge]


def build(card: JudgeCard, *, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    """The judge of a card.

    Args:
        card: Its `model` says which kind of judge.
        parts: Minds and voices.
        perception: Hears answers.
        store: Keeps what was heard and marked.
        suite: What is judged; permuted instructions are drawn from it.

    Raises:
        CardError: No such kind, or settings it does not take.
    """
    if card.model not in KINDS:
        raise CardError(f"judge {card.name}: model '{card.model}' is not known; one of {', '.join(sorted(KINDS))}")
    return KINDS[card.model](card, parts, perception, store, suite)


def _local(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return build_local(card, extractor=perception.extractor, writer=parts.writer(_mind(card)), store=store)


def _words(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    writer = parts.writer(_mind(card))
    return build_local(card, extractor=perception.extractor, writer=writer, store=store, words_only=True)


def _permuted(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    others = permutation(suite.samples, rng=np.random.default_rng(0))
    return PermutedInstructions(_local(card, parts, perception, store, suite), others)


def _revoiced(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return RevoicedAnswers(
        _local(card, parts, perception, store, suite),
        transcriber=perception.transcriber,
        speaker=parts.speaker(READER),
    )


def _mind(card: JudgeCard) -> str:
    mind: Setting = card.settings.get("mind", MIND)
    if not isinstance(mind, str):
        raise CardError(f"judge {card.name}: settings.mind is {mind!r}; a name of weights is needed")
    return mind


KINDS: dict[str, Build] = {
    "local-judge": _local,
    "local-judge-words": _words,
    "local-judge-permuted": _permuted,
    "local-judge-revoiced": _revoiced,
}
"""Model of a judge's card -> what builds it."""
