"""A small part of a suite that still covers its levels, domains and languages, for demonstrations."""

from collections.abc import Callable, Sequence

from s2s_arena.build.languages import primary
from s2s_arena.records.samples import Sample


def subset(samples: Sequence[Sample], count: int) -> tuple[Sample, ...]:
    """`count` samples (or all, if there are fewer) in the order given; the same ones every time.

    Chosen one twin group or single sample at a time: new levels first, then new domains, then what keeps levels,
    domains and languages nearest to their shares in the whole (Sainte-Laguë), then new tasks. Twins stay together
    where there is room for all of them.
    """
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(f"twin:{sample.twin_group}" if sample.twin_group else f"id:{sample.id}", []).append(sample)
    levels = {sample.level for sample in samples}
    chosen: list[Sample] = []
    left = list(groups.values())
    while left and len(chosen) < count:
        room = count - len(chosen)
        # Twins of one level must not push the last level out.
        fitting = [g for g in left if room - len(g) >= len(levels - {s.level for s in (*chosen, *g)})]
        best = max(fitting or [g[:1] for g in left], key=lambda group: _gain(group[0], chosen, samples))
        chosen += best
        left = [g for g in left if g[0] is not best[0]]
    ids = {sample.id for sample in chosen}
    return tuple(sample for sample in samples if sample.id in ids)


_ASPECTS: tuple[Callable[[Sample], object], ...] = (
    lambda sample: sample.level,
    lambda sample: sample.domain,
    lambda sample: primary(sample.language),
)


def _gain(candidate: Sample, chosen: Sequence[Sample], whole: Sequence[Sample]) -> tuple[float, ...]:
    """What a sample would add, most important first; ties fall to the earlier one."""
    quotas = 0.0
    for aspect in _ASPECTS:
        value = aspect(candidate)
        share = sum(aspect(sample) == value for sample in whole) / len(whole)
        quotas += share / (2 * sum(aspect(sample) == value for sample in chosen) + 1)
    return (
        float(candidate.level not in {s.level for s in chosen}),
        float(candidate.domain not in {s.domain for s in chosen}),
        quotas,
        float(candidate.task not in {s.task for s in chosen}),
    )
