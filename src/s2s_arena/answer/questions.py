"""One turn as it is put to a system, and the work of putting it: both pickle, so that it may be done elsewhere."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from s2s_arena.answer.asking import Reply, Retries, ask
from s2s_arena.answer.dialogues import Dialogue
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import StoreError, SuiteError
from s2s_arena.protocols import Answer, Conversant, Exchange, Request, Store
from s2s_arena.records.identity import ResponseKey
from s2s_arena.records.responses import Response
from s2s_arena.records.samples import Sample
from s2s_arena.records.systems import SystemCard


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What a system is asked, with the audio itself, and how often it has been asked in this run, with this time."""

    request: Request
    attempts: int


class Asking:
    """Implements `protocols.Portable`: puts questions to one system, which is loaded at the first of them.

    Args:
        load: Makes the system; where it pickles, the work can be done in another process, which loads its own.
        card: Its time limit counts, and what it needs of a machine.
        retries: When a network fault is worth asking again.
        hedge_after_s: As for `ask`.
    """

    def __init__(
        self, load: Callable[[], Conversant], *, card: SystemCard, retries: Retries, hedge_after_s: float | None
    ) -> None:
        self._load = load
        self._timeout_s = card.timeout_s
        self._retries = replace(retries, sleep=None)  # waiting is the driver's
        self._hedge_after_s = hedge_after_s
        self.resources: Mapping[str, float] = card.resources
        self._reset()

    def __call__(self, question: Question) -> Reply:
        """What came of it; raises as `ask`, and what loading raises."""
        system = self._ready()
        reply = ask(
            system,
            question.request,
            timeout_s=self._timeout_s,
            retries=self._retries,
            attempts=question.attempts,
            hedge_after_s=self._hedge_after_s,
        )
        return replace(reply, adapter=system.identity)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_system")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._system: Conversant | None = None

    def _ready(self) -> Conversant:
        with self._lock:
            if self._system is None:
                self._system = self._load()
            return self._system


def request_of(dialogue: Dialogue, *, store: Store, seed: int) -> Request:
    """What the system gets for the next turn.

    History comes from the store even when the answer was given a moment ago: an interrupted run and an
    uninterrupted one must ask the same thing.

    Raises:
        StoreError: Audio that it needs is gone.
    """
    sample = dialogue.sample
    history = tuple(
        Exchange(user=_user(sample, turn, store=store), answer=_earlier(key, store=store))
        for turn, key in zip(range(len(sample.turns)), dialogue.keys, strict=False)
    )
    return Request(
        speech=_user(sample, dialogue.turn, store=store),
        sample=sample.id,
        turn=dialogue.turn,
        history=history,
        seed=seed,
    )


def _user(sample: Sample, turn: int, *, store: Store) -> Waveform:
    speech = sample.turns[turn].speech
    if speech is None:
        raise SuiteError(f"sample {sample.id}: turn {turn} has no speech; run s2s-arena suite build")
    return store.audio(speech.hash)


def _earlier(key: ResponseKey, *, store: Store) -> Answer:
    response = store.get(Response, key)
    if response is None or response.speech is None:
        raise StoreError(f"response {key}: is gone or has no speech; restore a backup")
    return Answer(
        speech=store.audio(response.speech.hash),
        text=response.text,
        first_audio_s=response.first_audio_s,
        usage=response.usage,
        raw=response.raw,
    )
