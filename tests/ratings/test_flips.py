"""Votes that flip the top: by hand, against a search of every possibility, and checked by fitting again."""

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.flips import top_flip
from s2s_arena.ratings.win_matrix import win_matrix
from tests.strategies import simulated, tournaments


def changed_wins(wins, changed, change):  # type: ignore[no-untyped-def]
    return wins - changed + (changed.T if change == "reverse" else 0)


def first_of(wins) -> tuple[int, float]:  # type: ignore[no-untyped-def]
    ratings = bradley_terry(wins).ratings
    top = int(np.flatnonzero(ratings > ratings.max() - 1e-6)[0])
    return top, float(ratings[top])


def fewest_by_trying_all(wins, change):  # type: ignore[no-untyped-def]
    top, _ = first_of(wins)
    cells = np.argwhere(wins > 0)
    counts = sorted(itertools.product(*(range(wins[i, j] + 1) for i, j in cells)), key=sum)
    for count in counts:
        changed = np.zeros_like(wins)
        changed[cells[:, 0], cells[:, 1]] = count
        ratings = bradley_terry(changed_wins(wins, changed, change)).ratings
        if np.delete(ratings, top).max() > ratings[top] + 1e-6:
            return sum(count)
    return None


def test_two_systems_by_hand() -> None:
    # 7 wins to 3: after 2 reversals 5 to 5 is shared, so 3 are needed; dropped, 7 - 4 = 3 is shared, so 5.
    wins = np.array([[0, 7], [3, 0]])
    reverse = top_flip(wins)
    assert (reverse.top, reverse.rival, reverse.votes, reverse.share) == (0, 1, 3, 0.3)
    assert reverse.changed.tolist() == [[0, 3], [0, 0]]
    assert top_flip(wins, change="drop").votes == 5


@pytest.mark.parametrize("change", ["reverse", "drop"])
def test_on_these_small_boards_no_smaller_set_exists(change) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(1)
    for _ in range(8):
        wins = rng.integers(0, 4, size=(3, 3)) * (1 - np.eye(3, dtype=np.int64))
        assert top_flip(wins, change=change).votes == fewest_by_trying_all(wins, change)


@pytest.mark.parametrize("change", ["reverse", "drop"])
@settings(max_examples=40, deadline=None)
@given(t=tournaments(min_systems=2, max_systems=6, max_matches=40))
def test_the_votes_named_do_flip_the_top(change, t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    found = top_flip(wins, change=change)
    assert found.top == first_of(wins)[0]
    if found.votes is None:
        assert found.rival is None and not found.changed.any()
        return
    assert found.changed.sum() == found.votes
    assert ((found.changed >= 0) & (found.changed <= wins)).all()
    ratings = bradley_terry(changed_wins(wins, found.changed, change)).ratings
    assert ratings[found.rival] == pytest.approx(ratings.max(), abs=1e-6)
    assert ratings[found.rival] > ratings[found.top]


def test_without_votes_nothing_can_be_flipped() -> None:
    found = top_flip(np.zeros((3, 3), dtype=np.int64))
    assert (found.votes, found.share, found.total) == (None, None, 0)


def test_a_close_top_takes_few_votes_and_a_clear_one_many() -> None:
    rng = np.random.default_rng(2)
    close, clear = (
        win_matrix(*simulated(np.array(strengths, dtype=float), matches=1000, rng=rng), systems=4)
        for strengths in ((1010, 1005, 900, 900), (1200, 1000, 900, 900))
    )
    assert (top_flip(close).share or 1) < 0.03 < (top_flip(clear).share or 1)
    # A dropped vote moves the gap about half as far as a reversed one.
    reverse, drop = top_flip(clear).votes, top_flip(clear, change="drop").votes
    assert reverse is not None and drop is not None
    assert 1.3 * reverse < drop


def test_ties_count_but_are_not_changed() -> None:
    wins = np.array([[0, 4], [2, 0]])
    ties = np.array([[0, 10], [10, 0]])
    assert top_flip(wins, ties=ties).votes == 2
    assert top_flip(wins, ties=ties).total == 6


def test_big_boards_take_less_than_a_second() -> None:
    rng = np.random.default_rng(3)
    for systems, matches in ((10, 1001), (60, 50_000)):
        strengths = rng.normal(1000, 150, size=systems)
        wins = win_matrix(*simulated(strengths, matches=matches, rng=rng), systems=systems)
        for change in ("reverse", "drop"):
            began = time.perf_counter()
            assert top_flip(wins, change=change).votes  # type: ignore[arg-type]
            assert time.perf_counter() - began < 1.0


def test_malformed_input_is_named() -> None:
    with pytest.raises(InvalidMatchesError, match="1 systems given"):
        top_flip(np.zeros((1, 1), dtype=np.int64))
    with pytest.raises(InvalidMatchesError, match="whole number"):
        top_flip(np.array([[0, 0.5], [1, 0]]))  # type: ignore[arg-type]
