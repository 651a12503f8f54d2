"""Plain match lists, as any file holds them, to the same games that studies give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.games import Games, Labels, Tally
from s2s_arena.boards.rated import BOTH_BAD, ORDERS_DISAGREE
from s2s_arena.errors import IllegalVoteError, InputError, InvalidMatchesError
from s2s_arena.records.identity import SystemName
from s2s_arena.records.matches import Purpose
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


_SPELLINGS: Mapping[Outcome, tuple[str, ...]] = {
    Outcome.FIRST: (
        "a",
        "model_a",
        "system_a",
        "player_a",
        "left",
        "first",
        "model1",
        "model_1",
        "system1",
        "system_1",
    ),
    Outcome.SECOND: (
        "b",
        "model_b",
        "system_b",
        "player_b",
        "right",
        "second",
        "model2",
        "model_2",
        "system2",
        "system_2",
    ),
    Outcome.TIE: ("tie", "draw", "equal"),
    Outcome.BOTH_GOOD: ("both_good", "both good", "bothgood", "tie (bothgood)"),
    Outcome.BOTH_BAD: ("both_bad", "both bad", "bothbad", "tie (bothbad)"),
}
KEYWORDS: Mapping[str, Outcome] = {word: outcome for outcome, words in _SPELLINGS.items() for word in words}
"""Words a `winner` column may hold beside names, in lower case; `tie (bothbad)` is LMSYS's spelling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A match list as arrays, in the order of the list, whether its rows move ratings or not.

    Attributes:
        systems: Contestants, by name.
        pairs: Shape (rows, 2), indices into `systems`.
        outcomes: Shape (rows,), indices into `OUTCOMES`, for the first of the pair.
        labels: Attributes by name. Rows that share `group` (and judge) are one comparison heard again; rows with
            a `purpose` other than `rated` (repeats, swaps, gold) do not move ratings.
        probabilities: Shape (rows,), with which each match was drawn, in (0, 1]; None if not known.
        features: As of `Games`, shape (rows, 2).
    """

    systems: tuple[SystemName, ...]
    pairs: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    labels: Mapping[str, Labels] = field(default_factory=dict)
    probabilities: NDArray[np.float64] | None = None
    features: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def where(self, mask: NDArray[np.bool_]) -> "Listed":
        """Some of the rows, in the same order, with the same systems."""
        return Listed(
            systems=self.systems,
            pairs=self.pairs[mask],
            outcomes=self.outcomes[mask],
            labels={name: labels.where(mask) for name, labels in self.labels.items()},
            probabilities=None if self.probabilities is None else self.probabilities[mask],
            features={name: values[mask] for name, values in self.features.items()},
        )

    @property
    def strict(self) -> "Listed":
        """The rows in which one system won."""
        return self.where(self.outcomes < len(STRICT))

    def of_judge(self, judge: str) -> "Listed":
        """The rows of one judge.

        Raises:
            InputError: The list names no judges, or not this one; the message says which there are.
        """
        names = self.labels["judge"].names if "judge" in self.labels else ()
        if judge not in names:
            raise InputError(f"judge {judge}: no rows; judges with rows: {', '.join(names) or 'none'}")
        return self.where(self.labels["judge"].codes == names.index(judge))

    def rated(self, *, ties: bool = False) -> tuple[Games, Tally]:
        """The games that move ratings and the tally of what does not.

        Both bad is never half a win; by strict rules the other ties are left out too, and so are orders that
        disagree.

        Args:
            ties: Whether a tie, both good, and orders that disagree are half a win for each.
        """
        scores = SCORES[self.outcomes]
        unrated = {name: int(out.sum()) for name, out in self._left_out(ties=ties).items() if out.any()}
        kept = np.ones(len(scores), dtype=bool)
        for out in self._left_out(ties=ties).values():
            kept &= ~out
        every = Games(
            systems=self.systems,
            pairs=self.pairs,
            scores=scores,
            labels=self.labels,
            probabilities=self.probabilities,
            features=self.features,
        )
        games = every if kept.all() else every.where(kept)
        if "group" in games.labels:
            games, disagreeing = _folded(games, ties=ties)
            if disagreeing:
                unrated[ORDERS_DISAGREE] = disagreeing
        bad = self.pairs[self.outcomes == BAD]
        counts = np.bincount(bad.reshape(-1), minlength=len(self.systems))
        of = {name: int(count) for name, count in zip(self.systems, counts, strict=True) if count}
        return games, Tally(unrated=unrated, both_bad=len(bad), both_bad_of=of)

    def _left_out(self, *, ties: bool) -> dict[str, NDArray[np.bool_]]:
        """Rows that move no rating, by reason; no row twice."""
        purposes = self.labels.get("purpose")
        asked = np.ones(len(self.outcomes), dtype=bool)
        made: dict[str, NDArray[np.bool_]] = {}
        if purposes is not None:
            for code, name in enumerate(purposes.names):
                if name != Purpose.RATED:
                    made[name] = purposes.codes == code
                    asked &= ~made[name]
        made[BOTH_BAD] = asked & (self.outcomes == BAD)
        if not ties:
            for outcome in (Outcome.TIE, Outcome.BOTH_GOOD):
                made[str(outcome).replace("_", " ")] = asked & (self.outcomes == OUTCOMES.index(outcome))
        return made


OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
SCORES: NDArray[np.float64] = np.array([{Outcome.FIRST: 1.0, Outcome.SECOND: 0.0}.get(o, 0.5) for o in OUTCOMES])
BAD = OUTCOMES.index(Outcome.BOTH_BAD)


def _folded(games: Games, *, ties: bool) -> tuple[Games, int]:
    """One game per group and judge, at its first row's place; how many groups disagreed with themselves."""
    group = games.labels["group"].codes
    judge = games.labels["judge"].codes if "judge" in games.labels else np.zeros_like(group)
    flipped = games.pairs[:, 0] > games.pairs[:, 1]
    score = np.where(flipped, 1.0 - games.scores, games.scores)
    rows = np.arange(games.count)
    alone = np.where(group < 0, rows, -1)  # a row without a group is its own
    keys = np.stack([group, judge, alone, *np.sort(games.pairs, axis=1).T], axis=1)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    low = np.full(len(first), np.inf)
    high = np.full(len(first), -np.inf)
    np.minimum.at(low, inverse.reshape(-1), score)
    np.maximum.at(high, inverse.reshape(-1), score)
    same = low == high
    folded = np.where(same, low, 0.5)
    scores = games.scores.copy()
    scores[first] = np.where(flipped[first], 1.0 - folded, folded)
    kept = np.zeros(games.count, dtype=bool)
    kept[first[same | ties]] = True
    made = replace(games, scores=scores)
    return made.where(kept), 0 if ties else int((~same).sum())


