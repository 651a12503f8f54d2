"""Empty talk: what is counted as such, and what it does to a decision."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.judge.padding import EMPTY, FEWEST, Emptiness, cost, pieces, size
from s2s_arena.records.studies import Criterion, Outcome
from tests.judge.parts import Said, sample
from tests.judge.test_topic import Letters, decided

SHARP = Emptiness(middle=0.5, slope=1e6, rare=2.0, rarity=1e6)
POINT = "aaa bbb aaa bbb aaa bbb aaa bbb."
IDLE = "xxx yyy xxx yyy xxx yyy xxx yyy."
TEXTS = st.text("abcxyz .,", min_size=1)


def asked(answer: str) -> float:
    return cost(Letters(), "aaa bbb", answer, language="en", emptiness=SHARP)


def test_words_that_belong_cost_nothing_and_empty_ones_as_much_as_they_lengthen():
    assert asked(f"{POINT} {POINT} {POINT}") == pytest.approx(0.0)
    assert asked(f"{POINT} {IDLE}") == pytest.approx(math.log(2.0))
    assert asked(f"{POINT} {IDLE} {IDLE} {POINT}") == pytest.approx(math.log(2.0))
    assert asked(f"{POINT} {IDLE} {IDLE} {IDLE}") == pytest.approx(math.log(4.0))


def test_a_piece_with_rare_words_brings_something_and_so_does_one_that_is_like_what_was_said():
    assert SHARP.chance(0.2, 1.0) == pytest.approx(1.0)
    assert SHARP.chance(0.2, 3.0) == pytest.approx(0.0)
    assert SHARP.chance(0.8, 1.0) == pytest.approx(0.0)
    assert SHARP.chance(0.2, None) == pytest.approx(1.0)  # where words are not written apart


def test_whether_the_first_piece_is_to_the_point_is_asked_elsewhere():
    assert asked(IDLE) == 0.0
    assert asked("") == 0.0


@given(TEXTS)
def test_a_text_is_cut_into_pieces_without_loss_and_none_but_the_only_one_is_short(text: str):
    cut = pieces(text)
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert len(cut) < 2 or min(size(piece) for piece in cut) >= FEWEST


@given(TEXTS)
def test_the_cost_is_no_less_than_nothing(text: str):
    assert cost(Letters(), "aaa bbb", text, language="en", emptiness=EMPTY) >= 0.0


def test_a_text_without_stops_is_cut_too():
    assert [size(piece) for piece in pieces("word " * 60)] == [24.0, 24.0, 12.0]


def test_two_characters_are_a_word_where_words_are_not_written_apart():
    assert size("今天天气") == 2.0
    assert size("今天 is fine") == 3.0


def test_the_same_answer_with_empty_talk_loses_where_the_mind_cannot_tell():
    plain, padded = Said(text="The time is four now, in London, by the clock."), Said(
        text="The time is four now, in London, by the clock. " + "Jumpy bugs buzz away, jumpy bugs buzz away, up. " * 3
    )  # fmt: skip
    one, other = decided(sample(), plain, padded)[1], decided(sample(), padded, plain)[1]
    assert (one.outcome, other.outcome) == (Outcome.FIRST, Outcome.SECOND)
    assert one.margin == -other.margin
    assert "empty talk 0.00 against" in one.criteria[Criterion.INSTRUCTION].reason
