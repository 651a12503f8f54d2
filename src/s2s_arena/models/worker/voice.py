"""The family `worker-voice`: a voice in a process of its own, such as one that is controlled by a description."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.syllables import syllables
from s2s_arena.errors import AudioError, CardError, InputError, MissingError, SystemFailure
from s2s_arena.models import settings as read
from s2s_arena.models.directed import DirectedVoice
from s2s_arena.models.parts import Parts
from s2s_arena.models.phonemes import primary
from s2s_arena.models.readings import Readings
from s2s_arena.models.worker.family import OWN, workers
from s2s_arena.records.identity import content_hash
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.systems import Setting
from s2s_arena.retries import Retries

SPEAK, SPEED, GENDER = "speak", "speed", "gender"
"""Capabilities: it is a voice; it keeps an approximate speed; it speaks as the gender that is asked."""

GENDERS = ("female", "male")


class SpeakingWorker(Protocol):
    """What of a worker a voice needs."""

    @property
    def identity(self) -> str: ...

    def capabilities(self) -> frozenset[str]: ...

    def speak(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform: ...


class WorkerVoice:
    """Implements `directed.Performer` by a worker; it is started when it first has to speak.

    Args:
        worker: Is asked.
        name: Of the voice, for messages.
        languages: Primary tags, of the card: a plan needs them, and starting the worker may take minutes.
        gender: Of the reader when none is asked, or where the worker has but one.
        options: What the worker was given; part of the identity.
        retries: How often a worker that dies is asked again.
    """

    def __init__(
        self,
        worker: SpeakingWorker,
        *,
        name: str,
        languages: Sequence[str],
        gender: str,
        options: Mapping[str, Setting],
        retries: Retries | None = None,
    ) -> None:
        self._worker = worker
        self._name = name
        self._languages = frozenset(primary(tag) for tag in languages)
        self._gender = gender
        self._options = content_hash("options", dict(options))[:12]
        self._retries = retries or Retries()
        self._readings = Readings()
        self._able: frozenset[str] | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return f"worker-voice/1({self._worker.identity}, {self._options}, {self._gender})"

    @property
    def languages(self) -> frozenset[str]:
        return self._languages

    @property
    def quick(self) -> bool:
        return SPEED in self._capabilities()

    def gender(self, asked: str | None) -> str:
        return asked if asked in GENDERS and GENDER in self._capabilities() else self._gender

    def carries(self, delivery: Delivery, traits: Traits) -> frozenset[str]:
        able = self._capabilities()
        asked = (("emotion", delivery.emotion), ("style", delivery.style), ("age", traits.age))
        return frozenset(kind for kind, value in asked if value and (kind in able or f"{kind}={value}" in able))

    def read(self, text: str, *, language: str, gender: str | None, speed: float, seed: int) -> Waveform:
        traits = Traits(gender=gender)
        return self.perform(text, language=language, delivery=Delivery(), traits=traits, speed=speed, seed=seed)

    def perform(
        self, text: str, *, language: str, delivery: Delivery, traits: Traits, speed: float, seed: int
    ) -> Waveform:
        """The words.

        Raises:
            InputError: The worker failed or refused this text, was not done in its time, or wrote no speech.
            MissingError: It cannot start, or is no voice.
            InfrastructureError: It died each time it was asked.
        """
        carried = self.carries(delivery, traits)
        # What is done to the signal must not be told as well, or it would be done twice.
        told = Delivery(
            emotion=delivery.emotion if "emotion" in carried else None,
            strength=delivery.strength if "emotion" in carried else 1.0,
            style=delivery.style if "style" in carried else None,
        )
        age = traits.age if "age" in carried or traits.age == "adult" else None
        who = replace(traits, gender=self.gender(traits.gender), age=age)
        pace = speed if self.quick else 1.0

        def asked() -> Waveform:
            return self._worker.speak(text, language=language, delivery=told, traits=who, speed=pace, seed=seed)

        try:
            return self._readings.of((text, language, told, who, pace, seed), lambda: self._retries.run(asked))
        except (SystemFailure, AudioError) as error:  # of a voice it is the script's fault: the build goes on without
            raise InputError(f"voice {self._name}: {text[:30]!r} was not spoken ({error}); change it") from error

    def syllables(self, text: str, language: str) -> int:
        return max(1, round(syllables(text, language)))

    def _capabilities(self) -> frozenset[str]:
        with self._lock:
            if self._able is None:
                able = self._retries.run(self._worker.capabilities)
                if SPEAK not in able:
                    raise MissingError(
                        f"voice {self._name}: its worker is no voice (it can: {', '.join(sorted(able)) or 'nothing'}); "
                        "give serve() a function as speak, with the present sdk.py"
                    )
                self._able = able
            return self._able


def build(settings: Mapping[str, Setting], parts: Parts) -> DirectedVoice:
    """A voice from a card; its languages are the card's.

    Settings: those of the family `worker` (`family.build`); aligner (ears that find words; empty guesses).
    """
    read.check_keys("worker-voice", settings, known=OWN | {"options", "aligner"})
    name = read.text(settings, "name", "worker")
    gender = read.text(settings, "gender", "female") or "female"
    if gender not in GENDERS:
        raise CardError(f"gender: {gender!r} given, female or male needed")
    languages = read.texts(settings, "languages") or []
    if not languages:
        raise CardError("languages: none given; list those the voice speaks well")
    options = settings.get("options", {})
    engine = WorkerVoice(
        workers(settings, parts),
        name=name,
        languages=languages,
        gender=gender,
        options=options if isinstance(options, dict) else {},
    )
    aligner = read.text(settings, "aligner", "whisper-base")
    return DirectedVoice(engine, name=name, ears=(lambda: parts.transcriber(aligner)) if aligner else None)
