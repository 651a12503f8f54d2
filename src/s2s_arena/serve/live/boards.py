"""The board that follows every vote: people together and each model judge beside them, kept up vote by vote."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from s2s_arena.boards.slices import attribute
from s2s_arena.ratings import agreement
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.separation import separate
from s2s_arena.ratings.win_matrix import connected
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SampleId, SystemName
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.live.counts import Counts, Said
from s2s_arena.serve.live.played import PlayedElo
from s2s_arena.serve.live.views import Beside, LiveRow, LiveView, Slice, SliceRow

PEOPLE = "people"
DRAWS = 2000  # Gaussian draws for separation: a live page shows it to two digits
BY = ("level", "domain", "task", "language")
MOST_SLICES = 24  # values of an attribute beyond which it is no slice but a list


class _Side:
    """One board: the counts as a whole and by slice, and the order of play."""

    def __init__(self, systems: int) -> None:
        self.whole = Counts(systems)
        self.played = PlayedElo(systems)
        self.slices: dict[tuple[str, str], Counts] = {}
        self.beside = np.zeros((len(Outcome), len(Outcome)), dtype=np.int64)  # people's outcomes x this judge's
        self.view: LiveView | None = None  # as last made, while it is true
        self.version = ""  # of a model, as on its last verdict that told one

    def count(self, said: Said, match: Match, parts: Sequence[tuple[str, str]], *, sign: int) -> None:
        self.view = None
        for counts in (self.whole, *(self._slice(part) for part in parts)):
            counts.count(said, sign=sign)
        if sign > 0 and said.verdict.judge != RULE_FAILURE:
            self.version = said.verdict.judge_version or self.version
        score = said.score
        if score is not None:
            change = self.played.add if sign > 0 else self.played.remove
            place = (*said.verdict.order, str(said.verdict.judge), str(match.id))
            change(place, first=said.first, second=said.second, score=score)

    def _slice(self, part: tuple[str, str]) -> Counts:
        return self.slices.setdefault(part, Counts(len(self.whole.wins)))


class LiveBoards:
    """Boards of one study, one for people together and one for each model judge.

    What counts is as in `boards.votes`: the last vote not undone, unless it is excluded; the failure rule's votes
    stand on every board. A vote changes counts; ratings are fitted when somebody looks.

    Args:
        systems: Contestants.
        samples: What was asked, for slices; none without.
    """

    def __init__(self, systems: Sequence[SystemName], samples: Mapping[str, Sample] | None = None) -> None:
        self._systems = tuple(systems)
        self._index = {system: n for n, system in enumerate(self._systems)}
        self._sides: dict[str, _Side] = {PEOPLE: _Side(len(self._systems))}
        self._ruled: list[tuple[Verdict, Match]] = []
        self._stacks: dict[tuple[MatchId, JudgeName], list[Verdict]] = {}
        self._excluded: set[tuple[MatchId, JudgeName]] = set()
        self._standing_on: dict[MatchId, dict[JudgeName, Verdict]] = {}
        self._parts = _parts(samples or {})
        self.up_to = self.version = 0

    @property
    def judges(self) -> tuple[str, ...]:
        """People first, then model judges by name."""
        return (PEOPLE, *sorted(name for name in self._sides if name != PEOPLE))

    @property
    def models(self) -> Mapping[str, str]:
        """Model judges by name, and the version of each, as far as its verdicts tell."""
        return {name: self._sides[name].version for name in self.judges if name != PEOPLE}

    def add(self, event: Event, match: Match) -> None:
        """Take in one event; the caller sees that none comes twice."""
        self.up_to = max(self.up_to, event.number or 0)
        self.version += 1
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
        for verdict, sign in ((before, -1), (after, 1)):
            if verdict is not None and event.judge != RULE_FAILURE:
                self._compare(verdict, sign=sign)

    def view(self, who: str = PEOPLE) -> LiveView:
        """A board now; KeyError for a judge without votes."""
        side = self._sides[who]
        if side.view is None:
            side.view = self._made(who, side)
        elif side.view.up_to != self.up_to:  # what came since changed nothing here
            side.view = replace(side.view, up_to=self.up_to)
        return side.view

    def _made(self, who: str, side: _Side) -> LiveView:
        counts, fit = side.whole, side.whole.fit()
        order = sorted(range(len(self._systems)), key=lambda n: (-fit.ratings[n], self._systems[n]))
        wins = counts.wins
        apart = separate(fit.ratings, fit.covariance, rng=np.random.default_rng(0), draws=DRAWS)
        half = z_value() * fit.standard_errors
        points = side.played.ratings()
        rows = tuple(
            LiveRow(
                system=self._systems[n],
                elo=round(float(points[n]), 1),
                bt=round(float(fit.ratings[n]), 1),
                low=round(float(fit.ratings[n] - half[n]), 1),
                high=round(float(fit.ratings[n] + half[n]), 1),
                rank_low=int(apart.rank_low[n]),
                rank_high=int(apart.rank_high[n]),
                group=apart.letters[n],
                wins=float(wins[n].sum()),
                losses=float(wins[:, n].sum()),
                both_bad=int(counts.bad_of[n]),
                asked=int(counts.asked_of[n]),
            )
            for n in order
        )
        return LiveView(
            who=who,
            rows=rows,
            votes=counts.votes,
            wins=tuple(tuple(float(wins[a, b]) for b in order) for a in order),
            both_bad=counts.both_bad,
            asked=counts.asked,
            up_to=self.up_to,
            linked=connected(wins),
            groups=tuple(tuple(self._systems[n] for n in group) for group in apart.groups),
            slices=tuple(self._sliced(side, by) for by in BY if len(self._values(side, by)) > 1),
            beside=None if who == PEOPLE else _beside(side.beside),
            version="" if who == PEOPLE else side.version,
        )

    def _values(self, side: _Side, by: str) -> list[str]:
        found = sorted(value for name, value in side.slices if name == by and side.slices[name, value].votes)
        return found if len(found) <= MOST_SLICES else []

    def _sliced(self, side: _Side, by: str) -> Slice:
        made: dict[str, tuple[SliceRow, ...]] = {}
        votes: dict[str, int] = {}
        for value in self._values(side, by):
            counts = side.slices[by, value]
            fit, played = counts.fit(), counts.wins.sum(axis=1) + counts.wins.sum(axis=0)
            half = z_value() * fit.standard_errors
            votes[value] = counts.votes
            made[value] = tuple(
                SliceRow(
                    system=system,
                    bt=round(float(fit.ratings[n]), 1),
                    half=round(float(half[n]), 1),
                    games=float(played[n]),
                )
                for n, system in enumerate(self._systems)
            )
        return Slice(by=by, votes=votes, rows=made)

    def _standing(self, place: tuple[MatchId, JudgeName]) -> Verdict | None:
        stack = self._stacks.get(place)
        return stack[-1] if stack and place not in self._excluded else None

    def _side(self, judge: JudgeName) -> _Side:
        name = _name(judge)
        if name not in self._sides:
            self._sides[name] = _Side(len(self._systems))
            for verdict, match in self._ruled:
                self._count(self._sides[name], verdict, match, sign=1)
        return self._sides[name]

    def _count(self, side: _Side, verdict: Verdict, match: Match, *, sign: int) -> None:
        said = Said(verdict, self._index[match.first_system], self._index[match.second_system])
        side.count(said, match, self._parts.get(match.sample, ()), sign=sign)

    def _compare(self, verdict: Verdict, *, sign: int) -> None:
        """Hold a verdict of people against those of models on the same match, or the other way round."""
        others = self._standing_on.setdefault(verdict.match, {})
        if sign > 0:
            others[verdict.judge] = verdict
        else:
            others.pop(verdict.judge, None)
        by_people = _name(verdict.judge) == PEOPLE
        for judge, other in others.items():
            if (_name(judge) == PEOPLE) is not by_people:
                people, model = (verdict, other) if by_people else (other, verdict)
                side = self._side(model.judge)
                side.beside[_OUTCOMES[people.outcome], _OUTCOMES[model.outcome]] += sign
                side.view = None


_OUTCOMES = {outcome: n for n, outcome in enumerate(Outcome)}


def _name(judge: JudgeName) -> str:
    return PEOPLE if judge.startswith("person:") else str(judge)


def _parts(samples: Mapping[str, Sample]) -> dict[SampleId, tuple[tuple[str, str], ...]]:
    """The slices that each sample belongs to."""
    found = {s.id: [(by, attribute(s, by)) for by in BY] for s in samples.values()}
    return {id: tuple((by, value) for by, value in parts if value is not None) for id, parts in found.items()}


def _beside(table: agreement.Table) -> Beside:
    kappa, same = agreement.kappa(table), agreement.agreement(table)
    return Beside(
        matches=int(table.sum()),
        agreement=same.value,
        agreement_low=same.low,
        agreement_high=same.high,
        kappa=kappa.value,
        kappa_low=kappa.low,
        kappa_high=kappa.high,
    )


def to_json(views: Sequence[LiveView], *, study: str) -> str:
    """All boards of a study as text."""
    return json.dumps({"study": study, "boards": [view.as_json() for view in views]}, ensure_ascii=False, indent=2)


def as_json(view: LiveView) -> Mapping[str, object]:
    """A view with stable keys."""
    return view.as_json()
