"""Piper as a voice: one neural model a voice; a separate program under the GPL, never imported."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import CardError, InputError
from s2s_arena.models import settings as read
from s2s_arena.models import weights
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import is_eastern, primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.voice_program import TIMEOUT_S, VoiceProgram
from s2s_arena.records.systems import Setting

REMEDY = "run pip install piper-tts in an environment of its own and put piper on the path"
_EASTERN = frozenset({"zh", "ja", "yue"})


class Piper:
    """Implements `directed.Engine` by the program `piper`.

    Args:
        program: Runs it.
        model: The voice's ONNX file, with its `.onnx.json` beside it.
        name: Of the voice, for messages.
        gender: Of the voice.
        speaker: Number of the speaker in a model of several.
        noise: Of intonation; 0 gives the same samples every time.
        noise_w: Of the lengths of sounds; as `noise`.

    Raises:
        CardError: There is no description beside the model, or it names no language.
    """

    def __init__(
        self,
        program: VoiceProgram,
        *,
        model: Path,
        name: str,
        gender: str,
        speaker: int | None = None,
        noise: float = 0.0,
        noise_w: float = 0.0,
    ) -> None:
        self._program = program
        self._model = model
        self._name = name
        self._gender = gender
        self._options = ["--noise_scale", f"{noise:g}", "--noise_w", f"{noise_w:g}"]
        if speaker is not None:
            self._options += ["--speaker", str(speaker)]
        description = model.with_name(model.name + ".json")
        self._language = _language(description)
        content = hashlib.sha256(description.read_bytes() + str(model.stat().st_size).encode())
        self._content = content.hexdigest()[:12]
        self._readings = Readings()

    @property
    def identity(self) -> str:
        return f"piper/{self._model.stem}/{self._content}/{' '.join(self._options)}/1"

    @property
    def languages(self) -> frozenset[str]:
        return frozenset({self._language})

    @property
    def quick(self) -> bool:
        return False

    def gender(self, asked: str | None) -> str:
        return self._gender

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        if is_eastern(text) and self._language not in _EASTERN:
            raise InputError(
                f"voice {self._name}: {text[:30]!r} holds Chinese or Japanese and the voice speaks {self._language} "
                "only; choose another voice"
            )
        line = " ".join(text.split())  # each line would be an utterance, and only the last would be kept
        length = f"{1.0 / speed:.4f}"

        def spoken() -> Waveform:
            return self._program.spoken(
                lambda place: [
                    *("--model", str(self._model), "--output_file", str(place), "--length_scale", length),
                    *self._options,
                ],
                text=line + "\n",
            )

        return self._readings.of((line, length), spoken)

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card.

    Settings: weights (the model's ONNX file, relative to the card, with its .onnx.json beside it); program; speaker;
    noise_scale and noise_w (0: the same samples every time); timeout_s; aligner (ears that find words; empty guesses).
    """
    known = frozenset({"weights", "program", "speaker", "noise_scale", "noise_w", "timeout_s", "aligner"})
    read.check_keys("piper", settings, known=known)
    gender = read.text(settings, "gender", "")
    if gender not in ("female", "male"):
        raise CardError(f"gender: {gender!r} given, female or male needed")
    name = read.text(settings, "name", "piper")
    aligner = read.text(settings, "aligner", "whisper-base")
    engine = Piper(
        VoiceProgram(
            read.text(settings, "program", "piper"),
            voice=name,
            remedy=REMEDY,
            timeout_s=read.number(settings, "timeout_s", TIMEOUT_S),
        ),
        model=weights.model_file(read.text(settings, "weights"), parts.cache, base=parts.folder),
        name=name,
        gender=gender,
        speaker=int(read.number(settings, "speaker", 0)) if "speaker" in settings else None,
        noise=read.number(settings, "noise_scale", 0.0),
        noise_w=read.number(settings, "noise_w", 0.0),
    )
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)


def _language(description: Path) -> str:
    """The primary tag that a model's description names."""
    try:
        told = json.loads(description.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CardError(
            f"settings.weights: {description} cannot be read ({error}); it belongs beside the model"
        ) from error
    for table, key in (("language", "family"), ("language", "code"), ("espeak", "voice")):
        value = told.get(table, {}).get(key) if isinstance(told, dict) and isinstance(told.get(table), dict) else None
        if isinstance(value, str) and value:
            tag = primary(value)
            return "zh" if tag == "cmn" else tag
    raise CardError(f"settings.weights: {description} names no language; use a description that does")
