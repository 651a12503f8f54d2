"""A small judged study in memory: three systems, six samples, tones for speech."""

from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Cues, Prosody, Transcript
from s2s_arena.records.identity import JudgeName, ResponseKey, SampleId, StudyName, SuiteName, SystemName
from s2s_arena.records.matches import Match, Purpose, group_id, match_id
from s2s_arena.records.responses import Failure, FailureKind, Response, take_of
from s2s_arena.records.runs import Run
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Criterion, Outcome, Study
from s2s_arena.records.taxonomy import Level
from s2s_arena.records.verdicts import CriterionOutcome, Event, EventKind, Verdict
from s2s_arena.store.memory import MemoryStore

SYSTEMS = tuple(SystemName(name) for name in ("strong", "middling", "<weak & wordy>"))


@dataclass(frozen=True)
class World:
    store: MemoryStore
    suite: Suite
    study: Study


def tone(hz: float, seconds: float = 0.2) -> Waveform:
    t = np.arange(int(16000 * seconds)) / 16000
    return Waveform((0.2 * np.sin(2 * np.pi * hz * t)).astype(np.float32), 16000)


def small_study() -> World:
    """Eighteen matches; the first system beats the second, which beats the third, whose answer to s0 failed."""
    store = MemoryStore()
    samples = tuple(
        Sample(
            id=SampleId(f"s{i}"),
            language="en" if i % 2 else "zh",
            level=list(Level)[i % 4],
            domain=("education", "medical")[i % 2],
            task="singing",
            turns=(
                Turn(
                    script=f"</script><b>question {i}</b>",
                    language="en",
                    speech=store.put_audio(tone(200 + i)),
                    labels={"emotion": "sad"},
                ),
            ),
        )
        for i in range(6)
    )
    suite = Suite(name=SuiteName("small"), samples=samples)
    study = Study(
        name=StudyName("default"),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=SYSTEMS,
        judges=(JudgeName("listener"),),
    )
    store.put(suite, study)
    takes = {}
    for i, sample in enumerate(samples):
        for k, system in enumerate(SYSTEMS):
            failed = k == 2 and i == 0
            audio = None if failed else store.put_audio(tone(400 + 50 * k + i))
            response = Response(
                key=ResponseKey(f"{system}-{sample.id}"),
                sample=sample.id,
                turn=0,
                system=system,
                settings="x",
                speech=audio,
                text="my words",
                total_s=1.5,
                failure=Failure(kind=FailureKind.SILENT, message="nothing but silence") if failed else None,
                flags=("too_short",) if k == 1 else (),
            )
            take = take_of([response])
            takes[system, sample.id] = take
            store.put(response, take)
            if audio:
                store.put(
                    Cues(
                        audio=audio.hash,
                        extractor="test",
                        transcript=Transcript(text=f"heard {k}", language="en"),
                        prosody=Prosody(
                            duration_s=0.2, speech_s=0.2, lead_s=0, tail_s=0, pauses=(), syllables_per_s=4.0,
                            f0_median_hz=400, f0_range_st=None, f0_sd_st=None, f0_final_slope_st_s=None,
                            intensity_dbfs=-17, intensity_sd_db=None, voiced_share=1,
                        ),
                        quality=None,
                        heads={"expressive": 3.2, "emotion:sad": 0.7, "emotion:happy": 0.3},
                    )
                )  # fmt: skip
    index = 0
    for sample in samples:
        for a, b in ((0, 1), (1, 2), (2, 0)):
            first, second = takes[SYSTEMS[a], sample.id], takes[SYSTEMS[b], sample.id]
            match = Match(
                id=match_id(
                    study="default", round=0, index=index, first=first.id, second=second.id, purpose=Purpose.RATED
                ),
                study=study.name, round=0, index=index, sample=sample.id, first=first.id, second=second.id,
                first_system=SYSTEMS[a], second_system=SYSTEMS[b],
                group=group_id(study="default", round=0, index=index), probability=0.1,
            )  # fmt: skip
            outcome = Outcome.FIRST if a < b else Outcome.SECOND
            verdict = Verdict(
                match=match.id, study=study.name, judge=JudgeName("listener"), order=(0, index), outcome=outcome,
                criteria={
                    Criterion.QUALITY: CriterionOutcome(outcome=outcome, margin=0.5, reason="cleaner"),
                    Criterion.EXPRESSIVENESS: CriterionOutcome(outcome=None, reason="not asked for"),
                },
                reason="the better one", raw="<raw>", prompt_hash="ab" * 32, parsed="strict", judge_version="1",
            )  # fmt: skip
            event = Event(
                id=f"e{index}",
                kind=EventKind.VOTE,
                study=study.name,
                match=match.id,
                judge=verdict.judge,
                verdict=verdict,
            )
            store.put(match)
            store.append(event)
            index += 1
    store.put(Run(id="r", stage="answer", started="2026-01-01T00:00:00+00:00", seed=0, versions={"numpy": "2"}))
    return World(store=store, suite=suite, study=study)
