"""The board that follows every vote: people together and each model judge beside them, kept up vote by vote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.ratings.live import LiveBoard
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.separation import separate
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SystemName
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind, Verdict

PEOPLE = "people"
DRAWS = 2000  # Gaussian draws for separation: a live page shows it to two digits


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """One system on a live board; ratings in Elo points around 1000, intervals of 95 %."""

    system: SystemName
    bt: float
    low: float
    high: float
    rank_low: int
    rank_high: int
    group: str  # systems that share no letter are separated
    wins: float
    losses: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """A board as it stands now.

    Attributes:
        who: `people`, or a model judge's name.
        rows: Best first.
        votes: That stand.
        wins: Shape (systems, systems) in the order of `rows`: how often the row beat the column; a tie is half each.
        both_bad: Standing votes that say both were bad.
        asked: Standing votes in which that was asked.
        up_to: Number of the last event.
    """

    who: str
    rows: tuple[LiveRow, ...]
    votes: int
    wins: tuple[tuple[float, ...], ...]
    both_bad: int
    asked: int
    up_to: int


class _Side:
    def __init__(self, systems: int) -> None:
        self.board = LiveBoard(np.zeros((systems, systems)))
        self.votes = self.both_bad = self.asked = 0

    def count(self, verdict: Verdict, first: int, second: int, *, sign: int) -> None:
        self.votes += sign
        self.both_bad += sign * (verdict.both_bad is True or verdict.outcome is Outcome.BOTH_BAD)
        self.asked += sign * (verdict.both_bad is not None or verdict.outcome is Outcome.BOTH_BAD)
        if verdict.outcome is Outcome.FIRST:
            self.board.vote(first, second, weight=sign)
        elif verdict.outcome is Outcome.SECOND:
            self.board.vote(second, first, weight=sign)
        elif verdict.outcome is not Outcome.BOTH_BAD:  # both bad is no game
            self.board.vote(first, second, weight=sign / 2)
            self.board.vote(second, first, weight=sign / 2)


class LiveBoards:
    """Boards of one study, one for people together and one for each model judge.

    What counts is as in `boards.votes`: the last vote not undone, unless it is excluded; the failure rule's votes
    stand on every board.

    Args:
        systems: Contestants.
    """

    def __init__(self, systems: Sequence[SystemName]) -> None:
        self._systems = tuple(systems)
        self._index = {system: n for n, system in enumerate(self._systems)}
        self._sides: dict[str, _Side] = {PEOPLE: _Side(len(self._systems))}
        self._ruled: list[tuple[Verdict, Match]] = []
        self._stacks: dict[tuple[MatchId, JudgeName], list[Verdict]] = {}
        self._excluded: set[tuple[MatchId, JudgeName]] = set()
        self._up_to = 0

    @property
    def judges(self) -> tuple[str, ...]:
        """People first, then model judges by name."""
        return (PEOPLE, *sorted(name for name in self._sides if name != PEOPLE))

    def add(self, event: Event, match: Match) -> None:
        """Take in one event; the caller sees that none comes twice."""
        self._up_to = max(self._up_to, event.number or 0)
        if match.purpose is not Purpose.RATED or not {match.first_system, match.second_system} <= set(self._index):
            return
        place = (event.match, event.judge)
        before = self._standing(place)
        stack = self._stacks.setdefault(place, [])
        if event.kind is EventKind.VOTE and event.verdict is not None:
            stack.append(event.verdict)
        elif event.kind is EventKind.UNDO and stack:
            stack.pop()
        elif event.kind is EventKind.EXCLUDE:
            self._excluded.add(place)
        elif event.kind is EventKind.RESTORE:
            self._excluded.discard(place)
        after = self._standing(place)
        if before is after:
            return
        if event.judge == RULE_FAILURE and after is not None:
            self._ruled.append((after, match))
            sides = list(self._sides.values())
        else:
            sides = [self._side(event.judge)]
        for side in sides:
            for verdict, sign in ((before, -1), (after, 1)):
                if verdict is not None:
                    self._count(side, verdict, match, sign=sign)

    def view(self, who: str = PEOPLE) -> LiveView:
        """A board now; KeyError for a judge without votes."""
        side = self._sides[who]
        fit = side.board.fit()
        order = sorted(range(len(self._systems)), key=lambda n: (-fit.ratings[n], self._systems[n]))
        wins = side.board.wins
        apart = separate(fit.ratings, fit.covariance, rng=np.random.default_rng(0), draws=DRAWS)
        half = z_value() * fit.standard_errors
        rows = tuple(
            LiveRow(
                system=self._systems[n],
                bt=round(float(fit.ratings[n]), 1),
                low=round(float(fit.ratings[n] - half[n]), 1),
                high=round(float(fit.ratings[n] + half[n]), 1),
                rank_low=int(apart.rank_low[n]),
                rank_high=int(apart.rank_high[n]),
                group=apart.letters[n],
                wins=float(wins[n].sum()),
                losses=float(wins[:, n].sum()),
            )
            for n in order
        )
        return LiveView(
            who=who,
            rows=rows,
            votes=side.votes,
            wins=tuple(tuple(float(wins[a, b]) for b in order) for a in order),
            both_bad=side.both_bad,
            asked=side.asked,
            up_to=self._up_to,
        )

    def _standing(self, place: tuple[MatchId, JudgeName]) -> Verdict | None:
        stack = self._stacks.get(place)
        return stack[-1] if stack and place not in self._excluded else None

    def _side(self, judge: JudgeName) -> _Side:
        name = PEOPLE if judge.startswith("person:") else str(judge)
        if name not in self._sides:
            self._sides[name] = _Side(len(self._systems))
            for verdict, match in self._ruled:
                self._count(self._sides[name], verdict, match, sign=1)
        return self._sides[name]

    def _count(self, side: _Side, verdict: Verdict, match: Match, *, sign: int) -> None:
        side.count(verdict, self._index[match.first_system], self._index[match.second_system], sign=sign)


def as_json(view: LiveView) -> Mapping[str, object]:
    """A view with stable keys."""
    return {
        "judge": view.who,
        "votes": view.votes,
        "both_bad": view.both_bad,
        "both_bad_asked": view.asked,
        "up_to_event": view.up_to,
        "systems": [
            {
                "system": row.system,
                "bt": row.bt,
                "bt_low": row.low,
                "bt_high": row.high,
                "rank_low": row.rank_low,
                "rank_high": row.rank_high,
                "group": row.group,
                "wins": row.wins,
                "losses": row.losses,
            }
            for row in view.rows
        ],
        "wins": [list(row) for row in view.wins],
    }


def to_json(views: Sequence[LiveView], *, study: str) -> str:
    """All boards of a study as text."""
    return json.dumps({"study": study, "boards": [as_json(view) for view in views]}, ensure_ascii=False, indent=2)
