"""What is to be grown: for every task a list of scripts by level and language, in shares that hold for any number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from s2s_arena.build.augment.directions import PLAINLY, Direction, Directions
from s2s_arena.build.languages import known
from s2s_arena.errors import SuiteError
from s2s_arena.records.identity import content_hash
from s2s_arena.records.taxonomy import SEED_TASKS, Level

LEVELS: Mapping[str, float] = {"L1": 49, "L2": 248, "L3": 395, "L4": 258}
"""Shares of the levels in the paper's 950 grown samples (table 2)."""

LANGUAGES: Mapping[str, float] = {"en": 76, "zh": 24}
"""Shares of the languages, after the paper's 75.79 % English and 24 % Chinese."""

PER_TASK = 50
"""The paper's number of scripts a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One script to be written.

    Attributes:
        id: Prefix, task and number.
        seed_task: The task whose seeds it grows from.
        domain: Of that task.
        level: What it is to test.
        language: BCP 47.
        direction: How its user sounds and how its answer should sound.
    """

    id: str
    seed_task: str
    domain: str
    level: Level
    language: str
    direction: Direction


def targets(
    task: str,
    count: int,
    *,
    directions: Directions,
    seed: int = 0,
    prefix: str = "aug",
    levels: Mapping[str, float] | None = None,
    languages: Mapping[str, float] | None = None,
) -> tuple[Target, ...]:
    """The scripts to write for a task: the first n of a longer list are the list of n.

    Levels and languages fill up evenly by the largest deficit, so every cell stays within one script of its share;
    phrases are drawn so that none comes back before all that suit the task have been used, save that a user is answered
    as one answers somebody who sounds so.

    Args:
        task: A seed task, or any name (then of the domain "other").
        count: How many.
        directions: The phrases to draw from.
        seed: Of the draw.
        prefix: Of the ids.
        levels: Share by level, any scale; the paper's by default.
        languages: Share by language, any scale.

    Raises:
        SuiteError: A share is negative or all are 0, or a level or language is unknown.
    """
    cells = _cells(_shares("level", levels or LEVELS), _shares("language", languages or LANGUAGES))
    for level in {level for level, _ in cells}:
        if level not in list(Level):
            raise SuiteError(f"levels: {level!r} given; use L1, L2, L3, L4")
    for language in {language for _, language in cells}:
        if not known(language):
            raise SuiteError(f"languages: {language!r} is not a known BCP 47 tag; use e.g. en, zh or ja")
    rng = np.random.default_rng(int(content_hash("augment-targets", seed, task)[:12], 16))
    suits = directions.suits(task)
    heard, answered = _Deck(suits.heard, rng), _Deck(suits.answered, rng)
    made: list[Target] = []
    filled = dict.fromkeys(cells, 0)
    for number in range(1, count + 1):
        cell = max(cells, key=lambda c: (cells[c] * number - filled[c], cells[c]))
        filled[cell] += 1
        level = Level(cell[0])
        sounds = heard.draw() if level.perceives else PLAINLY
        met = directions.heard[sounds].met if level.perceives else ()
        made.append(
            Target(
                id=f"{prefix}-{task}-{number:03d}",
                seed_task=task,
                domain=SEED_TASKS.get(task, "other"),
                level=level,
                language=cell[1],
                direction=Direction(
                    heard=sounds,
                    answered=answered.draw(met) if level.expresses else PLAINLY,
                ),
            )
        )
    return tuple(made)


class _Deck:
    """Cards drawn one by one; shuffled anew when all are gone."""

    def __init__(self, cards: Sequence[str], rng: np.random.Generator) -> None:
        self._cards = tuple(cards)
        self._rng = rng
        self._left: list[str] = []

    def draw(self, among: Sequence[str] = ()) -> str:
        """The next card, or the next of those named; any, if the deck has none of them."""
        fitting = [card for card in self._cards if card in among] or list(self._cards)
        if not any(card in fitting for card in self._left):
            self._left = [self._cards[int(i)] for i in self._rng.permutation(len(self._cards))] + self._left
        at = max(n for n, card in enumerate(self._left) if card in fitting)
        return self._left.pop(at)


def _shares(what: str, given: Mapping[str, float]) -> dict[str, Fraction]:
    if any(value < 0 for value in given.values()) or not sum(given.values()) > 0:
        told = ", ".join(f"{key}={value:g}" for key, value in given.items())
        raise SuiteError(f"{what}s: {told or 'nothing'} given; use shares of 0 or more, not all 0")
    exact = {key: Fraction(value) for key, value in given.items() if value > 0}
    return {key: value / sum(exact.values()) for key, value in exact.items()}


def _cells(levels: Mapping[str, Fraction], languages: Mapping[str, Fraction]) -> dict[tuple[str, str], Fraction]:
    return {(level, tag): a * b for level, a in levels.items() for tag, b in languages.items()}
