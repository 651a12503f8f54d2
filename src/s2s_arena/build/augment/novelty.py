"""Whether a script is new: against every seed and every accepted script, by shared words and by copied phrases."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.fuzz import token_set_ratio

from s2s_arena.build.checks import words
from s2s_arena.build.languages import primary, spaced
from s2s_arena.build.similarity import THRESHOLD, comparable

FUZZY = THRESHOLD
"""Token-set ratio, 0..1, from which two scripts of one language are too alike: the seed suite's own law."""

COPIED = 0.5
"""Share of a script's phrases, 0..1, from which they are copied from one other script."""

PHRASE_WORDS = 3
PHRASE_CHARACTERS = 4
"""Length of a phrase where words are spaced, and where they are not."""


@dataclass(slots=True)
class Novelty:
    """All scripts so far, asked whether another one is new.

    Attributes:
        fuzzy: Threshold of the token-set ratio.
        copied: Threshold of the share of copied phrases.
    """

    fuzzy: float = FUZZY
    copied: float = COPIED
    _tokens: dict[str, list[str]] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _holders: dict[str, dict[tuple[str, ...], set[int]]] = field(default_factory=dict)

    def add(self, text: str, *, language: str) -> None:
        """From now on, scripts are compared with this one too."""
        tag = primary(language)
        texts = self._texts.setdefault(tag, [])
        holders = self._holders.setdefault(tag, {})
        for phrase in phrases(text, language=language):
            holders.setdefault(phrase, set()).add(len(texts))
        texts.append(text)
        self._tokens.setdefault(tag, []).append(comparable(text, language=language))

    def add_all(self, texts: Iterable[tuple[str, str]]) -> None:
        """`add` for pairs of text and language."""
        for text, language in texts:
            self.add(text, language=language)

    def alike(self, text: str, *, language: str) -> tuple[str, float] | None:
        """The likest script at or above the fuzzy threshold, with its token-set ratio 0..1."""
        tag = primary(language)
        found = process.extractOne(
            comparable(text, language=language),
            self._tokens.get(tag, []),
            scorer=token_set_ratio,
            score_cutoff=100.0 * self.fuzzy,
        )
        return None if found is None else (self._texts[tag][found[2]], found[1] / 100.0)

    def copies(self, text: str, *, language: str) -> tuple[str, float] | None:
        """The script that holds most of the text's phrases, if that is at least the threshold, with the share."""
        tag = primary(language)
        own = phrases(text, language=language)
        held: dict[int, int] = {}
        for phrase in own:
            for index in self._holders.get(tag, {}).get(phrase, ()):
                held[index] = held.get(index, 0) + 1
        if not held:
            return None
        index = max(held, key=lambda i: (held[i], -i))
        share = held[index] / len(own)
        return (self._texts[tag][index], share) if share >= self.copied else None


def phrases(text: str, *, language: str) -> frozenset[tuple[str, ...]]:
    """All runs of three words, or of four characters where words are not spaced; of a shorter text, all of it."""
    units = words(text) if spaced(language) else list("".join(words(text)))
    size = PHRASE_WORDS if spaced(language) else PHRASE_CHARACTERS
    return frozenset(tuple(units[i : i + size]) for i in range(max(1, len(units) - size + 1)))
