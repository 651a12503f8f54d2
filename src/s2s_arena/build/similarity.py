"""Scripts that say nearly the same, found by the words they share."""

from collections.abc import Sequence

from rapidfuzz.fuzz import token_set_ratio

from s2s_arena.build.checks import words
from s2s_arena.build.languages import primary, spaced
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample

THRESHOLD = 0.8


def near_duplicates(
    samples: Sequence[Sample], *, threshold: float = THRESHOLD
) -> tuple[tuple[SampleId, SampleId, float], ...]:
    """Pairs of samples of one language whose scripts share at least `threshold` of their words, likest first.

    Twins are meant to say the same and are left out. The share is the token-set ratio, 0..1; in languages
    that do not space words, pairs of neighbouring characters stand for words.
    """
    texts = [_tokens(sample) for sample in samples]
    found = []
    for i, first in enumerate(samples):
        for j in range(i + 1, len(samples)):
            second = samples[j]
            if primary(first.language) != primary(second.language):
                continue
            if first.twin_group is not None and first.twin_group == second.twin_group:
                continue
            share = token_set_ratio(texts[i], texts[j]) / 100.0
            if share >= threshold:
                found.append((first.id, second.id, share))
    return tuple(sorted(found, key=lambda pair: -pair[2]))


def comparable(text: str, *, language: str) -> str:
    """The text as words in lower case, or as pairs of neighbouring characters where words are not spaced."""
    if spaced(language):
        return " ".join(words(text))
    letters = "".join(words(text))
    return " ".join(letters[i : i + 2] for i in range(max(1, len(letters) - 1)))


def _tokens(sample: Sample) -> str:
    return comparable(" ".join(turn.script for turn in sample.turns), language=sample.language)
