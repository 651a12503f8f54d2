"""Forms for people: a table of samples with columns to fill in, as CSV or JSON lines, and their clips beside it."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.audio import files
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import InputError

SUFFIXES = (".csv", ".jsonl")
IDENTIFY, VERIFY = ENDINGS = ("-identify", "-verify")
"""What the names of forms end in that are not reviews."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a filled form, every cell as stripped text."""

    where: str  # file and row, for messages
    cells: Mapping[str, str]

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Which of the allowed words the cell says, whatever its case and spaces; "" where it was left empty.

        Raises:
            InputError: It says something else.
        """
        given = self.cells.get(column, "")
        found = {_plain(word): word for word in allowed}.get(_plain(given), "")
        if given and not found:
            raise InputError(f"{self.where}: {column} {given!r}; write one of: {', '.join(allowed)}")
        return found


def write(path: Path, *, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Writes a form; its suffix, .csv or .jsonl, says which.

    Raises:
        InputError: Another suffix.
        AudioError: The place cannot be written.
    """
    text = io.StringIO(newline="")
    if path.suffix == ".csv":
        writer = csv.DictWriter(text, columns, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        # Spreadsheets take UTF-8 for UTF-8 only with this mark.
        content = b"\xef\xbb\xbf" + text.getvalue().encode()
    elif path.suffix == ".jsonl":
        for row in rows:
            text.write(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n")
        content = text.getvalue().encode()
    else:
        raise InputError(f"{path}: {path.suffix or 'no suffix'} given; a form is one of {', '.join(SUFFIXES)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_durably(path, content)


def read(path: Path, *, needed: Sequence[str]) -> tuple[Entry, ...]:
    """The rows of a filled form; other columns than those needed are kept too.

    Raises:
        InputError: It is missing, no form, not UTF-8, has no rows, or lacks a needed column.
    """
    if path.suffix not in SUFFIXES:
        raise InputError(f"{path}: {path.suffix or 'no suffix'} given; a form is one of {', '.join(SUFFIXES)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a filled form") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start}); save it as 'CSV UTF-8'") from error
    entries = tuple(_csv(path, text) if path.suffix == ".csv" else _lines(path, text))
    if not entries:
        raise InputError(f"{path}: no rows in it; give a filled form")
    for entry in entries:
        lacking = [name for name in needed if name not in entry.cells]
        if lacking:
            raise InputError(f"{entry.where}: no column {lacking[0]!r}; keep the form's columns: {', '.join(needed)}")
    return entries


def gather(paths: Iterable[Path], *, ending: str = "") -> tuple[Path, ...]:
    """Forms by path; a folder stands for the forms in it.

    Args:
        paths: Forms and folders.
        ending: Of a form's name before its suffix, such as "-verify"; without one, forms with no such ending.

    Raises:
        InputError: A folder without such a form.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [form for form in sorted(path.iterdir()) if form.suffix in SUFFIXES and _ends(form, ending)]
        if not inside:
            raise InputError(f"{path}: no form named *{ending}.csv or *{ending}.jsonl in it; name the forms")
        found += inside
    return tuple(found)


def clips(turns: Mapping[str, Waveform], *, folder: Path) -> dict[str, str]:
    """Writes clips as FLAC into `folder`/audio and returns their paths relative to the folder, by the names given."""
    place = folder / "audio"
    place.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, wave in turns.items():
        files.write_flac(place / f"{name}.flac", wave)
        paths[name] = f"audio/{name}.flac"
    return paths


def _ends(form: Path, ending: str) -> bool:
    return form.stem.endswith(ending) if ending else not form.stem.endswith(ENDINGS)


def _plain(word: str) -> str:
    return word.strip().lower().replace(" ", "_")


def _csv(path: Path, text: str) -> Iterable[Entry]:
    first = text.split("\n", 1)[0]
    # Spreadsheets of many countries write semicolons.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    for row in reader:
        where = f"{path.name} row {reader.line_num}"
        if None in row:
            raise InputError(f"{where}: more cells than columns; put quotes around text with commas")
        cells = {str(name).strip(): (value or "").strip() for name, value in row.items()}
        if any(cells.values()):
            yield Entry(where=where, cells=cells)


def _lines(path: Path, text: str) -> Iterable[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{path.name} line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{where}: not readable as JSON ({error}); correct the line") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: {type(row).__name__} given, an object needed; correct the line")
        yield Entry(where=where, cells={k: "" if v is None else str(v).strip() for k, v in row.items()})
