"""Which column says what is told by its name, unless the user says otherwise."""

import pytest

from s2s_arena.errors import InputError
from s2s_arena.rank.reading.columns import chosen, detected, pairs_of


def test_crowd_columns_are_recognised_by_their_names() -> None:
    made = detected(["id", "prompt", "model_x", "worker", "winner", "left", "right", "Level"])
    assert made == {
        "system_a": "left", "system_b": "right", "winner": "winner", "judge": "worker", "sample": "prompt",
        "level": "Level",
    }  # fmt: skip


def test_half_a_pair_is_none() -> None:
    assert "system_a" not in detected(["left", "winner"])


def test_the_users_word_goes_before_what_was_detected() -> None:
    assert chosen(["a", "judge", "who"], {"judge": "who"}, file="f.csv")["judge"] == "who"
    with pytest.raises(InputError, match=r"f.csv: no column what \(named for judge\); it has a, who"):
        chosen(["a", "who"], {"judge": "what"}, file="f.csv")


def test_a_map_is_pairs_of_name_and_value() -> None:
    assert pairs_of("winner=choice, judge = who", what="--columns") == {"winner": "choice", "judge": "who"}
    assert pairs_of("", what="--columns") == {}
    with pytest.raises(InputError, match="--columns winner: not understood"):
        pairs_of("winner", what="--columns")
