"""People's own recordings: a folder of clips with `recordings.csv`, which says who speaks and what they allow.

file           clip, relative to the folder                                                     needed
speaker        a pseudonym, the same for all clips of one person                                needed
consent        what the speaker allows: evaluation;third_party_processing;publication           needed
consent_date   when, ISO 8601                                                                   needed
consent_text   version of the text they agreed to
licence        under which they give the recording; else that of the command line
sample, turn   id of the script that is dubbed (else the file's name), and turn of the dialogue from 1
text, language, level, domain, task, guideline, twin_group
gender, age, accent                     of the speaker: male or female; child, adult or elder; any
emotion, intensity, pace, style, ...    any further column is a label of what can be heard
"""

import re
from datetime import date
from pathlib import Path

from s2s_arena.build.checks import AGES, GENDERS
from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.rows import Clip, Level, Permission, Row, Source
from s2s_arena.build.importing.sheets import read_sheet
from s2s_arena.errors import SuiteError
from s2s_arena.records.scores import PURPOSES
from s2s_arena.records.speech import Traits

SHEET = "recordings.csv"
NEEDED = ("file", "speaker", "consent", "consent_date")
_KNOWN = frozenset(
    {*NEEDED, "consent_text", "licence", "sample", "turn", "text", "language", "level", "domain", "task", "guideline"}
    | {"twin_group", "gender", "age", "accent"}
)


def is_recordings(folder: Path) -> bool:
    """Whether the folder says who speaks in it."""
    return (folder / SHEET).is_file()


def read_recordings(path: Path) -> Source:
    """The clips that the table names; clips that it does not name are problems, since nobody consented for them.

    Args:
        path: The folder, or the table in it.

    Raises:
        SuiteError: No table, or one that lacks a needed column.
    """
    sheet = path / SHEET if path.is_dir() else path
    if not sheet.is_file():
        raise SuiteError(f"{path}: no {SHEET} in it; write one with the columns {', '.join(NEEDED)}")
    rows: list[Row] = []
    problems: list[str] = []
    for where, cells in read_sheet(sheet, needed=NEEDED):
        try:
            rows.append(_row(where, cells, sheet.parent))
        except ValueError as error:
            problems.append(f"{where}: {error}")
    named = {row.audio.content for row in rows if row.audio}
    if not problems:
        problems += [
            f"{clip.relative_to(sheet.parent)}: not in {sheet.name}; add who speaks and what they allow, or remove it"
            for clip in audio_files(sheet.parent)
            if clip not in named
        ]
    return Source(
        rows=tuple(rows), problems=tuple(problems), form="recordings", origin="recorded", consent=(), level=Level.SPEECH
    )


def permission(cells: dict[str, str]) -> Permission:
    """What the speaker of a row allows.

    Raises:
        ValueError: Nothing, something that cannot be allowed, or no date.
    """
    given = [re.sub(r"[ -]+", "_", part.strip().lower()) for part in re.split(r"[;,|]", cells["consent"])]
    purposes = [part for part in given if part]
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise ValueError(f"consent {purpose!r} is not known; use {'; '.join(PURPOSES)}")
    if "evaluation" not in purposes:
        raise ValueError("consent does not allow evaluation; ask the speaker, or remove the row")
    try:
        date.fromisoformat(cells["consent_date"][:10])
    except ValueError:
        raise ValueError(f"consent_date {cells['consent_date']!r}; write it as 2026-01-31") from None
    return Permission(
        purposes=tuple(purpose for purpose in PURPOSES if purpose in purposes),
        at=cells["consent_date"],
        text_version=cells.get("consent_text", ""),
    )


def _row(where: str, cells: dict[str, str], folder: Path) -> Row:
    if not cells["file"]:
        raise ValueError("no file; name the clip")
    if not cells["speaker"]:
        raise ValueError("no speaker; give a pseudonym, so that they can withdraw")
    turn = cells.get("turn", "")
    if turn and not turn.isdecimal():
        raise ValueError(f"turn {turn!r} is no number; number the turns from 1")
    labels = {name: cell for name, cell in cells.items() if name not in _KNOWN and cell}
    traits = {name: cells[name].lower() for name in ("gender", "age") if cells.get(name)}
    for name, allowed in (("gender", GENDERS), ("age", AGES)):
        if name in traits and traits[name] not in allowed:
            raise ValueError(f"{name} {traits[name]!r}; use one of: {', '.join(allowed)}, or leave it empty")
    accent = cells.get("accent", "")
    heard = traits | ({"accent": accent} if accent else {})
    return Row(
        where=where,
        id=cells.get("sample") or Path(cells["file"]).stem,
        turn=int(turn) if turn else None,
        audio=Clip(name=f"{where}, {cells['file']}", content=folder / cells["file"], path=cells["file"]),
        labels=labels | heard,
        traits=Traits(gender=traits.get("gender"), age=traits.get("age"), accent=accent or None),
        speaker=cells["speaker"],
        licence=cells.get("licence", ""),
        permission=permission(cells),
        text=cells.get("text", ""),
        language=cells.get("language", ""),
        level=cells.get("level", ""),
        domain=cells.get("domain", ""),
        task=cells.get("task", ""),
        guideline=cells.get("guideline", ""),
        twin_group=cells.get("twin_group", ""),
    )
