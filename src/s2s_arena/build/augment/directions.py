"""Directions: the phrases by which a grown script says how its user sounds and how its answer should sound."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from s2s_arena.build.checks import has_word
from s2s_arena.errors import SuiteError
from s2s_arena.records.codec import parse
from s2s_arena.records.samples import Background
from s2s_arena.records.speech import Delivery, Traits

PLAINLY = "plainly"
_OPENING = re.compile(r"^Spoken (?P<heard>[^;.]+); answered (?P<answered>[^;.]+)\.(?:\s+|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How the user sounds."""

    delivery: Delivery = field(default_factory=Delivery)
    traits: Traits = field(default_factory=Traits)
    background: Background | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    gives_away: tuple[str, ...] = ()  # words that would say what only the voice should say
    met: tuple[str, ...] = ()  # how one answers somebody who sounds so; empty: in any way


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How the answer should sound."""

    expects: tuple[str, ...]
    asks: tuple[str, ...] = ()  # a text that asks for it in words has one of these
    phrases: tuple[str, ...] = ()  # how people put it, each with one of `asks`; offered to a constrained writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The phrases that suit a task."""

    heard: tuple[str, ...]
    answered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """All phrases, and which of them suit which task ("any" for a task that is not named)."""

    heard: Mapping[str, Heard]
    answered: Mapping[str, Answered]
    fitting: Mapping[str, Fitting]

    def suits(self, task: str) -> Fitting:
        """The phrases for a task."""
        return self.fitting.get(task, self.fitting["any"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One phrase of each kind, as a task description begins with them."""

    heard: str = PLAINLY
    answered: str = PLAINLY

    @property
    def opening(self) -> str:
        """The first sentence of the description."""
        return f"Spoken {self.heard}; answered {self.answered}."


def opening_of(description: str) -> tuple[Direction, str]:
    """The direction that a task description begins with, and the rest of the description.

    Raises:
        SuiteError: It does not begin with one, or a phrase is not known.
    """
    found = _OPENING.match(description.strip())
    if found is None:
        raise SuiteError(f"task_description {description[:40]!r}: no direction; begin with 'Spoken HOW; answered HOW.'")
    direction = Direction(heard=found["heard"].strip(), answered=found["answered"].strip())
    known = shipped()
    for kind, phrase, table in (
        ("spoken", direction.heard, known.heard),
        ("answered", direction.answered, known.answered),
    ):
        if phrase not in table:
            raise SuiteError(f"task_description: {kind} {phrase!r} is not known; use one of: {', '.join(table)}")
    return direction, description.strip()[found.end() :].strip()


def said(text: str, words: Sequence[str], *, language: str) -> str | None:
    """The first of the words that stands in the text, or None. Case does not matter."""
    lower = text.lower().replace("’", "'")
    return next((word for word in words if has_word(lower, word, language=language)), None)


@cache
def shipped() -> Directions:
    """The phrases that ship with the package (`directions.toml`)."""
    return parse(Directions, tomllib.loads((files(__package__) / "directions.toml").read_text(encoding="utf-8")))
