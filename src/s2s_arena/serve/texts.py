"""What annotators read, in English and Chinese: one catalogue a language, the same keys in each."""

import tomllib
from functools import cache
from importlib import resources

from s2s_arena.serve.people import PAGE_LANGUAGES


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key; English for a language that is not there."""
    chosen = language if language in PAGE_LANGUAGES else PAGE_LANGUAGES[0]
    text = (resources.files("s2s_arena.serve") / "texts" / f"{chosen}.toml").read_text(encoding="utf-8")
    return {str(key): str(value) for key, value in tomllib.loads(text).items()}
