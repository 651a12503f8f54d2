"""Samples, takes and studies for the tests of the arena; no audio is needed here."""

from collections.abc import Sequence

from s2s_arena.records.identity import (
    JudgeName,
    ResponseKey,
    SampleId,
    StudyName,
    SuiteHash,
    SuiteName,
    SystemName,
    TakeId,
)
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.samples import Sample, Turn
from s2s_arena.records.studies import Rules, Sampling, Study
from s2s_arena.records.taxonomy import DOMAINS, Level

SYSTEMS = ("a", "b", "c", "d")


def make_samples(n: int) -> tuple[Sample, ...]:
    levels = tuple(Level)
    return tuple(
        Sample(
            id=SampleId(f"s{i}"),
            language="en",
            turns=(Turn(script="", language="en"),),
            level=levels[i % 4],
            domain=DOMAINS[i // 4 % 4],
        )
        for i in range(n)
    )


def make_take(sample: str, system: str, *, failure: FailureKind | None = None, id: str = "") -> Take:
    return Take(
        id=TakeId(id or f"{sample}/{system}"),
        sample=SampleId(sample),
        system=SystemName(system),
        responses=(ResponseKey(f"{sample}/{system}/0"),),
        failure=failure,
    )


def make_takes(samples: Sequence[Sample], systems: Sequence[str] = SYSTEMS) -> tuple[Take, ...]:
    return tuple(make_take(sample.id, system) for sample in samples for system in systems)


def make_study(
    systems: Sequence[str] = SYSTEMS,
    *,
    judges: Sequence[str] = (),
    rules: Rules | None = None,
    seed: int = 0,
    **sampling,
) -> Study:
    return Study(
        name=StudyName("main"),
        suite=SuiteName("suite"),
        suite_hash=SuiteHash("hash"),
        systems=tuple(SystemName(s) for s in systems),
        judges=tuple(JudgeName(j) for j in judges),
        rules=rules or Rules(),
        sampling=Sampling(**sampling),
        seed=seed,
    )
