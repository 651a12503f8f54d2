"""What every importer reads its source into: one row a turn, still in the source's own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from s2s_arena.records.speech import Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Audio that a row names: a file, or bytes that lie in the table itself."""

    name: str  # what messages call it
    content: Path | bytes
    path: str = ""  # as the source gives it; an id can be made of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a speaker allowed, when, and under which text."""

    purposes: tuple[str, ...]
    at: str = ""  # ISO 8601 date
    text_version: str = ""


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
    traits: Traits = field(default_factory=Traits)
    speaker: str = ""  # a pseudonym
    licence: str = ""  # of this recording; empty: that of the source
    permission: Permission | None = None  # what the speaker allowed, where that is on record


class Level(StrEnum):
    """What is done to the audio of a source, beside keeping its original."""

    KEPT = "kept"  # nothing: a benchmark's clips are what its figures were made on
    FORMAT = "format"  # one rate: backgrounds, whose level the mixing sets
    SPEECH = "speech"  # one rate and one loudness a speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """All rows that could be read, in order, and one line for each thing that could not."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    form: str  # which reader made it
    title: str = ""  # what the corpus is called; empty: the name of the file or folder
    origin: str = "corpus"
    licence: str = ""  # of the corpus, where it is known
    consent: tuple[str, ...] | None = None  # what its speakers allow, where that is known
    level: Level = Level.KEPT


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which audio_2 comes before audio_10."""
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(p), p) if p.isdecimal() and p.isascii() else (1, 0, p) for p in parts if p)
