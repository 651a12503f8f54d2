"""Votes of any file, checked row by row: what counts, what was rejected and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from s2s_arena.boards.games import FEATURES, Labels
from s2s_arena.boards.plain import KEYWORDS, OUTCOMES, Listed
from s2s_arena.errors import IllegalVoteError, InputError, InvalidMatchesError
from s2s_arena.rank.reading.columns import CARRIED, chosen
from s2s_arena.rank.reading.public import Reading
from s2s_arena.rank.reading.shapes import Shape, shape_of
from s2s_arena.rank.reading.source import Rejected, Source
from s2s_arena.rank.reading.tables import KEY, ROW, read_table
from s2s_arena.records.identity import SystemName
from s2s_arena.records.studies import STRICT, Outcome

STRICT_SHAPE = "matches"
"""Our own match list is the record of a strict study: a row that such a study forbids refuses the file."""

NEEDED = ("system_a", "system_b", "winner")
UNLABELLED = (*NEEDED, "probability", "reason", ROW)


class BadRows(StrEnum):
    """What to do with rows that no board can count."""

    REFUSE = "refuse"  # name the first one and stop
    REJECT = "reject"  # leave them out, count and list them


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteFile:
    """The votes of a file.

    Attributes:
        source: The file, its shape, and its rows that no board can count.
        listed: The others, ties included, in order of play.
        frame: The same, a row a vote: `row`, `system_a`, `system_b`, `outcome` (index into `OUTCOMES`), labels.
    """

    source: Source
    listed: Listed
    frame: pl.DataFrame

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The kinds of outcome that occur."""
        there = set(self.frame["outcome"].unique().to_list())
        return tuple(outcome for code, outcome in enumerate(OUTCOMES) if code in there)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to read a file.

    Attributes:
        format: A shape's name; by default told by the columns.
        columns: Names of columns that differ, e.g. {"winner": "preference"}.
        words: What further words of the winner column mean, e.g. {"0": "a"}.
        bad_rows: By default our own match list refuses them and any other file rejects them.
        reading: What public shapes need to know.
    """

    format: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    bad_rows: BadRows | None = None
    reading: Reading = field(default_factory=Reading)


def read_votes(path: Path, *, labels: Sequence[str] = (), how: How | None = None) -> VoteFile:
    """The votes in a file.

    Args:
        path: CSV, TSV, JSON, JSONL or Parquet.
        labels: Further columns that must be there (level, domain ...).
        how: How to read it.

    Raises:
        InputError: The file is missing, unreadable, empty or lacks a column; names the file and what is there.
        InvalidMatchesError: With `BadRows.REFUSE`, a system against itself or a row without a system or winner.
        IllegalVoteError: With `BadRows.REFUSE`, a winner that was not in the match.
    """
    how = how or How()
    raw = read_table(path)
    if not raw.height:
        raise InputError(f"{path.name}: no rows; at least one match is needed")
    shape = shape_of(raw.columns, name=how.format or ("table" if how.columns else None), file=path.name)
    turned = _turned(raw.with_row_index(ROW, offset=1), shape, how, file=path.name)
    missing = [name for name in labels if name not in turned.columns]
    if missing:
        there = [name for name in turned.columns if name not in (ROW, KEY)]
        raise InputError(f"{path.name}: no column {missing[0]}; it has {', '.join(there)}")
    checked = turned.with_columns(_outcome(_meanings(turned, how, file=path.name)))
    strict = (how.bad_rows or (BadRows.REFUSE if shape.name == STRICT_SHAPE else BadRows.REJECT)) is BadRows.REFUSE
    bad = checked.filter(_wrong())
    rejected = tuple(_rejected(bad))
    if rejected and strict:
        _refuse(rejected[0], path)
    good = checked.filter(~_wrong()) if rejected else checked
    if not good.height:
        raise InputError(f"{path.name}: every row was rejected; row {rejected[0].row}: {rejected[0].reason}")
    wanted = [*labels, *(name for name in ("judge", "sample", *CARRIED) if name in good.columns)]
    return VoteFile(
        source=Source(file=path.name, format=shape.name, licence=shape.licence, rows=checked.height, rejected=rejected),
        listed=_listed(good, [name for name in dict.fromkeys(wanted) if name not in UNLABELLED]),
        frame=good,
    )


def _turned(raw: pl.DataFrame, shape: Shape, how: How, *, file: str) -> pl.DataFrame:
    """The table in canonical columns; any other column stays beside them."""
    frame = raw if shape.turned is None else shape.turned(raw, how.reading)
    places = chosen([name for name in frame.columns if name != ROW], how.columns, file=file)
    for name in NEEDED:
        if name not in places or places[name] not in frame.columns:
            there = ", ".join(column for column in raw.columns if column not in (ROW, KEY))
            raise InputError(
                f"{file}: no column {name}; it has {there}; name the columns with --columns system_a=...,winner=..."
            )
    first, second = ("system_b", "system_a") if how.reading.swapped and shape.name != "audiojudge-pairs" else NEEDED[:2]
    taken = {first: places["system_a"], second: places["system_b"], "winner": places["winner"]}
    carried = {name: column for name, column in places.items() if name not in (*NEEDED, ROW)}
    rest = [column for column in frame.columns if column not in {*taken, *carried, ROW}]
    return frame.select(
        ROW,
        *(pl.col(column).alias(name) for name, column in taken.items()),
        *(pl.col(column).alias(name) for name, column in carried.items()),
        *rest,
    )


def _meanings(frame: pl.DataFrame, how: How, *, file: str) -> dict[str, int]:
    """Code of every word that may stand in the winner column.

    Raises:
        InputError: A word of `how.words` for which there is no outcome, or figures that may mean either side.
    """
    codes = {word: OUTCOMES.index(outcome) for word, outcome in KEYWORDS.items()}
    for word, meaning in how.words.items():
        outcome = KEYWORDS.get(meaning.strip().lower())
        if outcome is None:
            raise InputError(f"--words {word}={meaning}: not an outcome; one of a, b, tie, both_good, both_bad")
        codes[word.strip().lower()] = OUTCOMES.index(outcome)
    systems = set(frame["system_a"].unique()) | set(frame["system_b"].unique())
    figures = [word for word in ("0", "1", "2") if word not in codes and word not in systems]
    there = set(figures) & set(frame["winner"].unique().drop_nulls())
    if "0" in there:
        raise InputError(f"{file}: winner holds 0, which may mean either side; say which with --words 0=a,1=b")
    for word, code in (("1", 0), ("2", 1)):
        if word in there and "2" in there:  # 1 and 2 are the first and the second; 1 alone could be anything
            codes[word] = code
    return codes


def _outcome(codes: Mapping[str, int]) -> pl.Expr:
    word = pl.col("winner").str.strip_chars().str.to_lowercase()
    return (
        pl.when(pl.col("winner") == pl.col("system_a"))
        .then(0)
        .when(pl.col("winner") == pl.col("system_b"))
        .then(1)
        .otherwise(word.replace_strict(dict(codes), default=-1, return_dtype=pl.Int32))
        .alias("outcome")
    )


def _empty(name: str) -> pl.Expr:
    return pl.col(name).is_null() | (pl.col(name) == "")


def _wrong() -> pl.Expr:
    return (
        _empty("system_a")
        | _empty("system_b")
        | _empty("winner")
        | (pl.col("system_a") == pl.col("system_b"))
        | (pl.col("outcome") < 0)
    )


def _rejected(bad: pl.DataFrame) -> list[Rejected]:
    made = []
    for record in bad.select(ROW, *NEEDED).iter_rows(named=True):
        a, b, winner = (record[name] for name in NEEDED)
        absent = next((name for name in NEEDED if not record[name]), None)
        if absent is not None:
            reason = f"no {absent}; fill it in or drop the row"
        elif a == b:
            reason = f"{a} is matched with itself; drop the row"
        else:
            reason = f"winner {winner!r} is not in the match of {a} and {b}; give one of their names, a or b"
        given = " | ".join("" if value is None else str(value) for value in (a, b, winner))
        made.append(Rejected(row=int(record[ROW]), reason=reason, given=given))
    return made


def _refuse(first: Rejected, path: Path) -> None:
    message = f"{path.name} row {first.row}: {first.reason}"
    raise (IllegalVoteError if first.reason.startswith("winner ") else InvalidMatchesError)(message)


def refuse_ties(votes: VoteFile) -> None:
    """Strict rules for a file whose rows must all be strict.

    Raises:
        IllegalVoteError: A tie; names its row.
    """
    tied = votes.frame.filter(pl.col("outcome") >= len(STRICT))
    if tied.height:
        row, winner = tied[ROW][0], tied["winner"][0]
        raise IllegalVoteError(
            f"{votes.source.file} row {row}: winner {winner!r} is not allowed by strict rules; add --allow-ties "
            "to keep ties as half a win each, --ties drop to count and leave them out, or drop the row"
        )


def _listed(frame: pl.DataFrame, labels: Sequence[str]) -> Listed:
    names = sorted(set(frame["system_a"].unique()) | set(frame["system_b"].unique()))
    kind = pl.Enum(names)
    pairs = np.stack([frame[side].cast(kind).to_physical().to_numpy() for side in NEEDED[:2]], axis=1)
    return Listed(
        systems=tuple(SystemName(name) for name in names),
        pairs=pairs.astype(np.int64),
        outcomes=frame["outcome"].to_numpy().astype(np.int64),
        labels={name: _labels(frame[name]) for name in labels},
        probabilities=_probabilities(frame),
        features=_features(frame),
    )


def _labels(column: pl.Series) -> Labels:
    values = column.cast(pl.String)
    names = sorted(values.drop_nulls().unique())
    codes: NDArray[np.int64] = values.cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return Labels(names=tuple(names), codes=codes)


def _probabilities(frame: pl.DataFrame) -> NDArray[np.float64] | None:
    """With which each match was drawn, where every row says so."""
    if "probability" not in frame.columns:
        return None
    made = frame["probability"].cast(pl.Float64, strict=False)
    if made.null_count() or not bool(((made > 0.0) & (made <= 1.0)).all()):
        return None
    return made.to_numpy().astype(np.float64)


def _features(frame: pl.DataFrame) -> dict[str, NDArray[np.float64]]:
    """What the file says of both answers, in columns such as duration_s_a and duration_s_b."""
    return {
        name: np.stack(
            [frame[f"{name}_{side}"].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy() for side in "ab"],
            axis=1,
        )
        for name in FEATURES
        if f"{name}_a" in frame.columns and f"{name}_b" in frame.columns
    }
