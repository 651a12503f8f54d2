"""Answers that people spoke into a browser -> responses and takes, under the same keys as any system's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2s_arena.answer.dialogues import dialogues
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.records.identity import SampleId
from s2s_arena.records.responses import Response, Usage, response_key
from s2s_arena.records.samples import Suite
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.systems import SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One turn answered aloud; the audio is in the store already."""

    sample: SampleId
    turn: int
    speech: AudioRef
    by: str  # the speaker's pseudonym
    about: Mapping[str, str]  # microphone, room, browser


def keep(spoken: Sequence[Recorded], *, suite: Suite, card: SystemCard, store: Store, seed: int = 0) -> int:
    """Keep answers as responses of `card`, and the takes that they complete; says how many responses are new.

    Raises:
        InputError: The suite has no such sample or turn.
    """
    samples = {sample.id: sample for sample in suite.samples}
    made = []
    for one in spoken:
        sample = samples.get(one.sample)
        if sample is None or not 0 <= one.turn < len(sample.turns):
            raise InputError(f"sample {one.sample} turn {one.turn}: not in suite {suite.name}; name its own suite")
        made.append(
            Response(
                key=response_key(
                    sample=sample.id,
                    turn=one.turn,
                    audio=[turn.speech.hash for turn in sample.turns[: one.turn + 1] if turn.speech],
                    system=card.system,
                    settings=card.settings_hash,
                    seed=seed,
                ),
                sample=sample.id,
                turn=one.turn,
                system=card.system,
                settings=card.settings_hash,
                speech=one.speech,
                usage=Usage(audio_out_s=one.speech.duration_s),
                versions={"adapter": "recorded/1"},
                raw={"speaker": one.by} | dict(one.about),
            )
        )
    new = store.put(*made)
    touched = [samples[id] for id in dict.fromkeys(one.sample for one in spoken)]
    state = dialogues(touched, card, store=store, seed=seed) if touched else []
    store.put(*(dialogue.take(card) for dialogue in state if dialogue.whole))
    return new