def listed(rows: Iterable[PlainMatch], *, outcomes: Sequence[Outcome] = STRICT, systems: Sequence[str] = ()) -> Listed:
    """Plain rows as arrays, in the order given.

    Args:
        rows: The list.
        outcomes: What is legal; strict by default.
        systems: Contestants; by default those that occur, by name.

    Raises:
        InvalidMatchesError: A system meets itself; the message names the row, counted from 1.
        IllegalVoteError: An outcome that is not legal here.
    """
    given = list(rows)
    for number, row in enumerate(given, start=1):
        if row.system_a == row.system_b:
            raise InvalidMatchesError(f"row {number}: {row.system_a} meets itself; drop the row")
        if row.outcome not in outcomes:
            raise IllegalVoteError(f"row {number}: outcome {row.outcome} is not allowed; allow ties or drop the row")
    names = tuple(systems) or tuple(sorted({name for row in given for name in (row.system_a, row.system_b)}))
    index = {name: i for i, name in enumerate(names)}
    keys = sorted({key for row in given for key in row.attributes})
    return Listed(
        systems=tuple(SystemName(name) for name in names),
        pairs=np.array([(index[r.system_a], index[r.system_b]) for r in given], dtype=np.int64).reshape(-1, 2),
        outcomes=np.array([OUTCOMES.index(row.outcome) for row in given], dtype=np.int64),
        labels={key: Labels.of([row.attributes.get(key) for row in given]) for key in keys},
    )


def plain_games(
    rows: Iterable[PlainMatch], *, outcomes: Sequence[Outcome] = STRICT, systems: Sequence[str] = ()
) -> tuple[Games, Tally]:
    """Rated games and tally of plain rows; arguments and errors as in `listed`."""
    return listed(rows, outcomes=outcomes, systems=systems).rated(ties=Outcome.TIE in outcomes)
