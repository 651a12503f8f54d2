"""The same words plainly by the same voice: what a stressed reading is compared with."""

from collections.abc import Callable
from dataclasses import replace

from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.stage import utterance_of
from s2s_arena.build.voices import seed_of
from s2s_arena.errors import InputError
from s2s_arena.protocols import Speaker
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Delivery

APART = 0.93
"""Pace of the reading that a plain one is compared with: beside itself nothing would ever stand out."""


class PlainReadings:
    """Reads turns again, plainly.

    Args:
        speaker: The voice of a name, or None where it does not run here.
        seed: Of the build.
    """

    def __init__(self, speaker: Callable[[str], Speaker | None], *, seed: int) -> None:
        self._speaker = speaker
        self._seed = seed

    def read(self, sample: Sample, index: int) -> Waveform | None:
        """The turn's words without its delivery, by its voice; a little slower where the turn is plain itself.

        None for recordings, and where the voice does not run here or cannot say them.
        """
        turn = sample.turns[index]
        speaker = self._speaker(turn.voice) if turn.voice is not None else None
        if speaker is None:
            return None
        plain = Delivery(rate=APART) if turn.delivery.neutral else Delivery()
        try:
            return speaker.speak(
                utterance_of(replace(turn, delivery=plain)), seed=seed_of(sample, index, seed=self._seed)
            )
        except InputError:
            return None
