"""Kokoro-82M as a voice: English, Chinese and Japanese, female and male, by ONNX Runtime."""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import CardError, InputError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import Phonemizer, readable, syllables
from s2s_arena.records.systems import Setting

RATE_HZ = 24_000
_LONGEST = 480  # tokens the model takes at once, with room for its two borders
_KEPT_READINGS = 32
_CLAUSE = re.compile(r"(?<=[,.!?;:…])\s+")


class Kokoro:
    """One loaded Kokoro; one call at a time, from any thread. Repeatable: it has no noise of its own.

    Args:
        folder: Model, vocabulary and style vectors.
        female: Style for a female or unspecified reader; names joined by "+" are blended.
        male: Style for a male reader.
        gender: Of the reader when none is asked.
        threads: Threads for one call.
        phonemizer: Text to phonemes.
    """

    def __init__(
        self, folder: Path, *, female: str, male: str, gender: str, threads: int, phonemizer: Phonemizer
    ) -> None:
        import onnxruntime  # noqa: PLC0415 - optional dependencies are imported where used

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / weights.SETS["kokoro-82m"].files[0].name), options, providers=["CPUExecutionProvider"]
        )
        self._tokens: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with np.load(folder / "voices_ja.npz") as archive:
            styles = {name: np.asarray(archive[name], dtype=np.float32) for name in archive.files}
        self._names = {"female": female, "male": male}
        self._styles = {gender: _blend(name, styles) for gender, name in self._names.items()}
        self._default = gender
        self._phonemizer = phonemizer
        self._languages = readable()
        self._lock = threading.Lock()
        self._readings: OrderedDict[tuple[str, str, float], Waveform] = OrderedDict()

    @property
    def identity(self) -> str:
        """Model and styles."""
        return f"kokoro-82m-int8/{self._names['female']}/{self._names['male']}/{self._default}/1"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return False

    def gender(self, asked: str | None) -> str:
        return asked if asked in self._styles else self._default

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        style = self._styles[self.gender(gender)]
        phonemes = self._phonemizer.phonemes(text, language)
        key = (phonemes, self.gender(gender), speed)
        with self._lock:  # the same words are often spoken again with another delivery
            if key in self._readings:
                self._readings.move_to_end(key)
                return self._readings[key]
            pieces = [self._infer(chunk, style, speed) for chunk in _chunks(phonemes)]
            wave = Waveform(np.concatenate(pieces), RATE_HZ)
            self._readings[key] = wave
            if len(self._readings) > _KEPT_READINGS:
                self._readings.popitem(last=False)
            return wave

    def syllables(self, text: str, language: str) -> int:
        return syllables(self._phonemizer.phonemes(text, language))

    def _infer(self, phonemes: str, style: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
        tokens = [self._tokens[sign] for sign in phonemes if sign in self._tokens]
        if not tokens:
            raise InputError(f"voice kokoro: {phonemes[:30]!r} has no sound that it knows; change the text")
        (audio,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": style[min(len(tokens), len(style)) - 1].reshape(1, 256),
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        return np.asarray(audio, dtype=np.float32).ravel()


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card.

    Settings: weights, style (female, or of the card's gender), male (style for male readers), threads, aligner
    (ears that find words; empty guesses).
    """
    read.check_keys("kokoro", settings, known=frozenset({"weights", "female", "male", "threads", "aligner"}))
    gender = read.text(settings, "gender", "female") or "female"
    if gender not in ("female", "male"):
        raise CardError(f"gender: {gender!r} given, female or male needed")
    aligner = read.text(settings, "aligner", "whisper-base")
    engine = Kokoro(
        weights.folder(read.text(settings, "weights", "kokoro-82m"), parts.cache, base=parts.folder),
        female=read.text(settings, "female", "jf_alpha"),
        male=read.text(settings, "male", "jm_kumo"),
        gender=gender,
        threads=read.threads(settings),
        phonemizer=Phonemizer(),
    )
    name = read.text(settings, "name", "kokoro")
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)


def _blend(name: str, styles: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    chosen = name.split("+")
    for one in chosen:
        if one not in styles:
            raise CardError(f"settings: style {one} given, one of {', '.join(sorted(styles))} needed")
    mean: NDArray[np.float32] = np.mean([styles[one].reshape(-1, 256) for one in chosen], axis=0, dtype=np.float32)
    return mean


def _chunks(phonemes: str) -> list[str]:
    """Pieces that fit into the model, cut at punctuation where possible."""
    chunks: list[str] = []
    current = ""
    for clause in _CLAUSE.split(phonemes):
        if current and len(current) + len(clause) + 1 > _LONGEST:
            chunks.append(current)
            current = clause
        else:
            current = f"{current} {clause}" if current else clause
    chunks.append(current)
    return [chunk[at : at + _LONGEST] for chunk in chunks for at in range(0, max(1, len(chunk)), _LONGEST)]
