"""Numbers as people type them into the desks' forms."""

from collections.abc import Mapping

from s2s_arena.errors import InputError


def whole(fields: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    """A whole number as typed; InputError for anything else."""
    given = fields.get(name, "") or str(default)
    if not given.isdecimal() or not least <= int(given) <= 100_000:
        raise InputError(f"{name.replace('_', ' ')} {given!r}: a whole number from {least} to 100000 is needed")
    return int(given)


def amount(fields: Mapping[str, str], name: str, default: float = 0.0) -> float:
    """A sum of money as typed, with a point or a comma; InputError for anything else."""
    given = fields.get(name, "")
    if not given:
        return default
    try:
        found = float(given.replace(",", "."))
    except ValueError:
        found = -1.0
    if not 0.0 <= found <= 100_000.0:
        raise InputError(f"{name} {given!r}: an amount such as 0.10 is needed")
    return found


def share(fields: Mapping[str, str], name: str, default: float) -> float:
    """A percentage as typed, as a share."""
    given = fields.get(name, "")
    if not given:
        return default
    try:
        share = float(given) / 100.0
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise InputError(f"{name} {given!r}: a percentage from 0 to 100 is needed")
    return share
