"""Plain match lists, as any file holds them, to the same games that studies give."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.boards.games import Games, Labels, Tally
from s2s_arena.boards.rated import BOTH_BAD
from s2s_arena.errors import IllegalVoteError, InvalidMatchesError
from s2s_arena.records.identity import SystemName
from s2s_arena.records.studies import STRICT, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMatch:
    """One row of a match list; `winner` is the outcome for `system_a`, who counts as heard first."""

    system_a: str
    system_b: str
    outcome: Outcome
    attributes: Mapping[str, str] = field(default_factory=dict)  # judge, sample, level, domain ...


def outcome_of(winner: str, *, system_a: str, system_b: str) -> Outcome:
    """What a `winner` entry says: a system's name, a / b, model_a / model_b, tie, both_good or both_bad.

    A name goes before a keyword, so a system may be called `tie`.

    Raises:
        IllegalVoteError: It is none of these.
    """
    if winner == system_a:
        return Outcome.FIRST
    if winner == system_b:
        return Outcome.SECOND
    word = KEYWORDS.get(winner.strip().lower())
    if word is None:
        raise IllegalVoteError(
            f"winner {winner!r}: not in the match of {system_a} and {system_b}; "
            "give one of their names, a, b, tie, both_good or both_bad"
        )
    return word


KEYWORDS: Mapping[str, Outcome] = {
    "a": Outcome.FIRST,
    "model_a": Outcome.FIRST,
    "system_a": Outcome.FIRST,
    "b": Outcome.SECOND,
    "model_b": Outcome.SECOND,
    "system_b": Outcome.SECOND,
    "tie": Outcome.TIE,
    "both_good": Outcome.BOTH_GOOD,
    "both_bad": Outcome.BOTH_BAD,
    "tie (bothbad)": Outcome.BOTH_BAD,
}
"""Words a `winner` column may hold beside names; `tie (bothbad)` is LMSYS's spelling."""


def plain_games(
    rows: Iterable[PlainMatch], *, outcomes: Sequence[Outcome] = STRICT, systems: Sequence[str] = ()
) -> tuple[Games, Tally]:
    """Games of plain rows in the order given.

    Args:
        rows: The list.
        outcomes: What is legal; strict by default.
        systems: Contestants; by default those that occur, by name.

    Raises:
        InvalidMatchesError: A system meets itself; the message names the row, counted from 1.
        IllegalVoteError: An outcome that is not legal here.
    """
    listed = list(rows)
    for number, row in enumerate(listed, start=1):
        if row.system_a == row.system_b:
            raise InvalidMatchesError(f"row {number}: {row.system_a} meets itself; drop the row")
        if row.outcome not in outcomes:
            raise IllegalVoteError(f"row {number}: outcome {row.outcome} is not allowed; allow ties or drop the row")
    names = tuple(systems) or tuple(sorted({name for row in listed for name in (row.system_a, row.system_b)}))
    index = {name: i for i, name in enumerate(names)}
    rated = [row for row in listed if row.outcome is not Outcome.BOTH_BAD]
    keys = sorted({key for row in rated for key in row.attributes})
    scores = {Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}
    games = Games(
        systems=tuple(SystemName(name) for name in names),
        pairs=np.array([(index[r.system_a], index[r.system_b]) for r in rated], dtype=np.int64).reshape(-1, 2),
        scores=np.array([scores.get(row.outcome, 0.5) for row in rated], dtype=np.float64),
        labels={key: Labels.of([row.attributes.get(key) for row in rated]) for key in keys},
    )
    bad = Counter(row.outcome for row in listed)[Outcome.BOTH_BAD]
    return games, Tally(unrated={BOTH_BAD: bad} if bad else {}, both_bad=bad)
