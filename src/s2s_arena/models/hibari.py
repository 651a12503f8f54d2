"""hibari as a voice: English, female, many times faster than real time."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import is_eastern, syllables
from s2s_arena.records.systems import Setting

RATE_HZ = 24_000

_UNNAMED = re.compile(r"\d{34,}")
"""Numbers beyond decillions, which the voice has no name for: they are said digit by digit."""


class HibariEngine:
    """One loaded hibari with the voice of its package; one call at a time. The same seed gives the same samples.

    Args:
        model: The ONNX file: given, so that the library never downloads one.
        threads: Threads for one call.
    """

    def __init__(self, model: Path, *, threads: int) -> None:
        from hibari import Hibari  # noqa: PLC0415 - optional dependencies are imported where used

        self._voice: Any = Hibari(voice="heart", model=str(model), threads=threads)
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """Voice and version."""
        return "hibari/heart/1"

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({"en"})

    @property
    def quick(self) -> bool:
        return True

    def gender(self, asked: str | None) -> str:
        return "female"

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        if is_eastern(text):
            raise InputError(
                f"voice hibari: {text[:30]!r} holds Chinese or Japanese and the voice speaks en only; choose kokoro"
            )
        sayable = _UNNAMED.sub(lambda number: " ".join(number.group()), text)
        with self._lock:
            samples = self._voice(sayable, speed=speed, seed=seed % 2**32)
        if not np.size(samples):
            raise InputError(f"voice hibari: {text[:30]!r} has no sound that it knows; change the text")
        return Waveform(np.asarray(samples, dtype=np.float32), RATE_HZ)

    def syllables(self, text: str, language: str) -> int:
        with self._lock:
            return syllables(" ".join(self._voice.phonemize(text)))


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card. Settings: weights, threads, aligner (ears that find words; empty guesses)."""
    read.check_keys("hibari", settings, known=frozenset({"weights", "threads", "aligner"}))
    aligner = read.text(settings, "aligner", "whisper-base")
    model = weights.model_file(read.text(settings, "weights", "hibari-heart"), parts.cache, base=parts.folder)
    return DirectedVoice(
        HibariEngine(model, threads=int(read.number(settings, "threads", 1))),
        name=read.text(settings, "name", "hibari"),
        ears=(lambda: parts.transcriber(aligner)) if aligner else None,
    )
