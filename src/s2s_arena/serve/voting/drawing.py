"""Rounds for people: drawn by the arena's schedule from finished rounds, and the hidden tasks between them."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.arena import ballot, schedule
from s2s_arena.boards.games import Games
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.votes import current
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.matches import START
from s2s_arena.ratings.win_matrix import tie_matrix, win_matrix
from s2s_arena.records.identity import JudgeName, MatchId, TakeId, content_hash
from s2s_arena.records.matches import Match, Purpose, Round, match_id
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Sampler, Study
from s2s_arena.records.verdicts import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One round with its matches, and the failure rule's events on them."""

    round: Round
    matches: tuple[Match, ...]
    ruled: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What happened in one round: its matches and their events if nothing is left to vote on, else neither."""

    matches: Sequence[Match] = ()
    events: Sequence[Event] = ()


class Drawer:
    """Draws the rounds of a study, one after another, from the votes on finished rounds alone.

    What earlier rounds amount to is kept from draw to draw, so that a round costs the same after ten thousand votes.
    One thread at a time uses it.

    Args:
        study: Its systems, sampling and seed.
        takes: Of any system and sample.
    """

    def __init__(self, study: Study, takes: Iterable[Take]) -> None:
        self._study = study
        self._takes = {take.id: take for take in takes}
        self._games: dict[int, Games] = {}
        self._order: list[int] = []  # of finished rounds
        self._after: list[NDArray[np.float64]] = []  # ratings after each of them, as far as they are known
        self._field: tuple[tuple[str, ...], schedule.Field] | None = None

    def settle(self, changed: Mapping[int, Settled]) -> None:
        """Take in rounds in which something happened since the last time."""
        study = self._study
        for number, settled in changed.items():
            self._games.pop(number, None)
            if settled.matches:
                votes = current(sorted(settled.events, key=lambda e: e.number or 0))
                games, _ = rated_games(settled.matches, votes, systems=study.systems, outcomes=study.rules.outcomes)
                self._games[number] = games
        if changed:
            known = bisect_left(self._order, min(changed))
            self._order = sorted(self._games)
            del self._after[known:]

    def ratings(self) -> NDArray[np.float64]:
        """Elo after the finished rounds, shape (systems,)."""
        count = len(self._study.systems)
        for number in self._order[len(self._after) :]:
            start = self._after[-1] if self._after else START
            games = self._games[number]
            self._after.append(elo(games.pairs, games.scores, systems=count, start=start))
        return self._after[-1] if self._after else np.full(count, START)

    def draw(
        self,
        *,
        samples: Sequence[Sample],
        number: int,
        earlier: Sequence[Match],
        last_event: int,
        size: int | None = None,
    ) -> Drawn:
        """The next round.

        Args:
            samples: Those that somebody can be given.
            number: Of the round.
            earlier: Every match drawn so far; read only where `counts` is false of the samples.
            last_event: Number of the last event behind what was settled.
            size: Comparisons; the study's round size by default.

        Raises:
            InvalidMatchesError: Nothing can be drawn.
        """
        study, ratings, covariance = self._study, self.ratings(), None
        if study.sampling.sampler is Sampler.D_OPTIMAL:
            fit = bradley_terry(self._wins())
            covariance, ratings = fit.covariance, fit.ratings
        if self._field is None or not self.counts(samples):
            asked = tuple(sample.id for sample in samples)
            self._field = asked, schedule.Field(study, samples=samples, takes=self._takes.values(), earlier=earlier)
        drawn, matches = schedule.draw_round(
            study,
            samples=samples,
            takes=(),
            number=number,
            ratings={system: float(ratings[n]) for n, system in enumerate(study.systems)},
            covariance=covariance,
            size=size,
            ratings_from_event=last_event,
            field=self._field[1],
        )
        takes = self._takes
        ruled = (ballot.rule_event(m, takes[m.first], takes[m.second], study=study) for m in matches)
        return Drawn(round=drawn, matches=matches, ruled=tuple(event for event in ruled if event is not None))

    def counts(self, samples: Sequence[Sample]) -> bool:
        """Whether the matches played on these samples are counted already."""
        return self._field is not None and self._field[0] == tuple(sample.id for sample in samples)

    def forget(self) -> None:
        """A drawn round could not be kept: count the matches afresh."""
        self._field = None

    def _wins(self) -> NDArray[np.float64]:
        count = len(self._study.systems)
        wins = np.zeros((count, count))
        for games in self._games.values():
            wins += win_matrix(games.pairs, games.scores, systems=count)
            wins += 0.5 * tie_matrix(games.pairs, games.scores, systems=count)
        return wins


def chance(study: Study, *parts: object) -> float:
    """A number in 0..1 that is the same whenever the same is asked."""
    return int(content_hash("chance", study.name, study.seed, *parts)[:13], 16) / 16**13


def again(match: Match, *, purpose: Purpose) -> Match:
    """The same comparison once more: as it was (REPEAT) or with its sides swapped (SWAP); neither moves ratings."""
    sides = (match.first, match.second), (match.first_system, match.second_system)
    if purpose is Purpose.SWAP:
        sides = (match.second, match.first), (match.second_system, match.first_system)
    (first, second), (first_system, second_system) = sides
    return Match(
        id=match_id(
            study=match.study, round=match.round, index=match.index, first=first, second=second, purpose=purpose
        ),
        study=match.study,
        round=match.round,
        index=match.index,
        sample=match.sample,
        first=first,
        second=second,
        first_system=first_system,
        second_system=second_system,
        group=content_hash("again", purpose, match.group)[:32],
        probability=match.probability,
        purpose=purpose,
    )


def answered(study: Study, takes: Iterable[Take]) -> Mapping[str, Mapping[str, Take]]:
    """Sample -> system -> its take, of the study's systems, where nothing failed."""
    found: dict[str, dict[str, Take]] = {}
    for take in takes:
        if take.failure is None and take.system in study.systems:
            found.setdefault(take.sample, {})[take.system] = take
    return found


