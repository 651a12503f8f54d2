"""What every importer reads its source into: one row a turn, still in the source's own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Audio that a row names: a file, or bytes that lie in the table itself."""

    name: str  # what messages call it
    content: Path | bytes
    path: str = ""  # as the source gives it; an id can be made of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One user turn as the source has it; nothing but `where` and `id` need be there."""

    where: str  # for messages: the file, and the row in it
    id: str
    turn: int | None = None  # place in a dialogue; None where the source knows no turns
    audio: Clip | None = None
    text: str = ""
    language: str = ""
    level: str = ""
    domain: str = ""
    task: str = ""
    guideline: str = ""
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    twin_group: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All rows that could be read, in order, and one line for each thing that could not."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    form: str  # which reader made it


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which audio_2 comes before audio_10."""
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(p), p) if p.isdecimal() and p.isascii() else (1, 0, p) for p in parts if p)
