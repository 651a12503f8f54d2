"""One utterance's measures in standard deviations of plain speech, with the speaker's gender taken into account."""

from functools import cached_property

import numpy as np

from s2s_arena.cues import norms as norms_module
from s2s_arena.cues.norms import Norms
from s2s_arena.records.cues import Cues


class Scales:
    """Cues against norms."""

    def __init__(self, cues: Cues, norms: Norms) -> None:
        self.cues = cues
        self.norms = norms
        self.values = norms_module.values(cues)

    @property
    def language(self) -> str | None:
        """As heard."""
        return self.cues.transcript.language if self.cues.transcript else None

    @cached_property
    def female(self) -> float:
        """Probability of a female voice: by the head if there is one, and by F0; 0.5 if nothing is known."""
        head = self.cues.heads.get("gender:female")
        if head is not None:
            return head
        odds = self.gender_log_odds
        return 0.5 if odds is None else 1.0 / (1.0 + float(np.exp(-odds)))

    @property
    def gender_log_odds(self) -> float | None:
        """Of female over male, by F0 alone; within -4..4, for neither norm knows much about its tails."""
        pitch = self.values.get("pitch")
        pair = [self.norms.norm("pitch", language=self.language, gender=gender) for gender in ("female", "male")]
        if pitch is None or pair[0] is None or pair[1] is None:
            return None
        # Equal spreads: with unequal ones a very high voice could come out as male.
        spread = max(3.0, 0.5 * (pair[0].sd + pair[1].sd))
        odds = 0.5 * (((pitch - pair[1].mean) / spread) ** 2 - ((pitch - pair[0].mean) / spread) ** 2)
        return float(np.clip(odds, -4.0, 4.0))

    def z(self, measure: str) -> float | None:
        """Standard deviations above plain speech; None if not measured or without a norm.

        Between the norms of both genders, weighted by how likely each is.
        """
        value = self.values.get(measure)
        if value is None:
            return None
        parts = []
        for gender, share in (("female", self.female), ("male", 1.0 - self.female)):
            norm = self.norms.norm(measure, language=self.language, gender=gender)
            if norm is None:
                return None
            parts.append(share * norm.z(value))
        return sum(parts)