def gold(
    study: Study,
    *,
    judge: JudgeName,
    place: int,
    samples: Sequence[Sample],
    good: Mapping[str, Mapping[str, Take]],
) -> Match | None:
    """A comparison with a known answer: one system's answer against another's to a different request.

    Args:
        study: Its systems and seed.
        judge: For whom; everybody gets others.
        place: Among the judge's tasks.
        samples: Those that the judge may be given.
        good: See `answered`.

    Returns:
        The match; `right_side` tells its answer. None where no two samples of one language are answered.
    """
    rng = np.random.default_rng(int(content_hash("gold", study.name, study.seed, judge, place)[:12], 16))
    asked = [sample for sample in samples if good.get(sample.id)]
    if not asked:
        return None
    sample = asked[int(rng.integers(len(asked)))]
    others = [s for s in asked if s.id != sample.id and s.language == sample.language and _differs(s, sample)]
    right_system = sorted(good[sample.id])[int(rng.integers(len(good[sample.id])))]
    wrong = [good[s.id][system] for s in others for system in sorted(good[s.id]) if system != right_system]
    if not wrong:
        return None
    right, other = good[sample.id][right_system], wrong[int(rng.integers(len(wrong)))]
    first, second = (right, other) if rng.random() < 0.5 else (other, right)
    return Match(
        id=match_id(study=study.name, round=0, index=place, first=first.id, second=second.id, purpose=Purpose.GOLD),
        study=study.name,
        round=0,
        index=place,
        sample=sample.id,
        first=first.id,
        second=second.id,
        first_system=first.system,
        second_system=second.system,
        group=content_hash("gold", study.name, first.id, second.id)[:32],
        probability=1.0,
        purpose=Purpose.GOLD,
    )


def _differs(sample: Sample, other: Sample) -> bool:
    """Whether an answer to one is wrong for the other: not where twins share their words."""
    return sample.twin_group is None or sample.twin_group != other.twin_group


def right_side(match: Match, takes: Mapping[TakeId, Take]) -> str | None:
    """`first` or `second` of a gold match: the take that answers its sample; None of other matches."""
    if match.purpose is not Purpose.GOLD:
        return None
    return "first" if takes[match.first].sample == match.sample else "second"


def copies(study: Study, match: Match, *, overlap: float) -> int:
    """How many people judge a match: two for a share `overlap` of the comparisons, else one."""
    return 2 if chance(study, "overlap", match.group) < overlap else 1


def by_place(matches: Iterable[Match]) -> list[Match]:
    """Matches in the order of play."""
    return sorted(matches, key=lambda m: (m.round, m.index, m.id))


def open_ids(matches: Iterable[Match], ruled: Iterable[MatchId]) -> list[MatchId]:
    """Matches that somebody has to hear, in the order of play."""
    settled = set(ruled)
    return [match.id for match in by_place(matches) if match.purpose is Purpose.RATED and match.id not in settled]
