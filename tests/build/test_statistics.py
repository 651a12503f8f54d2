"""Counts of a suite, by hand."""

from s2s_arena.build.scripts import starter
from s2s_arena.build.statistics import statistics
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Background, Sample, Turn
from s2s_arena.records.speech import AudioRef
from s2s_arena.records.taxonomy import Level


def sample(id: str, level: Level | None, domain: str | None, task: str | None, language: str = "en") -> Sample:
    speech = AudioRef(hash="0" * 64, rate_hz=16000, frames=8000)
    turn = Turn(script="x", language=language, speech=speech, background=Background(scene="cafe", snr_db=5))
    return Sample(id=SampleId(id), language=language, turns=(turn,), level=level, domain=domain, task=task)


SAMPLES = (
    sample("1", Level.L1, "social", "chat"),
    sample("2", Level.L3, "social", "chat"),
    sample("3", Level.L3, "medical", "advice", "zh"),
    sample("4", None, None, None),
)


def test_counts_by_hand():
    counted = statistics(SAMPLES).as_json()
    assert counted["samples"] == 4 and counted["audio_s"] == 2.0 and counted["with_background"] == 4
    assert counted["levels"] == {"L1": 1, "L2": 0, "L3": 2, "L4": 0, "none": 1}
    assert counted["domains"] == {"social": 2, "medical": 1, "none": 1}
    assert counted["languages"] == {"en": 3, "zh": 1}
    assert counted["domain_levels"]["social"] == {"L1": 1, "L2": 0, "L3": 1, "L4": 0}
    assert counted["language_levels"]["zh"] == {"L1": 0, "L2": 0, "L3": 1, "L4": 0}
    assert {"domain": "social", "task": "chat", "L1": 1, "L2": 0, "L3": 1, "L4": 0, "total": 2} in counted["tasks"]


def test_every_breakdown_adds_up():
    samples = starter()
    counted = statistics(samples)
    assert sum(counted.levels.values()) == sum(counted.domains.values()) == len(samples)
    assert sum(counted.languages.values()) == sum(task.total for task in counted.tasks) == len(samples)
    assert all(sum(task.levels.values()) == task.total for task in counted.tasks)
    assert len(counted.tasks) == 19
