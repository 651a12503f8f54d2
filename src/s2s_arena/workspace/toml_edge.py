"""TOML tables to records, with the key path, the line and the nearest known key in every error."""

import dataclasses
import difflib
import re
import tomllib
import typing
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from s2s_arena.errors import InputError

T = TypeVar("T")


def parse_toml(text: str) -> dict[str, object]:
    """The table that the text describes; tomllib.TOMLDecodeError names line and column."""
    return tomllib.loads(text)


def from_table(kind: type[T], table: dict[str, object], *, text: str, source: str, error: type[InputError]) -> T:
    """A record of that kind from a TOML table.

    Args:
        kind: A dataclass, possibly of dataclasses.
        table: What the file says.
        text: The file's text, to find lines in.
        source: The file's name, for messages.
        error: The error to raise.

    Raises:
        error: A key is unknown (the nearest known one is suggested), missing, or of a wrong type.
    """
    _refuse_unknown(kind, table, path=(), text=text, source=source, error=error)
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        path = tuple(str(part) for part in first["loc"] if not str(part).startswith("function-"))
        line = line_of(text, path)
        place = f"{source}:{line}" if line else source
        if first["type"] in ("missing", "missing_keyword_only_argument", "missing_argument"):
            raise error(f"{place}: key '{'.'.join(path)}' is missing; add it") from invalid
        raise error(f"{place}: key '{'.'.join(path)}': {first['msg']} (got {first['input']!r:.80})") from invalid


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Line (from 1) at which a key path stands in TOML text; None if it cannot be found."""
    section: tuple[str, ...] = ()
    best: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            section = tuple(part.strip(" \"'") for part in header.group(1).split("."))
            if section == path[: len(section)] and len(section) == len(path):
                best = best or number
            continue
        key = re.match(r"\s*([A-Za-z0-9_\-\"'.]+)\s*=", line)
        if key:
            full = section + tuple(part.strip(" \"'") for part in key.group(1).split("."))
            if full == path[: len(full)]:
                return number
    return best


def _refuse_unknown(
    kind: object, table: object, *, path: tuple[str, ...], text: str, source: str, error: type[InputError]
) -> None:
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)) or not isinstance(table, dict):
        return
    fields = {f.name for f in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    for key, value in table.items():
        here = (*path, str(key))
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(sorted(fields))}"
            line = line_of(text, here)
            place = f"{source}:{line}" if line else source
            raise error(f"{place}: unknown key '{'.'.join(here)}'; {hint}")
        _refuse_unknown(hints[key], value, path=here, text=text, source=source, error=error)
