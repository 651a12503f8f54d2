"""What systems answered, how fast, at what cost, and what went wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import Response
from s2s_arena.records.systems import SystemCard
from s2s_arena.report.content import Contestant, FailureLine, FlagTable

NONE = "–"


def contestant(system: SystemName, card: SystemCard | None, responses: Sequence[Response], *, asked: int) -> Contestant:
    """One system's row: its card and the figures of its responses, failures included in `asked`."""
    answered = [r for r in responses if r.speech is not None and r.failure is None]
    parts = [] if card is None else [("code", card.licences.code), ("weights", card.licences.weights)]
    if card and card.licences.voice:
        parts.append(("voice", card.licences.voice))
    licences = [f"{part} {name}" for part, name in parts if name]
    costs = [r.usage.cost_usd for r in responses if r.usage.cost_usd is not None]
    totals = [r.total_s for r in answered if r.total_s is not None]
    return Contestant(
        system=system,
        title=card.title if card else "no card in this workspace",
        encoder=card.encoder if card else "",
        backbone=card.backbone if card else "",
        decoder=card.decoder if card else "",
        licences=", ".join(licences) or NONE,
        verified=card.verified.value if card else NONE,
        asked=asked,
        answered=len(answered),
        failed=sum(r.failure is not None for r in responses),
        flagged=sum(bool(r.flags) for r in responses),
        speech=_minutes(sum(r.speech.duration_s for r in answered if r.speech)),
        first_audio=_seconds([r.first_audio_s for r in answered if r.first_audio_s is not None], 50),
        total_median=_seconds(totals, 50),
        total_p95=_seconds(totals, 95),
        cost=f"${sum(costs):.4f}" if costs else NONE,
    )


def failures(responses: Iterable[Response]) -> tuple[FailureLine, ...]:
    """Every failed response, by system and sample."""
    lines = [
        FailureLine(system=r.system, sample=r.sample, kind=r.failure.kind.value, message=r.failure.message)
        for r in responses
        if r.failure is not None
    ]
    return tuple(sorted(lines, key=lambda f: (f.system, f.sample)))


def flags(responses: Iterable[Response]) -> FlagTable | None:
    """Flags by system; None when nothing is flagged."""
    counts: dict[str, Counter[str]] = {}
    for r in responses:
        counts.setdefault(r.system, Counter()).update(r.flags)
    names = tuple(sorted({name for counter in counts.values() for name in counter}))
    if not names:
        return None
    rows = tuple((system, tuple(counter[n] for n in names)) for system, counter in sorted(counts.items()))
    return FlagTable(names=names, rows=rows)


def _seconds(values: Sequence[float], percentile: float) -> str:
    return f"{np.percentile(values, percentile):.1f} s" if values else NONE


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"
