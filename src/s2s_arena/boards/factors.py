"""How ratings go with what systems are made of, as their cards tell it: associations among few systems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2s_arena.boards.standings import Made
from s2s_arena.records.systems import SystemCard

UNKNOWN = ("", "not disclosed", "undisclosed", "unknown", "none", "-")
ROUGH = re.compile(r"base|small|large|tiny|medium|v\d.*|\d.*|heart|and|with", re.IGNORECASE)
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([BM])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorEffect:
    """What one level of a factor is worth against its reference; for `size`, ten times the parameters."""

    factor: str
    level: str
    reference: str
    systems: int
    points: float
    low: float
    high: float
    p_value: float  # of the factor as a whole, by permutation


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Factors one at a time, and what to beware of.

    Attributes:
        effects: Level by level.
        explained: Share of the variance between systems that goes with each factor alone, 0..1.
        warnings: Plain sentences.
    """

    effects: tuple[FactorEffect, ...]
    explained: Mapping[str, float]
    warnings: tuple[str, ...]


def factors(made: Made, cards: Mapping[str, SystemCard]) -> Factors:
    """Ratings of a board by source (industry, academia ...), backbone family and size, encoder and decoder.

    Args:
        made: The board.
        cards: Cards by system name; systems without one are not in the analysis.
    """
    # scipy.special, which this needs, takes as long to import as everything else on the way to a board.
    from s2s_arena.ratings.confounding import Attribute  # noqa: PLC0415
    from s2s_arena.ratings.factors import factor_analysis  # noqa: PLC0415

    chosen = [cards.get(name) for name in made.games.systems]
    attributes = [
        Attribute(name="source", values=tuple(_known(card.kind) if card else None for card in chosen)),
        Attribute(name="backbone", values=tuple(family(card.backbone) if card else None for card in chosen)),
        Attribute(
            name="size", values=tuple(billions(card.backbone) if card else None for card in chosen), tenfold=True
        ),
        Attribute(name="encoder", values=tuple(family(card.encoder) if card else None for card in chosen)),
        Attribute(name="decoder", values=tuple(family(card.decoder) if card else None for card in chosen)),
    ]
    rng = np.random.default_rng([made.board.seed, 4])
    found = factor_analysis(made.fit.ratings, made.fit.covariance, attributes=attributes, rng=rng)
    return Factors(
        effects=tuple(
            FactorEffect(
                factor=effect.factor,
                level=effect.level,
                reference=effect.reference,
                systems=effect.systems,
                points=effect.estimate,
                low=effect.low,
                high=effect.high,
                p_value=fit.p_values[0],
            )
            for fit in found.single
            for effect in fit.effects
        ),
        explained={fit.factors[0]: fit.explained for fit in found.single},
        warnings=found.warnings,
    )


def _known(text: str) -> str | None:
    return None if text.strip().lower() in UNKNOWN else text.strip()


def family(text: str) -> str | None:
    """The family that a part belongs to: `Qwen2.5 7B` and `Qwen-2 72B` are Qwen, `Whisper large v3 + VQ` Whisper."""
    known = _known(text)
    if known is None:
        return None
    words = re.split(r"[\s,+/]+|-(?=\d)", known)
    kept = [words[0]]
    for word in words[1:2]:
        if word and word[0].islower() and not ROUGH.fullmatch(word):
            kept.append(word)  # flow matching
    return re.split(r"\d", " ".join(kept))[0].rstrip("-. ") or known


def billions(text: str) -> float | None:
    """Parameters in billions, where the text says them: `LLaMA-3.1 8B` 8, `Gemma 3 270M` .27."""
    found = SIZE.search(text)
    if found is None:
        return None
    return float(found[1]) * (1.0 if found[2].upper() == "B" else 1e-3)
