"""A voice that speaks in tones, one a word, and follows directions for rate, pitch, volume and pauses."""

from dataclasses import dataclass, field, replace

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.records.speech import Delivery, Segment, Utterance
from s2s_arena.testing.sound import GAP_S, WORD_S, pitch_of, tone


@dataclass
class ScriptedSpeaker:
    """Implements `protocols.Speaker`. What it says depends on the words and directions alone, never on the seed.

    Attributes:
        name: Part of the identity.
        languages: BCP 47 primary tags; others are refused.
        rate_hz: Of its speech.
        level: Amplitude of a plain word, 0..1.
        said: All that it was asked to say.
    """

    name: str = "toner"
    languages: frozenset[str] = frozenset({"en", "zh", "ja"})
    rate_hz: int = 16000
    level: float = 0.2
    said: list[Utterance] = field(default_factory=list)

    @property
    def identity(self) -> str:
        return f"scripted-voice/1:{self.name}"

    def speak(self, utterance: Utterance, *, seed: int) -> Waveform:
        self.said.append(utterance)
        parts = [self._silence(GAP_S)]
        for segment in utterance.segments:
            if segment.language.split("-")[0] not in self.languages:
                spoken = ", ".join(sorted(self.languages))
                raise InputError(f"voice {self.name}: language {segment.language} is not spoken; it speaks {spoken}")
            parts += self._segment(segment)
        if len(parts) == 1:
            raise InputError(f"voice {self.name}: no words to speak; give a text")
        return Waveform(np.concatenate(parts), self.rate_hz)

    def _segment(self, segment: Segment) -> list[np.ndarray]:
        delivery = segment.delivery
        rests = {pause.after.lower(): pause.seconds for pause in delivery.pauses}
        parts = []
        for word in segment.text.split():
            bare = word.strip(".,!?;:").lower()
            parts.append(self._word(bare, delivery).samples)
            parts.append(self._silence(GAP_S / delivery.rate + rests.pop(bare, 0.0)))
        return [*parts, self._silence(segment.pause_after_s)] if parts else []

    def _word(self, word: str, delivery: Delivery) -> Waveform:
        stress_db = 6.0 if word in {w.lower() for w in delivery.emphasis} else 0.0
        return tone(
            pitch_of(word) * 2.0 ** (delivery.pitch_st / 12.0),
            seconds=WORD_S / delivery.rate,
            rate_hz=self.rate_hz,
            level=min(1.0, self.level * 10.0 ** ((delivery.volume_db + stress_db) / 20.0)),
        )

    def _silence(self, seconds: float) -> np.ndarray:
        return np.zeros(round(seconds * self.rate_hz), dtype=np.float32)


def plain(text: str, *, language: str = "en", delivery: Delivery | None = None) -> Utterance:
    """A text in one language with one delivery."""
    segment = Segment(text=text, language=language)
    return Utterance(segments=(segment if delivery is None else replace(segment, delivery=delivery),))
