"""Tables that come with a corpus, read as text: every cell as it is written."""

from collections.abc import Sequence
from pathlib import Path

import polars

from s2s_arena.errors import SuiteError


def read_sheet(path: Path, *, needed: Sequence[str], quoted: bool = True) -> list[tuple[str, dict[str, str]]]:
    """(where, cells) of every row of a .csv or .tsv file; columns in lower case, empty cells as "".

    Args:
        path: A tab separates columns in a .tsv file, a comma in any other.
        needed: Columns that must be there.
        quoted: Whether quotes enclose cells; in some corpora they are part of the sentence.

    Raises:
        SuiteError: It cannot be read, or lacks a column.
    """
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        table = polars.read_csv(
            path, separator=separator, infer_schema=False, quote_char='"' if quoted else None, encoding="utf8"
        )
    except (polars.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SuiteError(f"{path}: not readable as a table ({reason}); correct it there") from error
    table.columns = [name.strip().lstrip("\ufeff").lower() for name in table.columns]
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        raise SuiteError(f"{path}: no column {lacking[0]!r}; it needs {', '.join(needed)}")
    return [
        (f"{path.name} row {number}", {name: (cell or "").strip() for name, cell in row.items()})
        for number, row in enumerate(table.iter_rows(named=True), start=2)
    ]
