"""Which voice speaks which turn: one that knows the language, fits the speaker's traits, and varies between samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.build.languages import primary
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import content_hash
from s2s_arena.records.samples import Sample
from s2s_arena.records.systems import VoiceCard


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
        """Name of the voice for a turn of the sample: by language, then gender, then age, then by lot.

        Raises:
            SuiteError: No voice speaks the turn's language.
        """
        wanted = sample.turns[turn]
        able = [c for c in self.cards if primary(wanted.language) in {primary(tag) for tag in c.languages}]
        if not able:
            known = ", ".join(f"{c.name} ({'/'.join(c.languages)})" for c in self.cards) or "none"
            raise SuiteError(
                f"sample {sample.id}: no voice speaks {wanted.language!r} (voices: {known}); add a voice card for it"
            )
        for trait, value in (("gender", wanted.traits.gender), ("age", wanted.traits.age)):
            able = [c for c in able if value is None or getattr(c, trait) == value] or able
        able.sort(key=lambda card: card.name)
        lot = np.random.default_rng(seed_of(sample, turn, seed=self.seed))
        return able[int(lot.integers(len(able)))].name
