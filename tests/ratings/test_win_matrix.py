"""The win matrix keeps every result and knows who is linked to whom."""

import numpy as np
from hypothesis import given, settings
from scipy.sparse.csgraph import connected_components

from s2s_arena.ratings.win_matrix import components, connected, tie_matrix, weighted_win_matrix, win_matrix, win_rates
from tests.strategies import tournaments


def test_each_result_lands_in_its_cell() -> None:
    pairs = np.array([[0, 1], [1, 0], [2, 0], [0, 2]])
    scores = np.array([1.0, 1.0, 0.0, 0.5])
    assert win_matrix(pairs, scores, systems=3).tolist() == [[0, 1, 1], [1, 0, 0], [0, 0, 0]]
    assert tie_matrix(pairs, scores, systems=3).tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    assert weighted_win_matrix(pairs, scores, systems=3).tolist() == [[0, 1, 1.5], [1, 0, 0], [0.5, 0, 0]]


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_no_match_is_lost_and_no_system_beats_itself(t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    assert wins.sum() == len(t.won)
    assert not np.diag(wins).any()
    assert wins.dtype == np.int64


def test_win_rates_are_holes_where_nobody_met() -> None:
    rates = win_rates(np.array([[0, 3, 0], [1, 0, 0], [0, 0, 0]]))
    assert rates[0, 1] == 0.75
    assert rates[1, 0] == 0.25
    assert np.isnan(rates[0, 2])


def test_a_cycle_is_connected_and_a_line_is_not() -> None:
    cycle = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    line = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    assert connected(cycle)
    assert not connected(line)
    assert components(cycle) == ((0, 1, 2),)
    assert components(line) == ((0,), (1,), (2,))
    assert connected(np.zeros((1, 1)))


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_components_are_what_a_graph_library_finds(t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    count, labels = connected_components(wins > 0, directed=True, connection="strong")
    assert len(components(wins)) == count
    assert all(len({int(labels[i]) for i in group}) == 1 for group in components(wins))
