"""Licences: names as people write them, and what a collection inherits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.publishing.licences import TERMS, refusal, spdx, strictest


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("CC0", "CC0-1.0"),
        ("public domain", "CC0-1.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("CC BY", "CC-BY-4.0"),
        ("unknown", None),
        ("not stated", None),
        ("", None),
        ("CC BY-NC-ND 4.0", None),
        ("proprietary", None),
    ],
)
def test_names_are_understood_however_they_are_written(written, name):
    assert spdx(written) == name
    assert bool(refusal(written)) == (name is None)


def test_a_licence_that_forbids_changes_is_refused_for_that_reason():
    assert "forbids changes" in refusal("CC-BY-ND-4.0")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["Apache-2.0"], "Apache-2.0"),
        (["Apache-2.0", "CC-BY-NC-SA-4.0", "CC0-1.0"], "CC-BY-NC-SA-4.0"),
        (["CC-BY-SA-3.0", "CC-BY-NC-3.0"], "CC-BY-NC-SA-4.0"),
        (["CC0-1.0", "CC0-1.0"], "CC0-1.0"),
        (["CC-BY-SA-3.0", "Apache-2.0"], "CC-BY-SA-3.0"),
    ],
)
def test_the_strictest_is_inherited(parts, whole):
    assert strictest(parts) == whole


@given(st.lists(st.sampled_from(list(TERMS)), min_size=1))
def test_the_whole_demands_what_any_part_demands_in_any_order(parts):
    whole = strictest(parts)
    assert TERMS[whole] == frozenset().union(*(TERMS[p] for p in parts))
    assert whole == strictest(parts[::-1]) == strictest([*parts, whole])


@pytest.mark.parametrize("parts", [[], ["CC0-1.0", "unknown"]])
def test_nothing_and_the_unknown_have_no_strictest(parts):
    with pytest.raises(ValueError, match="licence"):
        strictest(parts)
