"""The texts that a writer of scripts is asked with: data, versioned, and hashed into every growth."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from s2s_arena.errors import SuiteError
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """What scripts may be about: one is drawn for every call, or a small writer would write one script for ever."""

    list: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """All texts; `asked` and the others have named places in braces."""

    version: str
    system: str
    asked: str
    example: str
    again: str
    languages: Mapping[str, str]
    meaning: Mapping[str, str]
    rule: Mapping[str, str]
    kinds: Mapping[str, str]
    topics: Topics

    @property
    def hash(self) -> str:
        """Content hash of all the texts."""
        return content_hash("augment-prompts", self)


def prompts(text: str | None = None) -> Prompts:
    """The shipped prompts, or those of a TOML text with the same keys.

    Raises:
        SuiteError: The text is not TOML.
        InputError: A key is missing, unknown or of the wrong type.
    """
    if text is None:
        text = (files(__package__) / "prompts.toml").read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"augment prompts: not TOML ({error}); copy build/augment/prompts.toml and edit it") from error
    return parse(Prompts, table)
