"""Which voice speaks which turn: one that knows the language, fits the speaker's traits, and varies between samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.build.languages import primary
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.systems import NATURAL, VoiceCard


def seed_of(sample: Sample, turn: int, *, seed: int) -> int:
    """The seed of a turn, 0..2^31-1; twins share it, so that only their delivery differs."""
    return int(content_hash("turn", sample.twin_group or sample.id, turn, seed)[:8], 16) % 2**31


@dataclass(frozen=True, slots=True)
class Casting:
    """Chooses among voice cards, the same way every time.

    Attributes:
        cards: The voices at hand.
        seed: Another seed gives other voices where several fit.
    """

    cards: Sequence[VoiceCard]
    seed: int = 0

    def __call__(self, sample: Sample, turn: int) -> str:
        """Name of the voice for a turn of the sample: by language, then quality, gender, age, then by lot.

        Raises:
            SuiteError: No voice speaks the turn's language.
        """
        wanted = sample.turns[turn]
        able = [card for card in self.cards if _knows(card, wanted.language)]
        if not able:
            known = ", ".join(f"{c.name} ({'/'.join(c.languages)})" for c in self.cards) or "none"
            raise SuiteError(
                f"sample {sample.id}: no voice speaks {wanted.language!r} (voices: {known}); add a voice card for it"
            )
        able = [card for card in able if card.quality == NATURAL] or able
        for trait, value in (("gender", wanted.traits.gender), ("age", wanted.traits.age)):
            able = [c for c in able if value is None or getattr(c, trait) == value] or able
        able.sort(key=lambda card: card.name)
        lot = np.random.default_rng(seed_of(sample, turn, seed=self.seed))
        return able[int(lot.integers(len(able)))].name


def qualities(cards: Sequence[VoiceCard]) -> dict[str, str]:
    """Voice -> its quality, of those that nobody takes for a person."""
    return {card.name: card.quality for card in cards if card.quality != NATURAL}


def speakable(samples: Sequence[Sample], cards: Sequence[VoiceCard]) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """The samples whose every language one of the voices knows (or that have speech already), and the others.

    The others are not yet spoken: a voice that does not know a language never speaks it.
    """
    able = [
        all(turn.speech is not None or any(_knows(card, turn.language) for card in cards) for turn in sample.turns)
        for sample in samples
    ]
    return (
        tuple(sample for sample, known in zip(samples, able, strict=True) if known),
        tuple(sample for sample, known in zip(samples, able, strict=True) if not known),
    )


def _knows(card: VoiceCard, language: str) -> bool:
    return primary(language) in {primary(tag) for tag in card.languages}
