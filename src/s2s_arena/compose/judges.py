"""From judge cards to judges: the embedded one, its negative controls, audio models, text minds and panels."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import cast

import numpy as np

from s2s_arena.compose import listening_judges
from s2s_arena.compose.perception import Perception
from s2s_arena.errors import CardError, InputError, MissingError
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.controls import PermutedInstructions, RevoicedAnswers, permutation
from s2s_arena.judge.local import build_local
from s2s_arena.models.parts import Parts
from s2s_arena.protocols import Store, TextVectors, WordVectors
from s2s_arena.records.samples import Suite
from s2s_arena.records.systems import JudgeCard, Setting

PANEL = "panel"
_log = logging.getLogger(__name__)
MIND = "qwen2.5-coder-1.5b-instruct"
READER = "kokoro-female"

Build = Callable[[JudgeCard, Parts, Perception, Store, Suite], Judge]


def build(
    card: JudgeCard,
    *,
    parts: Parts,
    perception: Perception,
    store: Store,
    suite: Suite,
    named: Callable[[str], Judge] | None = None,
) -> Judge:
    """The judge of a card.

    Args:
        card: Its `model` says which kind of judge.
        parts: Minds and voices.
        perception: Hears answers.
        store: Keeps what was heard and marked.
        suite: What is judged; permuted instructions are drawn from it.
        named: Builds another judge, for panels.

    Raises:
        CardError: No such kind, or settings it does not take.
    """
    if card.model == PANEL and named is not None:
        return listening_judges.panel(card, named=named, store=store)
    if card.model not in KINDS:
        raise CardError(
            f"judge {card.name}: model '{card.model}' is not known; one of {', '.join(sorted([*KINDS, PANEL]))}"
        )
    return KINDS[card.model](card, parts, perception, store, suite)


def _local(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return _embedded(card, parts, perception, store, words_only=False)


def _words(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return _embedded(card, parts, perception, store, words_only=True)


def _embedded(card: JudgeCard, parts: Parts, perception: Perception, store: Store, *, words_only: bool) -> Judge:
    mind = _mind(card)
    writer = parts.writer(mind)
    return build_local(
        card,
        extractor=perception.extractor,
        writer=writer,
        store=store,
        vectors=_vectors(mind, parts),
        reader=writer if isinstance(writer, TextVectors) else None,
        words_only=words_only,
    )


def _permuted(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    others = permutation(suite.samples, rng=np.random.default_rng(0))
    return PermutedInstructions(_local(card, parts, perception, store, suite), others)


def _revoiced(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return RevoicedAnswers(
        _local(card, parts, perception, store, suite),
        transcriber=perception.transcriber,
        speaker=parts.speaker(READER),
    )


def _audio(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return listening_judges.audio_judge(card, parts=parts)


def _text(card: JudgeCard, parts: Parts, perception: Perception, store: Store, suite: Suite) -> Judge:
    return listening_judges.text_judge(card, parts=parts, perception=perception, store=store)


def _vectors(mind: str, parts: Parts) -> WordVectors | None:
    """Word vectors from the mind's own file; None for a remote mind, or one whose table is of another kind."""
    try:
        return cast(WordVectors, parts.described({"family": "word-vectors", "weights": mind}))
    except MissingError:
        raise
    except (CardError, InputError) as error:
        _log.warning("judge of %s: without word vectors (%s); its mind alone tells what answers are about", mind, error)
        return None


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
    "audio-judge": _audio,
    "text-judge": _text,
}
"""Model of a judge's card -> what builds it."""
