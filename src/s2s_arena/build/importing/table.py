"""Any CSV, TSV, JSON, JSON lines or Parquet table, read through a column map."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import polars

from s2s_arena.build.importing.folder import id_from_path
from s2s_arena.build.importing.locating import Locator
from s2s_arena.build.importing.rows import Clip, Row, Source
from s2s_arena.build.importing.scripts import read_records
from s2s_arena.errors import SuiteError

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "ID", "uniq_id", "utt_id", "key", "Qid", "index"),
    "audio": ("audio", "audio_path", "path", "file", "wav_path", "WavPath", "Audio", "source_wav", "input_path"),
    "text": ("text", "question", "prompt", "transcription", "transcript", "source_text", "Question", "instruction"),
    "turn": ("turn", "round"),
    "language": ("language", "lang"),
    "level": ("level",),
    "domain": ("domain", "category"),
    "task": ("task", "task_name"),
    "guideline": ("guideline", "task_description"),
    "references": ("references", "reference", "answer", "Answer", "answer_gt"),
    "choices": ("choices",),
    "twin_group": ("twin_group",),
}
"""What a table may give -> the columns taken for it if no map is given, first found first."""

FREE = ("label:", "attribute:")
"""Prefixes of further fields: `label:emotion` is what can be heard, `attribute:NAME` what boards may slice by."""


def read_table(path: Path, columns: Mapping[str, str] | None = None) -> Source:
    """One sample a row, or one a dialogue.

    Args:
        path: A .csv, .tsv, .json (list of objects), .jsonl or .parquet file. Audio is a path, or bytes in the table.
        columns: Field (see `FIELDS`, `FREE`) -> column. Rows of the same id with a `turn`, or lists in the audio
            column, are turns of one dialogue. Without a map the columns are recognised by their usual names.

    Raises:
        SuiteError: The file is no such table, the map has an unknown field, or a column is not in the table.
    """
    rows, names, problems = _records(path)
    chosen = _chosen(path, columns, names)
    locator = Locator(path.parent)
    read: list[Row] = []
    for where, record in rows:
        try:
            read += _rows(where, {field: record.get(column) for field, column in chosen.items()}, locator)
        except ValueError as error:
            problems.append(f"{where}: {error}")
    return Source(rows=tuple(read), problems=tuple(problems), form="table")


def _records(path: Path) -> tuple[list[tuple[str, dict[str, object]]], list[str], list[str]]:
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        rows, problems = read_records(path)
        return rows, list(dict.fromkeys(name for _, record in rows for name in record)), problems
    try:
        if suffix == ".parquet":
            table = polars.read_parquet(path)
        elif suffix in (".csv", ".tsv"):
            # Every cell stays text: 007 is an id, not a number.
            table = polars.read_csv(path, separator="\t" if suffix == ".tsv" else ",", infer_schema=False)
        else:
            raise SuiteError(f"{path}: {suffix or 'no suffix'} given; .csv, .tsv, .json, .jsonl or .parquet needed")
    except (polars.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SuiteError(f"{path}: not readable as a table ({reason}); correct it there") from error
    rows = [(f"{path.name} row {number}", record) for number, record in enumerate(table.iter_rows(named=True), 1)]
    return rows, table.columns, []


def _chosen(path: Path, columns: Mapping[str, str] | None, names: Sequence[str]) -> dict[str, str]:
    if columns is None:
        found = {field: next((n for n in usual if n in names), "") for field, usual in FIELDS.items()}
        chosen = {field: column for field, column in found.items() if column}
    else:
        chosen = dict(columns)
        for field, column in chosen.items():
            if field not in FIELDS and not (field.startswith(FREE) and field.split(":", 1)[1]):
                known = ", ".join([*FIELDS, *(prefix + "NAME" for prefix in FREE)])
                raise SuiteError(f"{path}: column map has {field!r}; the fields are {known}")
            if column not in names:
                raise SuiteError(f"{path}: no column {column!r} for {field}; it has {', '.join(names) or 'none'}")
    if not {"audio", "text"} & set(chosen):
        raise SuiteError(
            f"{path}: no column gives audio or text; it has {', '.join(names) or 'none'}: map one, as in audio=COLUMN"
        )
    return chosen


def _rows(where: str, cells: Mapping[str, object], locator: Locator) -> list[Row]:
    clips = _clips(where, cells.get("audio"), locator)
    texts = _texts(cells.get("text"))
    if not clips and not texts:
        raise ValueError("neither audio nor text; give one of them")
    turns = max(len(clips), len(texts))
    if clips and texts and len(clips) != len(texts):
        raise ValueError(f"{len(clips)} audios but {len(texts)} texts; give one text a turn, or none")
    id = _text(cells.get("id")) or (_id_of(clips[0]) if clips else "")
    if not id:
        raise ValueError("no id and no audio path to make one of; map an id column")
    place = _turn(cells)
    if place is not None and turns > 1:
        raise ValueError(f"turn {place} holds a list of {turns} audios; give either a turn column or lists")
    said = {key: _text(cells.get(key)) for key in ("language", "level", "domain", "task", "guideline", "twin_group")}
    free = {prefix: _free(cells, prefix) for prefix in FREE}
    return [
        Row(
            where=where if turns == 1 else f"{where} turn {n + 1}",
            id=id,
            turn=place if turns == 1 else n + 1,
            audio=clips[n] if clips else None,
            text=texts[n] if texts else "",
            references=_texts(cells.get("references")),
            choices=_texts(cells.get("choices")),
            labels=free["label:"],
            attributes=free["attribute:"],
            language=said["language"],
            level=said["level"],
            domain=said["domain"],
            task=said["task"],
            guideline=said["guideline"],
            twin_group=said["twin_group"],
        )
        for n in range(turns)
    ]


def _free(cells: Mapping[str, object], prefix: str) -> dict[str, str]:
    found = {field[len(prefix) :]: _text(cell) for field, cell in cells.items() if field.startswith(prefix)}
    return {name: text for name, text in found.items() if text}


def _turn(cells: Mapping[str, object]) -> int | None:
    if "turn" not in cells:
        return None
    given = _text(cells["turn"])
    found = re.fullmatch(r"\D*(\d{1,6})", given)
    if found is None:
        raise ValueError(f"turn {given!r} is no number; number the turns from 1")
    return int(found[1])


def _clips(where: str, cell: object, locator: Locator) -> list[Clip]:
    clips = []
    for part in _list(cell):
        if isinstance(part, dict):  # as data sets embed it: {"bytes": ..., "path": ...}
            content, name = part.get("bytes"), part.get("path")
            if isinstance(content, bytes):
                shown = str(name or "embedded audio")
                clips.append(Clip(name=f"{where}, {shown}", content=content, path=str(name or "")))
                continue
            part = name
        if isinstance(part, bytes):
            clips.append(Clip(name=f"{where}, embedded audio", content=part))
        elif text := _text(part):
            clips.append(Clip(name=f"{where}, {text}", content=locator.find(text), path=text))
    return clips


def _id_of(clip: Clip) -> str:
    parts = [part for part in PurePosixPath(clip.path.replace("\\", "/")).parts if part not in ("/", "..")]
    return id_from_path(Path(*parts).with_suffix("")) if parts else ""


def _texts(cell: object) -> tuple[str, ...]:
    return tuple(text for text in map(_text, _list(cell)) if text)


def _list(cell: object) -> list[object]:
    if isinstance(cell, (list, tuple)):
        return list(cell)
    if isinstance(cell, str) and cell.lstrip().startswith("["):  # a list inside CSV
        try:
            parsed = json.loads(cell)
        except ValueError:
            return [cell]
        return parsed if isinstance(parsed, list) else [cell]
    return [] if cell is None else [cell]


def _text(cell: object) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
