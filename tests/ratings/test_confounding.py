"""Attributes that cannot be told apart are named."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.confounding import Attribute, associations


def test_two_attributes_that_split_systems_alike_are_named() -> None:
    kind = Attribute(name="kind", values=("industry", "industry", "academia", "academia", None))
    decoder = Attribute(name="decoder", values=("flow", "flow", "gan", "snac", "gan"))
    size = Attribute(name="size", values=(7.0, 9.0, 0.5, 0.6, 8.0))
    free = Attribute(name="free", values=("x", "y", "x", "y", "x"))
    (sentence,) = associations([kind, decoder])
    assert sentence.startswith("kind and decoder: one determines the other among 4 systems")
    assert "largely the same split of 4 systems" in associations([kind, size])[0]
    assert associations([kind, free]) == ()
    assert associations([size, free]) == ()


def test_two_numbers_are_compared_by_their_correlation() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=30)
    near = tuple((2 * a + 0.1 * rng.normal(size=30)).tolist())
    far = tuple(rng.normal(size=30).tolist())
    one = Attribute(name="a", values=tuple(a.tolist()))
    assert len(associations([one, Attribute(name="near", values=near)])) == 1
    assert associations([one, Attribute(name="far", values=far)]) == ()


def test_tenfold_numbers_are_centred_logarithms() -> None:
    size = Attribute(name="size", values=(1.0, None, 100.0), tenfold=True)
    assert size.numeric
    assert size.known == [0, 2]
    assert size.numbers([0, 2]).tolist() == [-1.0, 1.0]


def test_malformed_attributes_are_named() -> None:
    with pytest.raises(InvalidMatchesError, match="factor size: text and numbers"):
        Attribute(name="size", values=("7B", 7.0))
    with pytest.raises(InvalidMatchesError, match=r"factor size: 0\.0 given"):
        Attribute(name="size", values=(0.0,), tenfold=True)
    with pytest.raises(InvalidMatchesError, match="factor size: nan"):
        Attribute(name="size", values=(float("nan"),))
