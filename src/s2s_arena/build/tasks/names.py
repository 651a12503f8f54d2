"""Task names made comparable and merged: containment of words, then few edits (paper, task statistics)."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

MAX_DISTANCE = 3
"""Most edits between two names of one task (paper)."""

MOST_OF_SHORTER = 3
"""Edits are at most one in so many letters of the shorter name: "timing" is three edits from "singing"."""

_BLOCK = 1000  # names compared with all others of like length at once


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTask:
    """Names taken for one task.

    Attributes:
        name: The commonest of them; of equals, the shortest.
        count: How often the task occurs under any of its names.
        names: All its names as normalised, the commonest first.
    """

    name: str
    count: int
    names: tuple[str, ...]


def normalised(name: str) -> str:
    """Lower case, punctuation and underscores as white space, single blanks inside and none around."""
    lower = unicodedata.normalize("NFKC", name).lower()
    return " ".join("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in lower).split())


def merged(names: Iterable[str], *, max_distance: int = MAX_DISTANCE) -> tuple[MergedTask, ...]:
    """Tasks with all their names, the commonest first; names without a letter or digit are left out.

    Names join the first task, in order of frequency and then of length, whose name holds theirs or is held by it as
    whole words; then tasks join whose names are at most `max_distance` edits apart and at most a third of the
    shorter. Nothing is chained: every name is near its task's own name.

    Args:
        names: As written, any number; the same name may come many times.
        max_distance: Levenshtein.
    """
    counts = Counter(name for name in map(normalised, names) if name)
    order = sorted(counts, key=lambda name: (-counts[name], len(name), name))
    held = _held(order)
    leaders = [name for name in order if held[name] == name]
    near = _near(leaders, max_distance)
    joined: dict[str, str] = {}
    for index, name in enumerate(leaders):
        earlier = (leaders[j] for j in sorted(near.get(index, ())) if leaders[j] not in joined)
        first = next(earlier, None)
        if first is not None:
            joined[name] = first
    tasks: dict[str, list[str]] = {}
    for name in order:
        leader = held[name]
        tasks.setdefault(joined.get(leader, leader), []).append(name)
    made = (MergedTask(name=k, count=sum(counts[n] for n in v), names=tuple(v)) for k, v in tasks.items())
    return tuple(sorted(made, key=lambda task: (-task.count, task.name)))


def _held(order: Sequence[str]) -> dict[str, str]:
    """Name -> the first name in the order that holds it, or is held by it, as whole words; else itself."""
    leaders: dict[str, int] = {}
    within: dict[str, int] = {}  # run of words -> first leader that has it
    found: dict[str, str] = {}
    for name in order:
        runs = list(_runs(name))
        ranks = [leaders[run] for run in runs if run in leaders]
        if name in within:
            ranks.append(within[name])
        if ranks:
            found[name] = order[min(ranks)]
            continue
        rank = len(found)
        found[name] = name
        leaders[name] = rank
        for run in runs:
            within.setdefault(run, rank)
    return found


def _runs(name: str) -> Iterator[str]:
    words = name.split()
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield " ".join(words[start:end])


def _near(names: Sequence[str], most: int) -> dict[int, list[int]]:
    """Index -> indices of earlier names within so many edits."""
    if most < 1:
        return {}
    sizes = np.array([len(name) for name in names])
    by_size = np.argsort(sizes, kind="stable")
    sorted_sizes = sizes[by_size]
    near: dict[int, list[int]] = {}
    for start in range(0, len(names), _BLOCK):
        block = by_size[start : start + _BLOCK]
        stop = int(np.searchsorted(sorted_sizes, sorted_sizes[min(start + _BLOCK, len(names)) - 1] + most, "right"))
        others = by_size[start:stop]
        edits = process.cdist(
            [names[i] for i in block],
            [names[j] for j in others],
            scorer=Levenshtein.distance,
            score_cutoff=most,
            dtype=np.uint8,
        )
        rows, columns = np.nonzero(edits <= most)
        for i, j in zip(block[rows].tolist(), others[columns].tolist(), strict=True):
            shorter = min(sizes[i], sizes[j])
            if i != j and Levenshtein.distance(names[i], names[j]) * MOST_OF_SHORTER <= shorter:
                near.setdefault(max(i, j), []).append(min(i, j))
    return near
