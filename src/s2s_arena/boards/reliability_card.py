"""A judge's reliability on one page: the same content as Markdown and as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from s2s_arena.boards.reliability import shortcomings, title
from s2s_arena.records.boards import JudgeReliability

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Known faults", ("blatant", "subtle", "probe")),
    ("Known faults by their own criterion", ("criterion",)),
    ("By what was asked", ("language", "group", "level", "cell")),
    ("Habits", ("position", "length", "swap", "retest")),
    ("Margins as log-odds", ("odds",)),
    ("People", ("people",)),
    ("Controls that must fail", ("control",)),
)
"""Headings of the card, and the kinds of figures under each, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of the card."""

    name: str
    title: str
    value: float
    low: float
    high: float
    cases: int
    abstained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The page: what falls short first, then figures by heading."""

    judge: str
    version: str
    short: tuple[str, ...]
    parts: tuple[tuple[str, tuple[Line, ...]], ...]
    notes: tuple[str, ...]


def card(record: JudgeReliability) -> Card:
    """The page of a record; headings without figures are left out."""
    parts = tuple((heading, _lines(record, kinds)) for heading, kinds in PARTS)
    return Card(
        judge=record.judge,
        version=record.judge_version,
        short=shortcomings(record),
        parts=tuple((heading, lines) for heading, lines in parts if lines),
        notes=record.notes,
    )


def _lines(record: JudgeReliability, kinds: Sequence[str]) -> tuple[Line, ...]:
    named = [(kinds.index(kind), name) for name in record.figures if (kind := name.partition(":")[0]) in kinds]
    return tuple(
        Line(
            name=name,
            title=title(name),
            value=record.figures[name][0],
            low=record.figures[name][1],
            high=record.figures[name][2],
            cases=record.counts.get(name, 0),
            abstained=record.counts.get(f"abstained:{name.partition(':')[2]}", 0) if name[:9] == "criterion" else 0,
        )
        for _, name in sorted(named)
    )


def markdown(record: JudgeReliability) -> str:
    """The page as Markdown. Shares with 95 % intervals; a pair asked in both orders is one case."""
    page = card(record)
    lines = [f"# Reliability of judge {page.judge}", "", f"Version `{page.version}`.", ""]
    lines += ["**Falls short:**", "", *(f"- {short}" for short in page.short)] if page.short else [
        "Nothing falls short of what a board needs, as far as it was tried."
    ]  # fmt: skip
    for heading, figures in page.parts:
        lines += ["", f"## {heading}", "", "| figure | value | 95 % interval | cases |", "|---|---|---|---|"]
        lines += [
            f"| {f.title}{f' ({f.abstained} abstentions)' if f.abstained else ''} | {f.value:.3f} "
            f"| {f.low:.3f} to {f.high:.3f} | {f.cases} |"
            for f in figures
        ]
    if page.notes:
        lines += ["", "## Notes", "", *(f"- {note}" for note in page.notes)]
    return "\n".join(lines) + "\n"


def as_data(record: JudgeReliability) -> Mapping[str, object]:
    """The page as JSON-ready data: judge, version, short, figures by name, notes."""
    page = card(record)
    return {
        "judge": page.judge,
        "version": page.version,
        "short": list(page.short),
        "figures": {
            line.name: {
                "title": line.title,
                "value": line.value,
                "low": line.low,
                "high": line.high,
                "cases": line.cases,
            }
            for _, lines in page.parts
            for line in lines
        },
        "counts": dict(record.counts),
        "notes": list(page.notes),
    }
