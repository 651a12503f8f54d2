"""Whether one scale of strengths fits a board, and how many more matches would separate neighbours on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.boards.standings import Made
from s2s_arena.ratings.clustered import clustered_fit
from s2s_arena.ratings.cycles import cycles
from s2s_arena.ratings.planning import plan
from s2s_arena.ratings.win_matrix import win_matrix
from s2s_arena.records.identity import SystemName

TRIPLES = 20_000  # of systems, up to which cycles are counted: 1,000 boards are simulated for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Three systems of which each won most of its matches against the next."""

    systems: tuple[SystemName, SystemName, SystemName]
    rates: tuple[float, float, float]
    matches: tuple[int, int, int]
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loops:
    """Cycles on a board, beside what chance makes where one scale of strengths is true.

    Attributes:
        triples: Sets of three systems that have all met.
        found: How many of them are cycles.
        expected: Mean number by chance.
        p_value: Chance of so many or more, 0..1.
        strongest: The strongest few.
    """

    triples: int
    found: int
    expected: float
    p_value: float
    strongest: tuple[Loop, ...]


def loops(made: Made, *, listed: int = 5) -> Loops | None:
    """Cycles of a board; None where there are too many systems to try."""
    size = len(made.games.systems)
    if size * (size - 1) * (size - 2) // 6 > TRIPLES:
        return None
    wins = win_matrix(made.games.pairs, made.games.scores, systems=size)
    found = cycles(wins, rng=np.random.default_rng([made.board.seed, 3]), listed=listed)
    names = made.games.systems
    return Loops(
        triples=found.triples,
        found=found.found,
        expected=found.expected,
        p_value=found.p_value,
        strongest=tuple(
            Loop(
                systems=(names[c.systems[0]], names[c.systems[1]], names[c.systems[2]]),
                rates=c.rates,
                matches=c.matches,
                p_value=c.p_value,
            )
            for c in found.strongest
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Two neighbours on a board, and what it takes to separate them.

    Attributes:
        better: The one rated higher.
        worse: The one right below it.
        gap: Elo points, taken for the true gap.
        standard_error: Elo points, of the gap.
        power: Chance that a study like the one so far separates them, 0..1.
        direct: Further matches between the two alone; None above 10^9.
        whole: Further matches of the whole board under the paper's rule; None above 10^9.
    """

    better: SystemName
    worse: SystemName
    gap: float
    standard_error: float
    power: float
    direct: int | None
    whole: int | None


def more(made: Made, *, clusters: Sequence[str] = (), power: float = 0.8) -> tuple[More, ...]:
    """What it takes to separate each system from the next one, from the top down.

    Args:
        made: The board.
        clusters: What is dependent: sample, judge; gaps are then as uncertain as their clusters make them.
        power: Chance to separate two systems whose gap is as estimated, in (0, 1).
    """
    games, fit = made.games, made.fit
    if clusters:
        codes = [games.label(name).codes for name in clusters]
        fit = clustered_fit(games.pairs, games.scores, systems=len(games.systems), clusters=codes)
    return tuple(
        More(
            better=games.systems[n.better],
            worse=games.systems[n.worse],
            gap=n.gap,
            standard_error=n.standard_error,
            power=n.power,
            direct=n.direct,
            whole=n.board,
        )
        for n in plan(fit.ratings, fit.covariance, power=power)
    )
