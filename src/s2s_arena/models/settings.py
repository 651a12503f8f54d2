"""Reading a card's settings with the errors that name key, value and remedy."""

import os
from collections.abc import Mapping

from s2s_arena.errors import CardError
from s2s_arena.records.systems import Setting

COMMON = frozenset({"name", "gender", "languages"})
"""What `LocalParts.speaker` adds from the card itself."""


def check_keys(family: str, settings: Mapping[str, Setting], *, known: frozenset[str]) -> None:
    """Raise CardError for a setting that the family does not know."""
    for key in settings:
        if key not in known | COMMON:
            raise CardError(f"settings.{key}: unknown to {family}; known are {', '.join(sorted(known))}")


def text(settings: Mapping[str, Setting], key: str, default: str | None = None) -> str:
    """A string setting; CardError when it is missing without a default or no string."""
    value = settings.get(key, default)
    if not isinstance(value, str):
        raise CardError(f"settings.{key}: {value!r} given, a string needed")
    return value


def texts(settings: Mapping[str, Setting], key: str) -> list[str] | None:
    """A list of strings, or None where the card does not set it; CardError when it is something else."""
    if key not in settings:
        return None
    value = settings[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise CardError(f"settings.{key}: {value!r} given, a list of strings needed")
    return [str(item) for item in value]


def number(settings: Mapping[str, Setting], key: str, default: float) -> float:
    """A number; CardError when it is something else."""
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CardError(f"settings.{key}: {value!r} given, a number needed")
    return float(value)


def flag(settings: Mapping[str, Setting], key: str, default: bool) -> bool:
    """True or false; CardError when it is something else."""
    value = settings.get(key, default)
    if not isinstance(value, bool):
        raise CardError(f"settings.{key}: {value!r} given, true or false needed")
    return value


def threads(settings: Mapping[str, Setting]) -> int:
    """Threads for local inference: the setting, else S2S_ARENA_THREADS or OMP_NUM_THREADS, else cores up to four.

    On a machine that is busy otherwise one is much faster: inference threads wait for each other spinning.
    """
    given = os.environ.get("S2S_ARENA_THREADS") or os.environ.get("OMP_NUM_THREADS") or ""
    default = int(given) if given.isdigit() and int(given) > 0 else min(4, os.cpu_count() or 1)
    return max(1, int(number(settings, "threads", default)))
