"""Common Voice: a locale's folder with `clips/` and a TSV of who read which sentence."""

import hashlib
from pathlib import Path

from s2s_arena.build.importing.rows import Clip, Level, Row, Source
from s2s_arena.build.importing.sheets import read_sheet
from s2s_arena.errors import SuiteError
from s2s_arena.records.scores import PURPOSES
from s2s_arena.records.speech import Traits

LICENCE = "CC0-1.0"
SHEETS = ("validated.tsv", "test.tsv", "dev.tsv", "train.tsv", "other.tsv")
NEEDED = ("client_id", "path", "sentence")
_AGES = {
    **dict.fromkeys(("twenties", "thirties", "fourties", "forties", "fifties"), "adult"),
    **dict.fromkeys(("sixties", "seventies", "eighties", "nineties"), "elder"),
}
_GENDERS = {"male": "male", "male_masculine": "male", "female": "female", "female_feminine": "female"}


def is_common_voice(folder: Path) -> bool:
    """Whether the folder has clips and one of the corpus's tables."""
    return (folder / "clips").is_dir() and any((folder / name).is_file() for name in SHEETS)


def read_common_voice(path: Path) -> Source:
    """One sample a clip that the table names.

    Speakers are known by the first twelve hex digits of a hash of their client id: enough to tell them apart and
    to honour a withdrawal, and no key to their account.

    Args:
        path: The locale's folder (its first table of `SHEETS` is read), or one of its tables.

    Raises:
        SuiteError: No such table, or one that lacks a column.
    """
    sheet = path
    if path.is_dir():
        sheet = next((path / name for name in SHEETS if (path / name).is_file()), path)
        if sheet == path:
            raise SuiteError(f"{path}: none of {', '.join(SHEETS)} in it; give a Common Voice locale's folder")
    rows = []
    # The sentences hold quotation marks of their own.
    for where, cells in read_sheet(sheet, needed=NEEDED, quoted=False):
        gender, age = _GENDERS.get(cells.get("gender", "")), _AGES.get(cells.get("age", ""))
        accent = cells.get("accents") or cells.get("accent", "")
        heard = {"gender": gender or "", "age": age or "", "accent": accent}
        rows.append(
            Row(
                where=where,
                id=Path(cells["path"]).stem,
                audio=Clip(name=f"{where}, {cells['path']}", content=_clip(sheet.parent, cells["path"])),
                text=cells["sentence"],
                language=cells.get("locale") or sheet.parent.name,
                labels={name: value for name, value in heard.items() if value},
                traits=Traits(gender=gender, age=age, accent=accent or None),
                speaker=f"cv-{hashlib.sha256(cells['client_id'].encode()).hexdigest()[:12]}",
            )
        )
    return Source(
        rows=tuple(rows),
        form="common_voice",
        title="Common Voice",
        licence=LICENCE,
        consent=PURPOSES,
        level=Level.SPEECH,
    )


def _clip(folder: Path, name: str) -> Path:
    # Early releases leave the suffix out.
    return folder / "clips" / (name if Path(name).suffix else f"{name}.mp3")
