"""Minds write, keep to a schema, and weigh yes against no."""

import json

import pytest

from s2s_arena.errors import InputError
from s2s_arena.protocols import Message

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def mind(local_parts):
    return local_parts.writer("qwen2.5-coder-1.5b-instruct")


@pytest.fixture(scope="module")
def weak(local_parts):
    return local_parts.writer("gemma-3-270m")


def ask(text):
    return [Message(role="user", content=text)]


def test_a_mind_answers(mind):
    assert "Paris" in mind.write(ask("Which city is the capital of France? One word."), seed=1, max_tokens=8)


def test_a_schema_is_kept(mind):
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    reply = json.loads(mind.write(ask("Sky colour?"), seed=1, max_tokens=16, schema=schema))
    assert reply in ({"colour": "red"}, {"colour": "blue"})


def test_log_odds_follow_the_truth_and_change_sign_with_the_words(mind):
    true, false = ask("Is Paris in France? Answer yes or no."), ask("Is Paris in Germany? Answer yes or no.")
    assert mind.log_odds(true, yes="yes", no="no") > 1.0 + mind.log_odds(false, yes="yes", no="no")
    both = mind.log_odds(true, yes="yes", no="no") + mind.log_odds(true, yes="no", no="yes")
    # The second call finds its prompt cached, which moves the last bits of the probabilities.
    assert both == pytest.approx(0.0, abs=0.2)


def test_vectors_are_near_where_texts_go_on_alike_and_replies_stay_what_they_were(mind):
    before = mind.write(ask("Name a colour."), seed=1, max_tokens=4)
    cat, kitten, tax = (
        mind.vector(f'The reply "{text}" in one word is about:"')
        for text in ("My cat sleeps all day.", "The kitten is purring.", "Taxes are due in April.")
    )
    assert cat.shape == (1536,)
    assert float(cat @ cat) == pytest.approx(1.0, abs=1e-3)
    assert float(cat @ kitten) > float(cat @ tax) + 0.05
    assert mind.write(ask("Name a colour."), seed=1, max_tokens=4) == before


def test_a_base_model_continues_a_dialogue_in_one_line(weak):
    reply = weak.write(ask("How many legs has a dog?"), seed=1, max_tokens=20)
    assert reply and "\n" not in reply and "User:" not in reply


def test_a_prompt_that_does_not_fit_is_an_input_error(weak):
    with pytest.raises(InputError, match=r"mind gemma-3-270m: .* context is 3072 tokens"):
        weak.write(ask("hello " * 4000), seed=1)
    with pytest.raises(InputError, match=r"mind gemma-3-270m: .* context is 3072 tokens"):
        weak.vector("hello " * 4000)
