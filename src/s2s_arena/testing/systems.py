"""A speech-to-speech system that answers by rule and fails on demand."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2s_arena.errors import CardError, Refused
from s2s_arena.protocols import Answer, Request
from s2s_arena.records.identity import SampleId
from s2s_arena.records.systems import Setting
from s2s_arena.testing.sound import silence, tones

Rule = Callable[[Request], Answer]
Deed = Answer | Exception | Callable[[Request], Answer]


def spoken_words(request: Request) -> Answer:
    """The default rule: three tones that depend on the sample, the turn, the seed and what was said before."""
    heard = request.speech.hash()[:8]
    before = "".join(exchange.answer.speech.hash()[:4] for exchange in request.history)
    words = [f"{request.sample}", f"{request.turn}/{request.seed}", f"{heard}{before}"]
    return Answer(speech=tones(words), text=" ".join(words), first_audio_s=0.1)


@dataclass
class ScriptedSystem:
    """Implements `protocols.Conversant` without a model.

    Attributes:
        name: Part of the identity.
        rule: What it answers.
        deeds: Instead of the rule, for a sample or a (sample, turn): an answer, an exception to raise, a function;
            or a list of them, one for each time it is asked, the last one for ever.
        requests: All that it was asked, in the order in which it was asked.
    """

    name: str = "scripted"
    rule: Rule = spoken_words
    deeds: Mapping[str | tuple[str, int], Deed | list[Deed]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        return f"scripted/1:{self.name}"

    def answer(self, request: Request) -> Answer:
        with self._lock:
            times = sum(r.sample == request.sample and r.turn == request.turn for r in self.requests)
            self.requests.append(request)
        deed = self.deeds.get((request.sample, request.turn), self.deeds.get(str(request.sample)))
        if isinstance(deed, list):
            deed = deed[min(times, len(deed) - 1)]
        if deed is None:
            return self.rule(request)
        if isinstance(deed, Exception):
            raise deed
        return deed if isinstance(deed, Answer) else deed(request)

    def asked(self, sample: str) -> int:
        """How often it was asked about a sample."""
        return sum(r.sample == SampleId(sample) for r in self.requests)


def build(settings: Mapping[str, Setting], parts: object) -> ScriptedSystem:
    """A scripted system from a card.

    Settings: words (how many tones an answer has, default 3), silent and refuses (ids of samples on which it fails).

    Raises:
        CardError: A setting that is unknown or of the wrong type.
    """
    known = {"words": 3, "silent": [], "refuses": [], "name": "", "gender": ""}
    for key, value in settings.items():
        if key not in known:
            raise CardError(f"settings.{key}: unknown to scripted; known are words, silent, refuses")
        if type(value) is not type(known[key]):
            raise CardError(f"settings.{key}: {value!r} given, {type(known[key]).__name__} needed")
    given = {**known, **settings}
    words, silent, refuses = given["words"], given["silent"], given["refuses"]

    def rule(request: Request) -> Answer:
        said = [f"{request.sample}/{request.turn}/{n}" for n in range(words if isinstance(words, int) else 0)]
        return Answer(speech=tones(said), text=" ".join(said), first_audio_s=0.0)

    deeds: dict[str | tuple[str, int], Deed | list[Deed]] = {}
    for ids, deed in ((silent, Answer(speech=silence(1.0))), (refuses, Refused("refused, as its card says"))):
        deeds.update((str(id), deed) for id in (ids if isinstance(ids, list) else ()))
    return ScriptedSystem(name=f"words={words}", rule=rule, deeds=deeds)
