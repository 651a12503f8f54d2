"""CSV, TSV, JSON, JSONL and Parquet files as tables of text, whatever their shape inside."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from s2s_arena.errors import InputError

EXTENSIONS = ".csv, .tsv, .json, .jsonl, .ndjson or .parquet"
KEY = "_key"
"""Column that holds a record's key where a JSON file is an object of records."""

ROW = "row"
"""Column that holds the place of a record in its file, counted from 1, the header left out."""


def read_table(path: Path) -> pl.DataFrame:
    """The rows of a file in its order; scalars as text, nested values as JSON text, absent values null.

    A JSON file may be a list of records, an object of records by key (kept in column `_key`), or such an object
    under `_default`, as TinyDB writes it.

    Raises:
        InputError: The file is missing, empty, of an unknown extension or unreadable; names the line where known.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty; at least a header and one match are needed")
    try:
        if kind in (".csv", ".tsv"):
            return pl.read_csv(path, infer_schema=False, separator="\t" if kind == ".tsv" else ",")
        if kind in (".jsonl", ".ndjson"):
            return _of_lines(path)
        if kind == ".json":
            return _of_records(_records(path))
        if kind == ".parquet":
            return _as_text(pl.read_parquet(path))
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read as {kind[1:]}: {str(error).splitlines()[0]}") from error
    raise InputError(f"{path.name}: {kind or 'no extension'} given; {EXTENSIONS} needed")


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    flat = [name for name, kind in frame.schema.items() if not kind.is_nested()]
    nested = [name for name in frame.columns if name not in flat]
    if nested:
        made = [pl.Series(name, [_text(value) for value in frame[name].to_list()], dtype=pl.String) for name in nested]
        return frame.with_columns(pl.col(flat).cast(pl.String)).with_columns(made)
    return frame.with_columns(pl.all().cast(pl.String))


def _of_lines(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_ndjson(path, infer_schema_length=None)
    except pl.exceptions.PolarsError:
        # polars wants one type a column; files made by people mix 2 and "2", and it cannot name a broken line
        return _of_records(_lines(path))
    if any(kind.is_nested() for kind in frame.schema.values()):
        return _of_records(_lines(path))
    return frame.with_columns(pl.all().cast(pl.String))


def _lines(path: Path) -> list[dict[str, Any]]:
    made = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path.name}: cannot be read as jsonl: line {number}: {error.msg}") from error
        if not isinstance(record, dict):
            raise InputError(f"{path.name}: cannot be read as jsonl: line {number} is not an object")
        made.append(record)
    return made


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise InputError(f"{path.name}: cannot be read as json: line {error.lineno}: {error.msg}") from error
    if isinstance(content, dict) and isinstance(content.get("_default"), dict):
        content = content["_default"]
    if isinstance(content, dict) and content and all(isinstance(value, dict) for value in content.values()):
        content = [{KEY: key, **value} for key, value in content.items()]
    if not isinstance(content, list) or not all(isinstance(record, dict) for record in content):
        raise InputError(f"{path.name}: cannot be read as json: a list of records, or an object of them, is needed")
    return content


def _of_records(records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    columns = list(dict.fromkeys(key for record in records for key in record))
    return pl.DataFrame(
        {name: pl.Series(name, [_text(r.get(name)) for r in records], dtype=pl.String) for name in columns}
    )


def _text(value: Any) -> str | None:
    """Text of one JSON value; null where it is absent."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
