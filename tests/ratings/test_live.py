"""A live board says after each vote what a fit of all votes says, and takes votes back."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.live import LiveBoard
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated


@pytest.mark.parametrize("systems", [2, 7, 30])
def test_each_vote_is_as_if_all_were_fitted_anew(systems: int) -> None:
    pairs, won = simulated(np.linspace(1300, 700, systems), matches=120, rng=np.random.default_rng(0))
    board = LiveBoard(np.zeros((systems, systems)))
    for count, ((first, second), first_won) in enumerate(zip(pairs.tolist(), won.tolist(), strict=True), 1):
        winner, loser = (first, second) if first_won else (second, first)
        ratings = board.vote(winner, loser)
        wins = win_matrix(pairs[:count], won[:count], systems=systems)
        assert np.array_equal(board.wins, wins)
        assert ratings == pytest.approx(bradley_terry(wins).ratings, abs=1e-4)
    assert board.fit().covariance == pytest.approx(bradley_terry(wins).covariance, rel=1e-5, abs=1e-3)


def test_a_vote_taken_back_leaves_no_trace() -> None:
    wins = np.array([[0, 3, 1], [2, 0, 4], [0, 1, 0]])
    board = LiveBoard(wins)
    before = board.ratings
    board.vote(2, 0)
    assert board.vote(2, 0, weight=-1) == pytest.approx(before, abs=1e-5)


def test_a_heavy_vote_is_followed_too() -> None:
    board = LiveBoard(np.zeros((3, 3)))
    ratings = board.vote(0, 2, weight=500.0)
    wins = np.zeros((3, 3))
    wins[0, 2] = 500.0
    assert ratings == pytest.approx(bradley_terry(wins).ratings, abs=1e-4)


@pytest.mark.parametrize(("winner", "loser", "weight"), [(0, 0, 1), (0, 3, 1), (-1, 0, 1), (0, 1, -1), (0, 1, np.nan)])
def test_impossible_votes_change_nothing(winner: int, loser: int, weight: float) -> None:
    board = LiveBoard(np.zeros((3, 3)))
    with pytest.raises(InvalidMatchesError, match="vote"):
        board.vote(winner, loser, weight=weight)
    assert not board.wins.any()
