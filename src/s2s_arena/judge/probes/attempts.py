"""Which answers a reader found to try what was asked: only those are surely the better one of a pair."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from s2s_arena.errors import InputError
from s2s_arena.judge.probes.sources import Source

YES, NO = ("yes", "1", "true"), ("no", "0", "false")
COLUMNS = ("sample", "system", "attempt")


def read_attempts(path: Path) -> dict[tuple[str, str], bool]:
    """By sample and system, whether the answer attempts what was asked.

    Args:
        path: A CSV file with the columns sample, system and attempt (yes or no); others are left alone.

    Raises:
        InputError: A column is missing, or a row says neither yes nor no or contradicts another.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 ({error}); give a CSV with {', '.join(COLUMNS)}") from error
    reader = csv.DictReader(text.splitlines())
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{path}: no column {missing[0]}; a CSV with {', '.join(COLUMNS)} is needed")
    found: dict[tuple[str, str], bool] = {}
    for row in reader:
        said = (row["attempt"] or "").strip().lower()
        if said not in (*YES, *NO):
            raise InputError(f"{path}, line {reader.line_num}: attempt is {said!r}; yes or no is needed")
        place = ((row["sample"] or "").strip(), (row["system"] or "").strip())
        if found.setdefault(place, said in YES) is not (said in YES):
            raise InputError(
                f"{path}, line {reader.line_num}: {' of '.join(place)} was {'yes' if found[place] else 'no'} before"
            )
    return found


def with_attempts(sources: Sequence[Source], found: dict[tuple[str, str], bool]) -> tuple[Source, ...]:
    """The answers with what the reader said of them; those that nobody read are not known to be right.

    Raises:
        InputError: No answer was found to be an attempt.
    """
    marked = tuple(replace(s, right=found.get((str(s.sample.id), str(s.system)), False)) for s in sources)
    if not any(source.right for source in marked):
        raise InputError(f"attempts: none of {len(marked)} answers is marked yes; sample and system must be theirs")
    return marked
