"""Cycles and further matches, in the board's own names."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from s2s_arena.boards.outlook import loops, more
from s2s_arena.boards.standings import made
from tests.boards.worlds import games


def test_rock_paper_scissors_is_a_cycle_beyond_chance() -> None:
    played = games([1000.0, 1000.0, 1000.0], 300)
    beats = {(0, 1), (1, 2), (2, 0)}
    scores = np.array([1.0 if (a, b) in beats else 0.0 for a, b in played.pairs.tolist()])
    found = loops(made(dataclasses.replace(played, scores=scores), bootstraps=0))
    assert found is not None
    assert (found.triples, found.found) == (1, 1)
    assert found.strongest[0].systems == ("s0", "s1", "s2")
    assert found.strongest[0].p_value < 0.01


def test_neighbours_are_named_from_the_top_and_close_ones_need_more() -> None:
    whole = made(games([1200.0, 1010.0, 1000.0], 900), bootstraps=50)
    plans = more(whole)
    order = [s.system for s in whole.board.standings]
    assert [(p.better, p.worse) for p in plans] == list(pairwise(order))
    far, near = plans
    assert far.power > 0.99
    assert near.direct is None or near.direct > 100 * max(1, far.direct or 0)


def test_clusters_make_gaps_less_sure() -> None:
    whole = made(games([1100.0, 1000.0], 500), bootstraps=0)
    plain, clustered = more(whole)[0], more(whole, clusters=("sample",))[0]
    assert plain.gap == pytest.approx(clustered.gap)
    assert plain.standard_error != clustered.standard_error
