"""Copies, rivals and nonsense against a real server that is killed meanwhile: the log says what clients were told."""

import pytest
from bench import truth


@pytest.mark.slow
def test_no_acknowledged_vote_is_lost_and_none_counts_twice():
    found = truth.run(votes=1500, annotators=12, kills=3, seed=1)
    assert found.problems == ()
    assert found.kills == 3
    assert found.votes == found.stored >= 1500
    assert found.replayed == found.votes - found.undone
    assert found.undone > 15
    assert found.told.lost > 3
    assert set(found.told.refusals) <= {409}  # rivals
    assert set(found.told.broken) == {422}
