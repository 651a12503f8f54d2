"""Ties as outcomes of their own, and both bad beside the board, never in it."""

import numpy as np
import pytest

from s2s_arena.boards.plain import Listed
from s2s_arena.boards.standings import made
from s2s_arena.boards.ties import tie_board
from s2s_arena.errors import InputError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.records.identity import SystemName
from tests.boards.worlds import games

X, Y, Z = (SystemName(name) for name in "xyz")


def listed(outcomes: list[int], pairs: list[tuple[int, int]]) -> Listed:
    return Listed(systems=(X, Y, Z), pairs=np.array(pairs), outcomes=np.array(outcomes))


def test_a_strict_board_has_no_tie_model() -> None:
    assert tie_board(made(games([1100.0, 1000.0], 50), bootstraps=0)) is None


def test_ties_and_both_bad_are_counted_each_in_its_place() -> None:
    # x beats y 6 to 2 with 8 ties; y and z were both bad 3 times
    rows = [0] * 6 + [1] * 2 + [2] * 8 + [4] * 3
    given = listed(rows, [(0, 1)] * 16 + [(1, 2)] * 3)
    whole, tally = given.rated(ties=True)
    found = tie_board(made(whole, tally=tally, bootstraps=0))
    assert found is not None
    assert (found.ties, whole.count) == (8, 16)
    assert found.both_bad[Z].value == 1.0
    assert found.both_bad[Y].value == pytest.approx(3 / 19)
    assert 0.3 < found.tie_rate < 0.6
    assert found.ratings[X][0] > found.ratings[Y][0]


def test_davidson_leads_the_board_when_asked() -> None:
    rows = [0] * 30 + [1] * 10 + [2] * 40
    games_, tally = listed(rows, [(0, 1)] * 80).rated(ties=True)
    half = made(games_, tally=tally, bootstraps=50)
    own = made(games_, tally=tally, bootstraps=200, davidson_ties=True)
    gap = own.fit.ratings[0] - own.fit.ratings[1]
    # a tie tells little: the odds stay those of 30 to 10, while half wins pull them to 50 to 30
    assert gap == pytest.approx(400 * np.log10(3), rel=0.1)
    assert gap > 1.5 * (half.fit.ratings[0] - half.fit.ratings[1])
    first = own.board.standings[0]
    assert first.bt_low < first.bt < first.bt_high
    centre = own.boot.resampled.mean(axis=0) if own.boot else np.zeros(3)
    assert centre[0] - centre[1] == pytest.approx(gap, rel=0.15)  # its resamples are of the same model
    assert bradley_terry(np.array([[0, 30], [10, 0]])).ratings[0] - 1000 == pytest.approx(gap / 2, rel=0.15)


def test_davidson_takes_no_weights() -> None:
    with pytest.raises(InputError, match="Davidson's model takes no weights"):
        made(games([1000.0, 900.0], 20), weighted=True, davidson_ties=True)


def test_davidson_takes_no_clusters() -> None:
    with pytest.raises(InputError, match="Davidson's model takes no clusters"):
        made(games([1000.0, 900.0], 20), clusters=("sample",), davidson_ties=True)
