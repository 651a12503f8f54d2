"""What systems answered, how fast, at what cost, and what went wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import Response
from s2s_arena.records.systems import SystemCard
from s2s_arena.report.content import Contestant, FailureLine, FlagTable, LedgerLine

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


QUANTITIES: tuple[tuple[str, str, Callable[[Response], float | None]], ...] = (
    ("first audio", "s", lambda r: r.first_audio_s),
    ("total", "s", lambda r: r.total_s),
    ("audio in", "s", lambda r: r.usage.audio_in_s),
    ("audio out", "s", lambda r: r.usage.audio_out_s),
    ("tokens in", "", lambda r: r.usage.tokens_in),
    ("tokens out", "", lambda r: r.usage.tokens_out),
    ("cost", "USD", lambda r: r.usage.cost_usd),
)
"""What a ledger counts: name, unit, and where a response tells it."""


def ledger(system: SystemName, responses: Sequence[Response]) -> tuple[LedgerLine, ...]:
    """What a system's answers took, one line for each quantity that any response tells; failed ones that were paid
    for or waited for count, those that infrastructure kept away do not.

    Percentiles are of the answers that tell (`of` them), by linear interpolation; the sum is over these alone.
    """
    asked = [r for r in responses if r.failure is None or r.failure.kind.rated]
    lines = []
    for name, unit, told in QUANTITIES:
        values = np.array([value for r in asked if (value := told(r)) is not None], dtype=np.float64)
        if values.size:
            p50, p90, p99 = (float(p) for p in np.percentile(values, (50, 90, 99)))
            lines.append(
                LedgerLine(
                    system=system,
                    quantity=name,
                    unit=unit,
                    of=int(values.size),
                    p50=p50,
                    p90=p90,
                    p99=p99,
                    sum=float(values.sum()),
                )
            )
    return tuple(lines)


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
