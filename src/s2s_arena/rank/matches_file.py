"""Match lists from CSV, TSV, JSON, JSONL or Parquet files, checked row by row."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from s2s_arena.boards.games import Labels
from s2s_arena.boards.plain import KEYWORDS, OUTCOMES, Listed
from s2s_arena.errors import IllegalVoteError, InputError, InvalidMatchesError
from s2s_arena.records.identity import SystemName
from s2s_arena.records.studies import STRICT

ALIASES: Mapping[str, tuple[str, ...]] = {
    "system_a": ("system_a", "model_a"),
    "system_b": ("system_b", "model_b"),
    "winner": ("winner",),
}
"""Names under which each needed column is found, first match wins."""

EXTENSIONS = ".csv, .tsv, .json, .jsonl, .ndjson or .parquet"


def read_matches(
    path: Path,
    *,
    labels: Sequence[str] = (),
    allow_ties: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Listed:
    """The match list in a file, in the order of its rows.

    Args:
        path: The file; its extension says what it is.
        labels: Further columns that must be there (level, domain ...); `judge`, `sample` and `group` are read
            if they are there.
        allow_ties: Whether tie, both_good and both_bad are legal.
        columns: Names of columns that differ from system_a, system_b and winner, e.g. {"winner": "preference"}.

    Raises:
        InputError: The file is missing, unreadable, empty or lacks a column; names the file and what is there.
        InvalidMatchesError: A system against itself, or a row without a system or winner; names the row.
        IllegalVoteError: A winner that was not in the match or that strict rules forbid; names row and value.
    """
    frame = _frame(path)
    places = {wanted: _column(frame, path, wanted, columns or {}) for wanted in ALIASES}
    missing = [name for name in labels if name not in frame.columns]
    if missing:
        raise InputError(f"{path.name}: no column {missing[0]}; it has {', '.join(frame.columns)}")
    if not frame.height:
        raise InputError(f"{path.name}: no rows; at least one match is needed")
    matches = frame.select(pl.col(column).cast(pl.String).alias(wanted) for wanted, column in places.items())
    _refuse_bad_rows(matches, path)
    codes = matches.select(_outcome()).to_series()
    _refuse_bad_outcomes(matches, codes, path, allow_ties=allow_ties)
    names = sorted(set(matches["system_a"].unique()) | set(matches["system_b"].unique()))
    kind = pl.Enum(names)
    pairs = np.stack([matches[side].cast(kind).to_physical().to_numpy() for side in ("system_a", "system_b")], axis=1)
    read = [*labels, *(name for name in ("judge", "sample", "group") if name in frame.columns)]
    return Listed(
        systems=tuple(SystemName(name) for name in names),
        pairs=pairs.astype(np.int64),
        outcomes=codes.to_numpy().astype(np.int64),
        labels={name: _labels(frame[name]) for name in dict.fromkeys(read)},
    )


def _frame(path: Path) -> pl.DataFrame:
    kind = path.suffix.lower()
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if not path.stat().st_size:
        raise InputError(f"{path.name}: the file is empty; at least a header and one match are needed")
    try:
        if kind in (".csv", ".tsv"):
            separator = "\t" if kind == ".tsv" else ","
            return pl.read_csv(path, infer_schema=False, separator=separator)
        if kind in (".jsonl", ".ndjson"):
            return pl.read_ndjson(path, infer_schema_length=None)
        if kind == ".json":
            return pl.read_json(path, infer_schema_length=None)
        if kind == ".parquet":
            return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read as {kind[1:]}: {str(error).splitlines()[0]}") from error
    raise InputError(f"{path.name}: {kind or 'no extension'} given; {EXTENSIONS} needed")


def _column(frame: pl.DataFrame, path: Path, wanted: str, columns: Mapping[str, str]) -> str:
    names = (columns[wanted],) if wanted in columns else ALIASES[wanted]
    for name in names:
        if name in frame.columns:
            return name
    raise InputError(f"{path.name}: no column {names[0]}; it has {', '.join(frame.columns)}")


def _first(mask: pl.Series) -> int | None:
    found = mask.fill_null(False).arg_max() if mask.any() else None
    return None if found is None else int(found)


def _refuse_bad_rows(matches: pl.DataFrame, path: Path) -> None:
    for column in matches.columns:
        empty = _first(matches[column].is_null() | (matches[column] == ""))
        if empty is not None:
            raise InvalidMatchesError(f"{path.name} row {empty + 1}: no {column}; fill it in or drop the row")
    same = _first(matches["system_a"] == matches["system_b"])
    if same is not None:
        name = matches["system_a"][same]
        raise InvalidMatchesError(f"{path.name} row {same + 1}: {name} is matched with itself; drop the row")


def _outcome() -> pl.Expr:
    words = {word: OUTCOMES.index(outcome) for word, outcome in KEYWORDS.items()}
    word = pl.col("winner").str.strip_chars().str.to_lowercase()
    return (
        pl.when(pl.col("winner") == pl.col("system_a"))
        .then(0)
        .when(pl.col("winner") == pl.col("system_b"))
        .then(1)
        .otherwise(word.replace_strict(words, default=-1, return_dtype=pl.Int32))
        .alias("outcome")
    )


def _refuse_bad_outcomes(matches: pl.DataFrame, codes: pl.Series, path: Path, *, allow_ties: bool) -> None:
    foreign = _first(codes < 0)
    if foreign is not None:
        a, b, winner = (matches[name][foreign] for name in ("system_a", "system_b", "winner"))
        raise IllegalVoteError(
            f"{path.name} row {foreign + 1}: winner {winner!r} is not in the match of {a} and {b}; "
            "give one of their names, a or b"
        )
    illegal = None if allow_ties else _first(codes >= len(STRICT))
    if illegal is not None:
        raise IllegalVoteError(
            f"{path.name} row {illegal + 1}: winner {matches['winner'][illegal]!r} is not allowed by strict rules; "
            "add --allow-ties to keep ties, or drop the row"
        )


def _labels(column: pl.Series) -> Labels:
    values = column.cast(pl.String)
    names = sorted(values.drop_nulls().unique())
    codes: NDArray[np.int64] = values.cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return Labels(names=tuple(names), codes=codes)
