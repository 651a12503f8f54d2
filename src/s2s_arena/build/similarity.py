"""Scripts that say nearly the same, found by the words they share."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import token_set_ratio
from scipy.sparse import csr_array

from s2s_arena.build.checks import words
from s2s_arena.build.languages import primary, spaced
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample

THRESHOLD = 0.8

FEW = 1200
"""Up to so many scripts of a language every pair is compared; beyond, those that share enough whole words."""

SHARED = 1 / 3
"""Of the letters of the shorter script, in whole words that the longer one has too: with less, two scripts reach the
threshold only if nearly all their words are other forms of one another."""

_FREQUENT = 0.05  # share of scripts from which a word is so common that a dense column is cheaper than a sparse one
_ROWS = 500


def near_duplicates(
    samples: Sequence[Sample], *, threshold: float = THRESHOLD
) -> tuple[tuple[SampleId, SampleId, float], ...]:
    """Pairs of samples of one language whose scripts share at least `threshold` of their words, likest first.

    Twins are meant to say the same and are left out. The share is the token-set ratio, 0..1; in languages
    that do not space words, pairs of neighbouring characters stand for words. Of more than `FEW` scripts in a
    language, only pairs that have a third of the shorter one's letters in common words are compared.
    """
    by_language: dict[str, list[int]] = {}
    for index, sample in enumerate(samples):
        by_language.setdefault(primary(sample.language), []).append(index)
    texts = [comparable(" ".join(t.script for t in s.turns), language=s.language) for s in samples]
    found = []
    for indices in by_language.values():
        for i, j in _candidates([texts[index] for index in indices]):
            first, second = samples[indices[i]], samples[indices[j]]
            if first.twin_group is not None and first.twin_group == second.twin_group:
                continue
            share = token_set_ratio(texts[indices[i]], texts[indices[j]], score_cutoff=100.0 * threshold) / 100.0
            if share >= threshold:
                found.append((first.id, second.id, share))
    return tuple(sorted(found, key=lambda pair: -pair[2]))


def comparable(text: str, *, language: str) -> str:
    """The text as words in lower case, or as pairs of neighbouring characters where words are not spaced."""
    if spaced(language):
        return " ".join(words(text))
    letters = "".join(words(text))
    return " ".join(letters[i : i + 2] for i in range(max(1, len(letters) - 1)))


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing, each once, the earlier first."""
    if len(texts) <= FEW:
        yield from ((i, j) for i in range(len(texts)) for j in range(i + 1, len(texts)))
        return
    frequent, rare, letters = _columns(texts)
    totals = frequent @ letters[: frequent.shape[1]] + rare @ letters[frequent.shape[1] :]
    weights_frequent = frequent * letters[: frequent.shape[1]]
    weights_rare = rare.multiply(letters[None, frequent.shape[1] :]).tocsr()
    transposed = rare.T.tocsc()
    for start in range(0, len(texts), _ROWS):
        rows = slice(start, min(start + _ROWS, len(texts)))
        shared = weights_frequent[rows] @ frequent.T + (weights_rare[rows] @ transposed).toarray()
        enough = shared >= SHARED * np.minimum(totals[rows, None], totals[None, :])
        first, second = np.nonzero(enough)
        for i, j in zip((first + start).tolist(), second.tolist(), strict=True):
            if i < j:
                yield i, j


def _columns(texts: Sequence[str]) -> tuple[NDArray[np.float32], csr_array, NDArray[np.float32]]:
    """Which text has which word: dense for frequent words, sparse for the others; and the words' letters.

    Shapes (texts, frequent), (texts, others), (frequent + others,), in the same order of words.
    """
    held = [sorted(set(text.split())) for text in texts]
    counts: dict[str, int] = {}
    for tokens in held:
        for token in tokens:
            counts[token] = counts.get(token, 0) + 1
    order = sorted(counts, key=lambda token: (-counts[token], token))
    place = {token: index for index, token in enumerate(order)}
    split = sum(count >= _FREQUENT * len(texts) for count in counts.values())
    frequent = np.zeros((len(texts), split), dtype=np.float32)
    columns: list[int] = []
    starts = [0]
    for row, tokens in enumerate(held):
        places = [place[token] for token in tokens]
        frequent[row, [p for p in places if p < split]] = 1.0
        columns += sorted(p - split for p in places if p >= split)
        starts.append(len(columns))
    rare = csr_array(
        (np.ones(len(columns), dtype=np.float32), np.array(columns, dtype=np.int32), np.array(starts, dtype=np.int32)),
        shape=(len(texts), len(order) - split),
    )
    return frequent, rare, np.array([len(token) for token in order], dtype=np.float32)
