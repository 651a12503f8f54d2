"""Whether an answer is about what was asked: laws of likeness, and what it does to a decision."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.judge.instruction import Calibration
from s2s_arena.judge.local import LocalJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import content_prompts
from s2s_arena.judge.topic import BELONGING, Belonging, likeness, related
from s2s_arena.protocols import Worded
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.store.memory import MemoryStore
from tests.judge.parts import Ears, Mind, Said, compared, expecting, sample


class Letters:
    """Words are alike as far as their letters are; all weigh the same."""

    identity = "letters/1"

    def words(self, text: str) -> Worded:
        words = list(dict.fromkeys(text.lower().split()))
        table = np.array([[word.count(chr(97 + n)) for n in range(26)] for word in words], dtype=np.float32)
        table = table.reshape(len(words), 26) + np.float32(0.01)
        return Worded(vectors=table / np.linalg.norm(table, axis=1, keepdims=True), weights=np.ones(len(words)))


TEXTS = st.text("abcdefgh ", min_size=1).filter(lambda text: bool(text.strip()))


def alike(a: str, b: str) -> float:
    found = related(Letters(), a, b, language="en", spoken="en")
    assert found is not None
    return found


@given(TEXTS, TEXTS)
def test_likeness_is_the_same_both_ways_and_most_for_equal_words(a: str, b: str):
    assert alike(a, b) == pytest.approx(alike(b, a), abs=1e-5)
    assert alike(a, b) <= alike(a, a) + 1e-5 == pytest.approx(1.0 + 1e-5, abs=1e-5)


def test_likeness_by_hand():
    # Asked for x (weight 3) and y (weight 1); said y: asked finds 0 and 1, weighted 1/4; said finds 1. Mean 5/8.
    question = Worded(vectors=np.eye(2, dtype=np.float32), weights=np.array([3.0, 1.0]))
    answer = Worded(vectors=np.array([[0.0, 1.0]], dtype=np.float32), weights=np.array([2.0]))
    assert likeness(question, answer) == pytest.approx(5 / 8)


def test_words_that_tell_nothing_have_no_likeness():
    nothing = Worded(vectors=np.zeros((0, 2), dtype=np.float32), weights=np.zeros(0))
    some = Worded(vectors=np.eye(2, dtype=np.float32), weights=np.ones(2))
    assert likeness(some, nothing) is None
    assert likeness(some, replace(some, weights=np.zeros(2))) is None


def test_figures_are_read_as_words():
    assert alike("one two", "1 2") == pytest.approx(1.0, abs=1e-5)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_chance_to_belong_grows_with_likeness_and_is_a_half_in_the_middle(a: float, b: float):
    low, high = sorted((a, b))
    assert BELONGING.log_chance(low) <= BELONGING.log_chance(high) <= 0.0
    assert Belonging(middle=a, slope=9.0).log_chance(a) == pytest.approx(np.log(0.5))


RIGHT, OTHER = Said(text="The time in London is four."), Said(text="Bananas grow by warm rivers.")


def decided(asked, first: Said, second: Said, *, words: bool = True, mind: Mind | None = None):
    ears = Ears()
    comparison = compared(ears, asked, first, second)
    vectors = Letters() if words else None
    judge = LocalJudge(
        ears,
        mind or Mind(),
        notebook=Notebook(MemoryStore()),
        prompts=content_prompts(),
        vectors=vectors,
        calibration=Calibration(doubt=0.2),  # letters are more alike than meanings
        name="local",
    )
    return judge.identity, judge.decide(comparison)


def test_a_fluent_answer_to_something_else_loses_where_the_mind_cannot_tell():
    one, other = decided(sample(), RIGHT, OTHER)[1], decided(sample(), OTHER, RIGHT)[1]
    assert (one.outcome, other.outcome) == (Outcome.FIRST, Outcome.SECOND)
    assert one.margin == -other.margin
    assert "about what was asked" in one.criteria[Criterion.INSTRUCTION].reason


def test_likeness_counts_within_the_language_of_the_question_only():
    french = replace(OTHER, language="fr")
    decision = decided(expecting("language", "fr"), RIGHT, french)[1]
    assert "about what was asked" not in decision.criteria[Criterion.INSTRUCTION].reason


# --------------------------------------------------------------------------------------------- whose reply it is


FAR = Said(text="Bananas fizz, jazz buzz, puzzles.")


def whose(prompt: str) -> float:
    """A mind that knows to whom replies about bananas were given, and likes the first place a little."""
    if "given to this user" not in prompt:
        return 0.0
    first, second = prompt.split("Reply 1:")[1].split("Reply 2:")
    return 0.1 + 0.4 * (("anana" in second) - ("anana" in first))


def asked_whose(mind: Mind) -> list[str]:
    return [prompt for prompt in mind.prompts if "given to this user" in prompt]


def asked_which(mind: Mind) -> list[str]:
    return [prompt for prompt in mind.prompts if "does better" in prompt]


def test_where_words_leave_doubt_the_mind_is_asked_whose_reply_it_is_and_not_which_is_better():
    mind = Mind(whose)
    one, other = (decided(sample(), *pair, mind=mind)[1] for pair in ((RIGHT, FAR), (FAR, RIGHT)))
    assert (one.outcome, other.outcome) == (Outcome.FIRST, Outcome.SECOND)
    assert one.margin == -other.margin
    assert "was said to this user +0.40 nats" in one.criteria[Criterion.INSTRUCTION].reason
    assert len(asked_whose(mind)) == 4  # two judges, both orders
    assert not any("strictly" in prompt for prompt in asked_whose(mind))
    assert not asked_which(mind)


def test_where_both_answers_surely_belong_the_mind_is_asked_which_is_better():
    mind, said = Mind(whose), sample().turns[0].script
    decided(sample(), Said(text=f"{said} It is four."), Said(text=f"{said} It is five."), mind=mind)
    assert not asked_whose(mind)
    assert len(asked_which(mind)) == 2


def test_where_the_difference_is_certain_the_mind_is_asked_neither():
    mind = Mind(lambda prompt: 5.0 if "London" in prompt.split("Reply to mark:")[-1] else -5.0)
    decided(sample(), RIGHT, FAR, mind=mind)
    assert not asked_whose(mind)
    assert not asked_which(mind)


def test_a_judge_with_word_vectors_is_another_judge():
    assert decided(sample(), RIGHT, OTHER)[0] != decided(sample(), RIGHT, OTHER, words=False)[0]
