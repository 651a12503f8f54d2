"""A data set's folder of Parquet files, as hubs keep them: `data/SPLIT-00000-of-0000N.parquet`, read as tables."""

import re
from dataclasses import replace
from pathlib import Path

from s2s_arena.build.importing.locating import audio_files
from s2s_arena.build.importing.rows import Row, Source, natural
from s2s_arena.build.importing.table import read_table
from s2s_arena.build.splits import ATTRIBUTE
from s2s_arena.errors import SuiteError

_SHARD = re.compile(r"(?P<split>.+?)-\d+-of-\d+")


def is_parquet_folder(folder: Path) -> bool:
    """Whether the folder holds Parquet files and no audio files."""
    return bool(_files(folder)) and not audio_files(folder)


def read_parquet_folder(folder: Path) -> Source:
    """The rows of all its files, which embed their audio; the split that a file's name gives is an attribute.

    Raises:
        SuiteError: No Parquet file, or one that cannot be read or has neither audio nor text.
    """
    files = _files(folder)
    if not files:
        raise SuiteError(f"{folder}: no Parquet file in it; give a data set's folder")
    rows: list[Row] = []
    problems: list[str] = []
    for path in files:
        read = read_table(path)
        found = _SHARD.fullmatch(path.stem)
        more = {ATTRIBUTE: found["split"]} if found else {}
        rows += [replace(row, attributes={**more, **row.attributes}) for row in read.rows]
        problems += read.problems
    return Source(rows=tuple(rows), problems=tuple(problems), form="parquet")


def _files(folder: Path) -> list[Path]:
    inside = [path for path in folder.rglob("*.parquet") if path.is_file()]
    return sorted(inside, key=lambda path: natural(path.relative_to(folder).as_posix()))
