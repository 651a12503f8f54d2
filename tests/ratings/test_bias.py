"""Position and length bias and self-consistency."""

import numpy as np
import pytest

from s2s_arena.ratings.bias import consistency, length_bias, position_bias


def test_position_bias_is_first_minus_second() -> None:
    made = position_bias(np.array([1.0, 1.0, 1.0, 0.0, 0.5]))
    assert (made.wins, made.losses) == (3, 1)
    assert made.difference.value == pytest.approx(0.5)
    assert made.difference.low is not None and made.difference.high is not None
    assert -1 <= made.difference.low < 0.5 < made.difference.high <= 1


def test_length_bias_is_longer_minus_shorter_and_leaves_out_what_is_not_known() -> None:
    won = np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    made = length_bias(
        won, first_s=np.array([3.0, 1.0, 1.0, 2.0, np.nan]), second_s=np.array([1.0, 3.0, 2.0, 2.0, 1.0])
    )
    assert (made.wins, made.losses) == (2, 1)
    assert made.difference.value == pytest.approx(1 / 3)


def test_a_judge_without_votes_has_no_bias_rather_than_none() -> None:
    assert position_bias(np.zeros(0)).difference.value is None


def test_consistency_turns_swapped_answers_round() -> None:
    once = np.array([1.0, 0.0, 1.0])
    assert consistency(once, np.array([1.0, 0.0, 0.0])).value == pytest.approx(2 / 3)
    assert consistency(once, np.array([0.0, 1.0, 1.0]), swapped=True).value == pytest.approx(2 / 3)
