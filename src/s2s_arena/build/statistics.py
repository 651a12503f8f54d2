"""How many samples a suite has, by level, domain, task and language."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from s2s_arena.records.samples import Sample
from s2s_arena.records.taxonomy import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCount:
    """One task's samples by level."""

    domain: str | None
    task: str | None
    levels: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of a suite; samples without a level, domain or task are counted under "none"."""

    samples: int
    turns: int
    levels: dict[str, int]
    domains: dict[str, int]
    tasks: tuple[TaskCount, ...]
    languages: dict[str, int]
    domain_levels: dict[str, dict[str, int]]  # domain -> level -> samples
    language_levels: dict[str, dict[str, int]]
    twin_groups: int
    with_background: int
    audio_s: float  # of the turns that have speech

    def as_json(self) -> dict[str, object]:
        """The shape that `suite stats --json` prints."""
        return {
            "samples": self.samples,
            "turns": self.turns,
            "levels": self.levels,
            "domains": self.domains,
            "tasks": [{"domain": t.domain, "task": t.task, **t.levels, "total": t.total} for t in self.tasks],
            "languages": self.languages,
            "domain_levels": self.domain_levels,
            "language_levels": self.language_levels,
            "twin_groups": self.twin_groups,
            "with_background": self.with_background,
            "audio_s": round(self.audio_s, 3),
        }


def statistics(samples: Sequence[Sample]) -> Statistics:
    """Counts of the samples; tasks by domain and name, domains and languages by frequency."""
    by_task: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        by_task.setdefault((sample.domain or "none", sample.task or "none"), []).append(sample)
    return Statistics(
        samples=len(samples),
        turns=sum(len(sample.turns) for sample in samples),
        levels=_by_level(samples),
        domains=_by_frequency([sample.domain or "none" for sample in samples]),
        tasks=tuple(
            TaskCount(domain=domain, task=task, levels=_by_level(of_task), total=len(of_task))
            for (domain, task), of_task in sorted(by_task.items())
        ),
        languages=_by_frequency([sample.language for sample in samples]),
        domain_levels=_crossed(samples, [sample.domain or "none" for sample in samples]),
        language_levels=_crossed(samples, [sample.language for sample in samples]),
        twin_groups=len({sample.twin_group for sample in samples if sample.twin_group}),
        with_background=sum(any(turn.background for turn in sample.turns) for sample in samples),
        audio_s=sum(turn.speech.duration_s for sample in samples for turn in sample.turns if turn.speech),
    )


def _by_level(samples: Sequence[Sample]) -> dict[str, int]:
    counts = {level.value: 0 for level in Level}
    for sample in samples:
        name = sample.level.value if sample.level else "none"
        counts[name] = counts.get(name, 0) + 1
    return counts


def _crossed(samples: Sequence[Sample], keys: Sequence[str]) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Sample]] = {key: [] for key in _by_frequency(keys)}
    for sample, key in zip(samples, keys, strict=True):
        groups[key].append(sample)
    return {key: _by_level(found) for key, found in groups.items()}


def _by_frequency(values: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
