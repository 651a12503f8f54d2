"""The texts that judges are asked with: data, versioned, and hashed into each judge's identity."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from s2s_arena.errors import CardError
from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPrompts:
    """What the mind is asked about the words of a reply."""

    version: str
    system: str
    asked: str
    earlier: str
    heard: str
    guideline: str
    reference: str
    pointwise: str
    yes: str
    no: str
    pairwise: str
    one: str
    two: str
    nothing: str

    @property
    def hash(self) -> str:
        """Content hash of all the texts."""
        return content_hash("prompts", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class GistPrompts:
    """What the mind reads of a request and of a reply, to have in mind what they are about."""

    version: str
    request: str
    reply: str

    @property
    def hash(self) -> str:
        """Content hash of all the texts."""
        return content_hash("gist prompts", self)


def content_prompts(text: str | None = None) -> ContentPrompts:
    """The shipped prompts, or those of a TOML text with the same keys.

    Raises:
        CardError: The text is not TOML.
        InputError: A key is missing, unknown or not text.
    """
    return parse(ContentPrompts, _table("content.toml", text))


def gist_prompts(text: str | None = None) -> GistPrompts:
    """As `content_prompts`, with the same errors."""
    return parse(GistPrompts, _table("gist.toml", text))


def _table(name: str, text: str | None) -> dict[str, object]:
    if text is None:
        text = (files(__package__) / name).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"judge prompts: not TOML ({error}); copy judge/prompts/{name} and edit it") from error
