"""The words that probes of delivery ask and pad with: data, by language, hashed into every probe."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from s2s_arena.records.codec import parse
from s2s_arena.records.identity import content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One language's. Each but `padding` has places for {words}, `emphasis` also for {word}."""

    fast: str
    slow: str
    lively: str
    happy: str
    sad: str
    angry: str
    calm: str
    emphasis: str
    brief: str
    padding: tuple[str, ...]

    def asking(self, want: str, *, words: str, word: str = "") -> str:
        """The request for one manner of saying the words."""
        patterns = {
            "fast": self.fast,
            "slow": self.slow,
            "lively": self.lively,
            "happy": self.happy,
            "sad": self.sad,
            "angry": self.angry,
            "calm": self.calm,
            "emphasis": self.emphasis,
            "brief": self.brief,
        }
        return patterns[want].format(words=words, word=word)


@cache
def probe_texts() -> Mapping[str, Texts]:
    """The shipped texts by primary language tag."""
    table = tomllib.loads((files(__package__) / "texts.toml").read_text(encoding="utf-8"))
    return {language: parse(Texts, part) for language, part in table.items() if isinstance(part, dict)}


def texts_hash() -> str:
    """Content hash of all of them."""
    return content_hash("probe texts", dict(probe_texts()))
