"""Parts of the starter suite: small, the same every time, and still covering."""

import pytest

from s2s_arena.build.scripts import starter
from s2s_arena.build.subset import subset
from s2s_arena.records.taxonomy import DOMAINS, Level

SAMPLES = starter()


@pytest.mark.parametrize("count", [4, 8, 12, 20])
def test_every_level_and_both_languages_are_there(count):
    chosen = subset(SAMPLES, count)
    assert len(chosen) == count
    assert {s.level for s in chosen} == set(Level)
    assert {"en", "zh"} <= {s.language for s in chosen}
    assert len({s.domain for s in chosen}) >= 2


@pytest.mark.parametrize("count", [8, 12, 20])
def test_every_domain_is_there_and_some_twins_are_whole(count):
    chosen = subset(SAMPLES, count)
    assert {s.domain for s in chosen} == set(DOMAINS)
    groups = [s.twin_group for s in chosen if s.twin_group]
    assert any(groups.count(group) == 2 for group in groups)


def test_it_keeps_the_order_and_takes_all_if_asked():
    assert subset(SAMPLES, 40) == subset(SAMPLES, 99) == SAMPLES
    chosen = subset(SAMPLES, 12)
    assert list(chosen) == [s for s in SAMPLES if s in chosen]
    assert chosen == subset(SAMPLES, 12)
