"""What annotators read, in English and Chinese: one catalogue a language, the same keys in each."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

from s2s_arena.serve.people.person import PAGE_LANGUAGES


@cache
def leaders(language: str) -> Callable[[str], str]:
    """Turns what stands on the researchers' pages in English into the reader's language."""
    known = _read("leaders", language) if language != PAGE_LANGUAGES[0] else {}
    return lambda text: known.get(text, str(text))


def refused(language: str, code: str, message: str) -> str:
    """What a request is refused with, in the reader's language: its own words there, or else its code's with it."""
    if language == PAGE_LANGUAGES[0]:
        return message
    for pattern, words in _refusals(language):
        if found := pattern.fullmatch(message):
            return words.format(*found.groups())
    known = _read("refusals", language)
    return known.get(f"code:{code}", known["code:"]).format(message)


@cache
def _refusals(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    lines = [(said, words) for said, words in _read("refusals", language).items() if not said.startswith("code:")]
    lines.sort(key=lambda line: "{}" in line[0])  # what is said literally comes before what only looks like it
    patterns = ("(.*?)".join(map(re.escape, said.split("{}"))) for said, _ in lines)
    return tuple((re.compile(p, re.DOTALL), words) for p, (_, words) in zip(patterns, lines, strict=True))


@cache
def desks(language: str) -> dict[str, str]:
    """What people read at the review, verification and recording desks, besides the common texts."""
    return catalogue(language) | _read("desks", language)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key; English for a language that is not there."""
    return _read("", language)


def _read(part: str, language: str) -> dict[str, str]:
    chosen = language if language in PAGE_LANGUAGES else PAGE_LANGUAGES[0]
    name = ".".join(filter(None, (part, chosen, "toml")))
    text = (resources.files("s2s_arena.serve") / "texts" / name).read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in tomllib.loads(text).items()}
