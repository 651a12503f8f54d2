"""Judges of a board one by one: how able each is, and who does not seem to listen, with the board without them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.games import Games
from s2s_arena.boards.standings import standings
from s2s_arena.errors import InputError, InvalidMatchesError
from s2s_arena.ratings.raters import rater_abilities
from s2s_arena.ratings.voters import ALPHA, VoterTest, crowd_rates, voter_test, worth_a_look
from s2s_arena.records.boards import Board
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, SystemName

FEWEST = 3  # judges that make a crowd: of two who differ nobody can say which one does not listen
SHARE = 0.05  # of false alarms among those flagged
LARGEST = 700.0  # nats, whose exponential is still a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """One judge of a board.

    Attributes:
        judge: Its name.
        votes: Rated votes.
        ability: 1 is the average vote's, 0 tosses a coin, below 0 prefers the worse one; None with a single judge.
        low: Of the 95 % interval of the ability.
        high: Of the same.
        e_value: Evidence against voting like the crowd, now; its expectation under honest votes is at most 1. None
            where fewer than `FEWEST` judges make no crowd.
        crossed_at: Number of the vote at which it first reached 1 / alpha, as a live board would have seen it.
        flagged: Worth a look: of all those named, few are expected to be honest.
        habit: What explains the votes best, where flagged: random, always first, always second, inverted, pro X ...
    """

    judge: JudgeName
    votes: int
    ability: float | None
    low: float | None
    high: float | None
    e_value: float | None
    crossed_at: int | None
    flagged: bool
    habit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The judges of a board, flagged ones first, and the board without the flagged ones.

    Flags are a reason to look at a voter, never to delete votes: the board with all votes stays the board.

    Attributes:
        alpha: Share of honest voters whose evidence may ever cross.
        share: Of the flagged ones, how many are expected to be honest at most.
        raters: All judges.
        without: The board of the others' votes; None where nobody is flagged, or everybody is.
    """

    alpha: float
    share: float
    raters: tuple[Rater, ...]
    without: Board | None

    @property
    def flagged(self) -> tuple[JudgeName, ...]:
        """Names of flagged judges."""
        return tuple(rater.judge for rater in self.raters if rater.flagged)


def crowd(games: Games, *, alpha: float = ALPHA, method: str = "bt", seed: int = 0, bootstraps: int = 1000) -> Crowd:
    """Each judge's ability and the anytime-valid test for careless and partisan voters.

    Args:
        games: Rated games with label `judge`.
        alpha: Share of honest voters that may be flagged.
        method: Of the board without the flagged, as its seed and bootstraps.
        seed: As above.
        bootstraps: As above.

    Raises:
        InputError: The games do not say who judged.
    """
    heard = _people_and_models(games)
    labels = heard.label("judge")
    codes, names = labels.codes, labels.names
    if (codes < 0).any():
        raise InputError("judges: some matches do not say who judged them; give every row a judge")
    size = len(games.systems)
    many = len(np.unique(codes)) >= FEWEST
    tests, flagged = _tests(heard, codes, alpha=alpha) if many else ({}, set())
    ability = _abilities(heard)
    raters = []
    for code in np.unique(codes).tolist():
        test = tests.get(code, VoterTest.fresh(size, alpha=alpha))
        value, low, high = ability.get(code, (None, None, None))
        raters.append(
            Rater(
                judge=JudgeName(names[code]),
                votes=int((codes == code).sum()),
                ability=value,
                low=low,
                high=high,
                e_value=float(np.exp(min(test.log_e_value, LARGEST))) if many else None,
                crossed_at=test.crossed,
                flagged=code in flagged,
                habit=_habit(test.habit, games.systems) if code in flagged else "",
            )
        )
    raters.sort(key=lambda r: (not r.flagged, -r.votes, r.judge))
    every = games.label("judge")
    bad = np.isin(every.codes, [every.names.index(r.judge) for r in raters if r.flagged])
    without = (
        standings(games.where(~bad), method=method, seed=seed, bootstraps=bootstraps)
        if bad.any() and not bad.all()
        else None
    )
    return Crowd(alpha=alpha, share=SHARE, raters=tuple(raters), without=without)


def _tests(heard: Games, codes: NDArray[np.int64], *, alpha: float) -> tuple[dict[int, VoterTest], set[int]]:
    """Each judge's test, and whom to look at. The plainest cases leave the crowd before the others are tested again.

    A busy partisan is a part of everybody else's crowd, and would make honest voters look odd.
    """
    size = len(heard.systems)
    tests: dict[int, VoterTest] = {}
    out: set[int] = set()
    while True:
        left = ~np.isin(codes, list(out))
        some, own = heard.where(left), codes[left]
        there = np.unique(own).tolist()
        if len(there) < FEWEST:
            return tests, out
        rates = crowd_rates(some.pairs, some.scores, voters=own, systems=size)
        for code in there:
            mine = own == code
            tests[code], _ = voter_test(
                some.pairs[mine],
                some.scores[mine],
                crowd=rates[mine],
                systems=size,
                alpha=alpha,
            )
        everybody = sorted(tests)
        values = np.array([tests[code].log_e_value for code in everybody])
        named = {code for code, look in zip(everybody, worth_a_look(values, share=SHARE), strict=True) if look} - out
        if not named:
            return tests, out
        plainest = max(tests[code].log_e_value for code in named)
        out |= {code for code in named if tests[code].log_e_value >= plainest / 2.0}


def _people_and_models(games: Games) -> Games:
    """The games that somebody listened to."""
    labels = games.label("judge")
    rule = labels.names.index(RULE_FAILURE) if RULE_FAILURE in labels.names else -2
    return games.where(labels.codes != rule) if rule >= 0 else games


def _abilities(games: Games) -> dict[int, tuple[float | None, float | None, float | None]]:
    codes = games.labels["judge"].codes
    if len(np.unique(codes)) < 2:
        return {}
    try:
        fit = rater_abilities(games.pairs, games.scores, judges=codes, systems=len(games.systems))
    except InvalidMatchesError:  # the judges contradict each other, so none is abler than another
        return {}
    low, high = fit.ability_interval()
    return {code: (float(fit.abilities[code]), float(low[code]), float(high[code])) for code in range(len(low))}


def _habit(habit: tuple[str, int | None], systems: tuple[SystemName, ...]) -> str:
    name, system = habit
    return name if system is None else f"{name} {systems[system]}"
