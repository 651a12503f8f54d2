"""Answers of two systems to a small suite, one of them failed, and what is heard in them."""

from dataclasses import dataclass, replace

from s2s_arena.records.cues import Cues, Transcript
from s2s_arena.records.identity import AudioHash, SampleId, SuiteName, SystemName
from s2s_arena.records.responses import Failure, FailureKind, Response, ResponseKey, Take, take_of
from s2s_arena.records.samples import RubricItem, Sample, Suite, Turn
from s2s_arena.records.taxonomy import Level
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tones
from tests.judge.parts import PROSODY


@dataclass
class World:
    store: MemoryStore
    suite: Suite
    takes: list[Take]
    heard: dict[AudioHash, Cues]

    def hear(self, audio: AudioHash) -> Cues:
        return self.heard[audio]


def world(*, samples: int = 4, turns: int = 1, lost: bool = False) -> World:
    """`good` says "good N", `bad` says "bad N" and has failed on s0 (or, if `lost`, was lost by the network)."""
    store = MemoryStore()
    made = tuple(
        Sample(
            id=SampleId(f"s{n}"),
            language="en",
            turns=tuple(Turn(script=f"question {n} {k}", language="en") for k in range(turns)),
            level=list(Level)[n % 4],
            domain="medical",
            rubric=(
                RubricItem(id="own", text=f"Says something about {n}.", dimension="instruction"),
                RubricItem(id="poison", text="Recommends poison.", dimension="safety", red_flag=True),
            ),
        )
        for n in range(samples)
    )
    takes, heard = [], {}
    for sample in made:
        for system in ("good", "bad"):
            failed = system == "bad" and sample.id == "s0"
            kind = FailureKind.INFRASTRUCTURE if lost else FailureKind.SILENT
            responses = []
            for k in range(turns):
                ref = store.put_audio(tones([system, sample.id, str(k)]))
                heard[ref.hash] = Cues(
                    audio=ref.hash,
                    extractor="e",
                    transcript=Transcript(text=f"{system} {sample.id} {k}", language="en"),
                    prosody=replace(PROSODY),
                    quality=None,
                )
                responses.append(
                    Response(
                        key=ResponseKey(f"{system}{sample.id}{k}"),
                        sample=sample.id,
                        turn=k,
                        system=SystemName(system),
                        settings="",
                        speech=None if failed else ref,
                        failure=Failure(kind=kind, message="x") if failed else None,
                    )
                )
            takes.append(take_of(responses))
            store.put(*responses, takes[-1])
    suite = Suite(name=SuiteName("small"), samples=made)
    store.put(suite)
    return World(store=store, suite=suite, takes=takes, heard=heard)
