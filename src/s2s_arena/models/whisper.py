"""Whisper as ears: transcripts with word times, and encoder features, by CTranslate2 on the processor."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.parts import Parts
from s2s_arena.records.cues import Transcript, Word
from s2s_arena.records.systems import Setting

_RATE_HZ = 16_000
_WINDOW_FRAMES = 3000  # mel frames of 10 ms: Whisper always encodes thirty seconds
_KEPT_ENCODINGS = 4
_SILENT = 10 ** (-65 / 20)  # below this level Whisper only invents words


class Whisper:
    """One loaded Whisper; one call at a time, from any thread.

    Deterministic: temperature 0, a fixed beam, no fallback and no memory of earlier text.

    Args:
        folder: A CTranslate2 model folder.
        name: Its name, for the identity.
        threads: Threads for one call.
        beam: Beam width.
    """

    def __init__(self, folder: Path, *, name: str, threads: int, beam: int = 1) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - optional dependencies are imported where used

        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        self._name = name
        self._beam = beam
        self._lock = threading.Lock()
        self._encodings: OrderedDict[bytes, Any] = OrderedDict()
        self._encode_window = self._model.encode
        # Detecting the language, transcribing and `encode` need the same encoding, which is most of the time.
        self._model.encode = self._encode_once

    @property
    def identity(self) -> str:
        """Name, arithmetic and decoding."""
        return f"whisper/{self._name}/int8/beam{self._beam}/1"

    def transcribe(self, speech: Waveform, *, language: str | None = None) -> Transcript:
        """What is said; Chinese always in simplified characters.

        Near digital silence gives an empty text with no-speech probability 1 and language "und".

        Raises:
            InputError: A language that this Whisper does not know.
        """
        tag = self._tag(language)
        samples = _prepared(speech)
        if samples.size < _RATE_HZ // 20 or float(np.sqrt(np.mean(samples**2))) < _SILENT:
            return Transcript(text="", language=tag or "und", language_probability=0.0, no_speech_probability=1.0)
        with self._lock:
            probability = 1.0
            if tag is None:
                tag, probability = self._detected(samples)
            found, info = self._model.transcribe(
                samples,
                language=tag,
                beam_size=self._beam,
                temperature=0.0,
                word_timestamps=True,
                condition_on_previous_text=False,
            )
            segments = list(found)
        simplify = _simplifier() if info.language in ("zh", "yue") else str
        words = tuple(
            Word(
                text=simplify(word.word.strip()),
                start_s=float(word.start),
                end_s=float(word.end),
                probability=float(word.probability),
            )
            for segment in segments
            for word in segment.words or ()
        )
        weights_of = [max(1, len(segment.tokens)) for segment in segments]
        return Transcript(
            text=simplify("".join(segment.text for segment in segments).strip()),
            language=str(info.language),
            language_probability=probability,
            words=words,
            log_probability=_mean([s.avg_logprob for s in segments], weights_of),
            no_speech_probability=_mean([s.no_speech_prob for s in segments], weights_of) if segments else 1.0,
        )

    def encode(self, speech: Waveform) -> NDArray[np.float32]:
        """Final encoder layer, shape (frames, dimensions), 50 frames a second of real audio."""
        samples = _prepared(speech)
        if not samples.size:
            raise InputError("encoder: 0 samples given; give it speech")
        window = _WINDOW_FRAMES * 160
        pieces: list[NDArray[np.float32]] = []
        with self._lock:
            for start in range(0, samples.size, window):
                piece = samples[start : start + window]
                frames = max(1, -(-piece.size // 320))
                pieces.append(np.asarray(self._encode_once(self._mel(piece)), dtype=np.float32)[0, :frames])
        return np.concatenate(pieces)

    def _mel(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first thirty seconds as the decoder's first window has them, zeros after the end."""
        mel = self._model.feature_extractor(samples)[:, :-1][:, :_WINDOW_FRAMES]
        return np.pad(mel, ((0, 0), (0, _WINDOW_FRAMES - mel.shape[1])))

    def _detected(self, samples: NDArray[np.float32]) -> tuple[str, float]:
        """The language of the first thirty seconds and its probability, 1 for a Whisper of English alone.

        From the very encoding that is decoded: faster-whisper detects from one mel frame more, which is another
        encoding and took as long again.
        """
        if not self._model.model.is_multilingual:
            return "en", 1.0
        token, probability = self._model.model.detect_language(self._encode_once(self._mel(samples)))[0][0]
        return str(token[2:-2]), float(probability)

    def _tag(self, language: str | None) -> str | None:
        if language is None:
            return None
        tag = language.lower().split("-")[0]
        if tag not in self._model.supported_languages:
            raise InputError(f"ears {self._name}: language {language} is not one they know; give another or none")
        return tag

    def _encode_once(self, features: NDArray[np.float32]) -> Any:
        key = hashlib.blake2b(np.ascontiguousarray(features).tobytes(), digest_size=16).digest()
        if key in self._encodings:
            self._encodings.move_to_end(key)
        else:
            self._encodings[key] = self._encode_window(features)
            if len(self._encodings) > _KEPT_ENCODINGS:
                self._encodings.popitem(last=False)
        return self._encodings[key]


def build(settings: Mapping[str, Setting], parts: Parts) -> Whisper:
    """Ears from a card or from `{"weights": name}`.

    Settings: weights (a set or a folder), threads, beam.
    """
    read.check_keys("whisper", settings, known=frozenset({"weights", "threads", "beam"}))
    name = read.text(settings, "weights", "whisper-base")
    return Whisper(
        weights.folder(name, parts.cache, base=parts.folder),
        name=name,
        threads=read.threads(settings),
        beam=int(read.number(settings, "beam", 1)),
    )


def _prepared(speech: Waveform) -> NDArray[np.float32]:
    return np.asarray(resample(speech, _RATE_HZ).samples, dtype=np.float32)


def _mean(values: list[float], weights_of: list[int]) -> float:
    return float(np.average(values, weights=weights_of)) if values else 0.0


def _simplifier() -> Any:
    from misaki.zh_normalization.char_convert import tranditional_to_simplified  # noqa: PLC0415

    return tranditional_to_simplified
