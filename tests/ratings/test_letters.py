"""Groups and letters say which systems are separated, all of it and nothing else."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.letters import largest_groups, letter_display, tiers_of


@st.composite
def separations(draw: st.DrawFn) -> np.ndarray:  # type: ignore[type-arg]
    n = draw(st.integers(1, 7))
    apart = np.zeros((n, n), dtype=bool)
    for i, j in combinations(range(n), 2):
        apart[i, j] = apart[j, i] = draw(st.booleans())
    return apart


@settings(max_examples=60, deadline=None)
@given(separations(), st.randoms(use_true_random=False))
def test_two_systems_share_a_letter_exactly_where_they_are_not_separated(apart, random) -> None:  # type: ignore[no-untyped-def]
    n = len(apart)
    ranking = np.array(random.sample(range(n), n))
    groups = largest_groups(apart, ranking=ranking)
    letters = letter_display(groups, systems=n)
    assert all(letters)
    for i, j in combinations(range(n), 2):
        assert bool(set(letters[i]) & set(letters[j])) == (not apart[i, j])


@settings(max_examples=40, deadline=None)
@given(separations())
def test_no_group_can_grow(apart) -> None:  # type: ignore[no-untyped-def]
    groups = largest_groups(apart, ranking=np.arange(len(apart)))
    for group in groups:
        others = set(range(len(apart))) - set(group)
        assert all(apart[other, list(group)].any() for other in others)
        assert not apart[np.ix_(group, group)].any()


def test_a_chain_by_hand() -> None:
    # Of four in order, only neighbours are not separated: {0,1}, {1,2}, {2,3}.
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4))) > 1
    groups = largest_groups(apart, ranking=np.arange(4))
    assert groups == ((0, 1), (1, 2), (2, 3))
    assert letter_display(groups, systems=4) == ("a", "ab", "bc", "c")
    assert tiers_of(apart, ranking=np.arange(4)).tolist() == [1, 1, 2, 2]


def test_a_hundred_systems_that_are_all_apart_have_a_hundred_names() -> None:
    apart = ~np.eye(100, dtype=bool)
    letters = letter_display(largest_groups(apart, ranking=np.arange(100)), systems=100)
    assert len(set(letters)) == 100
    assert letters[:2] == ("a", "b")
    assert letters[26] == "aa."
    assert tiers_of(apart, ranking=np.arange(100)[::-1]).tolist() == list(range(100, 0, -1))


def test_malformed_input_is_named() -> None:
    with pytest.raises(InvalidMatchesError, match="symmetric"):
        largest_groups(np.array([[False, True], [False, False]]), ranking=np.arange(2))
    with pytest.raises(InvalidMatchesError, match="each of 2 once"):
        tiers_of(np.zeros((2, 2), dtype=bool), ranking=np.array([0, 0]))
