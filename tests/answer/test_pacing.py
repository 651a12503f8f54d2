"""A system is asked no more often in any minute than its card allows."""

import pytest

from s2s_arena.answer.pacing import Pacer
from s2s_arena.errors import CardError


def starts(pacer, count, *, tokens=None, takes_s=0.0):
    now, found = 0.0, []
    for _ in range(count):
        while (wait := pacer.wait_s(now)) > 0:
            now += wait
        pacer.start(now)
        found.append(now)
        pacer.end(now + takes_s, tokens=tokens)
        now += takes_s
    return found


@pytest.mark.parametrize("unit", ["requests", "sessions"])
def test_no_minute_sees_more_than_the_limit(unit):
    found = starts(Pacer({unit: 3}), 10)
    assert found == [0, 0, 0, 60, 60, 60, 120, 120, 120, 180]


def test_the_tightest_limit_holds_and_none_holds_nothing():
    assert starts(Pacer({"requests": 9, "sessions": 1}), 3) == [0, 60, 120]
    assert starts(Pacer({}), 100) == [0] * 100


def test_tokens_are_counted_as_they_are_told():
    found = starts(Pacer({"tokens": 1000}), 5, tokens=400)
    assert found == [0, 0, 60, 60, 120]
    assert all(sum(400 for t in found if at - 60 < t <= at) <= 1000 for at in found)


def test_an_answer_larger_than_a_minutes_tokens_is_still_had():
    assert starts(Pacer({"tokens": 100}), 2, tokens=500) == [0, 60]


@pytest.mark.parametrize("limits", [{"pages": 3}, {"requests": 0}])
def test_limits_that_make_no_sense_are_refused(limits):
    with pytest.raises(CardError, match="limits"):
        Pacer(limits)
