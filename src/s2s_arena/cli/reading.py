"""Options on how to read a file of votes, shared by ranking, comparing judges and importing."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import say
from s2s_arena.errors import InputError
from s2s_arena.rank.reading.columns import pairs_of
from s2s_arena.rank.reading.public import Reading
from s2s_arena.rank.reading.shapes import FORMATS
from s2s_arena.rank.reading.source import Source
from s2s_arena.rank.reading.votes import BadRows, How
from s2s_arena.rank.summary import Ties

InputFormat = Annotated[
    str | None, typer.Option(help=f"Shape of the file; told by its columns by default: {', '.join(FORMATS)}.")
]
Columns = Annotated[
    str | None, typer.Option(help="Columns with other names: system_a=left,system_b=right,winner=choice,judge=who ...")
]
Words = Annotated[str | None, typer.Option(help="What words of the winner column mean: 0=a,1=b,0.5=tie.")]
BadRowsOption = Annotated[
    str | None,
    typer.Option(
        "--bad-rows",
        help="Rows that no board can count: refuse the file, or reject and count them. By default a match list "
        "(system_a, system_b, winner) is refused and any other file goes on without them.",
    ),
]
RejectedFile = Annotated[
    Path | None, typer.Option("--rejected", help="Write the rejected rows to this CSV file; implies --bad-rows reject.")
]
CriterionName = Annotated[str, typer.Option(help="Which label decides, in files that have several (TRACE).")]
Swapped = Annotated[
    bool, typer.Option("--swapped", help="The answers were heard in the other order than the file names them in.")
]
LevelScheme = Annotated[str | None, typer.Option(help="v1 (L0-L3) or paper (L1-L4), in the pilot's files.")]
TiesOption = Annotated[
    str | None,
    typer.Option(
        "--ties",
        help=f"What a tie is worth: {', '.join(Ties)}. By default a match list refuses ties, other files drop and "
        "count them, a workspace goes by its study's rules.",
    ),
]
AllowTies = Annotated[bool, typer.Option("--allow-ties", help="The same as --ties half.")]


def reading(
    *,
    format: str | None,
    columns: str | None,
    words: str | None,
    bad_rows: str | None,
    rejected: Path | None,
    criterion: str,
    swapped: bool,
    level_scheme: str | None,
) -> How:
    """The options as one value.

    Raises:
        InputError: An option with a value that it does not know.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"--input-format {format}: not known; one of {', '.join(FORMATS)}")
    if level_scheme not in (None, "v1", "paper"):
        raise InputError(f"--level-scheme {level_scheme}: not known; v1 or paper")
    if bad_rows is not None and bad_rows not in tuple(BadRows):
        raise InputError(f"--bad-rows {bad_rows}: not known; one of {', '.join(BadRows)}")
    chosen = BadRows(bad_rows) if bad_rows else (BadRows.REJECT if rejected else None)
    return How(
        format=format,
        columns=pairs_of(columns or "", what="--columns"),
        words=pairs_of(words or "", what="--words"),
        bad_rows=chosen,
        reading=Reading(criterion=criterion, swapped=swapped, level_scheme=level_scheme),
    )


def ties_of(text: str | None, *, allow: bool) -> Ties | None:
    """What a tie is worth; None where the default decides.

    Raises:
        InputError: A word that is none of `Ties`, or one that contradicts --allow-ties.
    """
    if text is None:
        return Ties.HALF if allow else None
    if text not in tuple(Ties):
        raise InputError(f"--ties {text}: not known; one of {', '.join(Ties)}")
    if allow and text in (Ties.REFUSE, Ties.DROP):
        raise InputError(f"--ties {text}: contradicts --allow-ties; give one of the two")
    return Ties(text)


def write_rejected(source: Source | None, path: Path | None) -> None:
    """Write the rejected rows as CSV: row, reason, given. The file is made even if there are none."""
    if path is None:
        return
    rows = source.rejected if source else ()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("row", "reason", "given"))
        writer.writerows((r.row, r.reason, r.given) for r in rows)
    say(f"{len(rows)} rejected rows: {path}")


def say_source(source: Source | None) -> None:
    """One line on what was read."""
    if source is not None:
        licence = f"; licence: {source.licence}" if source.licence else ""
        say(f"{source.file}: {source.rows} votes, format {source.format}{licence}")
