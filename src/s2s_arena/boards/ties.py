"""Ties on a board as outcomes of their own, and how often nobody was any good."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from s2s_arena.boards.standings import Made
from s2s_arena.ratings.agreement import Estimate, wilson
from s2s_arena.ratings.davidson import davidson
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.win_matrix import tie_matrix, win_matrix
from s2s_arena.records.identity import SystemName


@dataclass(frozen=True, slots=True, kw_only=True)
class TieBoard:
    """Davidson's model of a board with ties.

    Attributes:
        ties: How many games were tied.
        nu: Davidson's parameter.
        nu_low: Of its 95 % interval.
        nu_high: Of the same.
        tie_rate: Chance that two equals tie, 0..1.
        ratings: (rating, low, high) by system, Elo points; a tie is not half a win here.
        both_bad: Share of each system's matches that nobody won because both were bad.
    """

    ties: int
    nu: float
    nu_low: float
    nu_high: float
    tie_rate: float
    ratings: Mapping[SystemName, tuple[float, float, float]]
    both_bad: Mapping[SystemName, Estimate]


def tie_board(made: Made) -> TieBoard | None:
    """The model of a board; None where nothing was tied and nobody bad."""
    games = made.games
    size = len(games.systems)
    ties = tie_matrix(games.pairs, games.scores, systems=size)
    bad = made.tally.both_bad_of
    if not ties.any() and not bad:
        return None
    fit = davidson(win_matrix(games.pairs, games.scores, systems=size), ties)
    half = z_value() * np.sqrt(np.clip(np.diag(fit.covariance), 0.0, None))
    played = np.bincount(games.pairs.reshape(-1), minlength=size)
    return TieBoard(
        ties=int(ties.sum()) // 2,
        nu=fit.nu,
        nu_low=fit.nu_low,
        nu_high=fit.nu_high,
        tie_rate=fit.tie_rate,
        ratings={
            name: (float(fit.ratings[i]), float(fit.ratings[i] - half[i]), float(fit.ratings[i] + half[i]))
            for i, name in enumerate(games.systems)
        },
        both_bad={
            name: wilson(bad.get(name, 0), int(played[i]) + bad.get(name, 0)) for i, name in enumerate(games.systems)
        }
        if bad
        else {},
    )
