"""Whether an answer is about what was asked: laws of likeness, and what it does to a decision."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.judge.local import LocalJudge
from s2s_arena.judge.notebook import Notebook
from s2s_arena.judge.prompts import content_prompts
from s2s_arena.judge.topic import BY_WORDS, Belonging, likeness, related
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
    assert BY_WORDS.log_chance(low) <= BY_WORDS.log_chance(high) <= 0.0
    assert Belonging(middle=a, slope=9.0).log_chance(a) == pytest.approx(np.log(0.5))


RIGHT, OTHER = Said(text="The time in London is four."), Said(text="Bananas grow by warm rivers.")


def decided(asked, first: Said, second: Said, *, words: bool = True):
    ears = Ears()
    comparison = compared(ears, asked, first, second)
    vectors = Letters() if words else None
    judge = LocalJudge(
        ears, Mind(), notebook=Notebook(MemoryStore()), prompts=content_prompts(), vectors=vectors, name="local"
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


def test_a_judge_with_word_vectors_is_another_judge():
    assert decided(sample(), RIGHT, OTHER)[0] != decided(sample(), RIGHT, OTHER, words=False)[0]
