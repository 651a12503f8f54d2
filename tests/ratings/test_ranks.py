"""Ranks and rank correlation against the library we keep off the start-up path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s2s_arena.ratings.ranks import average_ranks, places, spearman, z_value

NUMBERS = st.lists(st.integers(0, 5), min_size=3, max_size=8)


@settings(max_examples=40, deadline=None)
@given(NUMBERS)
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    assert average_ranks(np.array(values, dtype=float)) == pytest.approx(stats.rankdata(values))
    assert places(np.array(values, dtype=float)).tolist() == stats.rankdata(-np.array(values), method="min").tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 8).flatmap(lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)))
def test_spearman_is_that_of_scipy(both: tuple[list[int], list[int]]) -> None:
    one, two = (np.array(side, dtype=float) for side in both)
    ours = spearman(one, two[None])[0]
    if len(set(one)) == 1 or len(set(two)) == 1:
        assert ours == 0.0
    else:
        assert ours == pytest.approx(stats.spearmanr(one, two).statistic)


def test_the_normal_quantile() -> None:
    assert z_value() == pytest.approx(1.959964, abs=1e-6)
