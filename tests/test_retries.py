"""One policy for all who ask elsewhere, and where a run that resumes differs from a caller that waits."""

import pytest

from s2s_arena.answer.asking import Retries as Resumed
from s2s_arena.errors import InfrastructureError, RequestRejected, SystemFailure
from s2s_arena.retries import Retries


def waits(error, **settings):
    slept, asked = [], []

    def ask():
        asked.append(1)
        raise error

    with pytest.raises(type(error)):
        Retries(sleep=slept.append, **settings).run(ask)
    return len(asked), slept


def test_faults_that_may_pass_are_waited_out_and_no_others():
    assert waits(InfrastructureError("down")) == (4, [1.0, 2.0, 4.0])
    assert waits(InfrastructureError("down"), attempts=5, first_wait_s=20.0) == (5, [20.0, 40.0, 60.0, 60.0])
    assert waits(InfrastructureError("busy", retry_after_s=7.0), attempts=3) == (3, [7.0, 7.0])
    assert waits(InfrastructureError("busy", retry_after_s=600.0), attempts=2) == (2, [60.0])
    assert waits(RequestRejected("no such field", retry_after_s=1.0)) == (1, [])
    assert waits(SystemFailure("it crashed")) == (1, [])


def test_one_attempt_is_one_unless_a_run_is_told_when_to_come_back():
    busy = InfrastructureError("busy", retry_after_s=600.0)
    assert waits(busy, attempts=1) == (1, [])
    run = Resumed(attempts=1)
    assert run.again_after_s(InfrastructureError("down"), attempts=1) is None
    assert [run.again_after_s(busy, attempts=n) for n in (1, 7, 8)] == [600.0, 600.0, None]


@pytest.mark.parametrize("attempts", range(1, 12))
def test_both_wait_alike_where_the_other_side_does_not_say(attempts):
    run, (_, slept) = Resumed(attempts=20), waits(InfrastructureError("down"), attempts=12)
    assert run.again_after_s(InfrastructureError("down"), attempts=attempts) == slept[attempts - 1]
