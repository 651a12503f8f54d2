"""Replies are read strictly, then tolerantly, and otherwise not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.replies import parse_reply, schema
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.testing.judging_minds import as_json

ALL = tuple(Criterion)
FIRST, SECOND, TIE = Outcome.FIRST, Outcome.SECOND, Outcome.TIE


def read(text: str, **options: bool):
    return parse_reply(text, criteria=ALL, **options)


def test_what_was_asked_for_is_read_strictly():
    text = '{"reason": "clear", "instruction": "1", "expressiveness": "0", "quality": "2", "winner": "2"}'
    parsed = read(text)
    assert (parsed.outcome, parsed.how, parsed.reason) == (SECOND, "strict", "clear")
    assert parsed.criteria == {
        Criterion.INSTRUCTION: FIRST,
        Criterion.EXPRESSIVENESS: TIE,
        Criterion.QUALITY: SECOND,
    }


def test_the_schema_asks_for_just_that():
    asked = schema(ALL)
    assert asked["required"] == list(json.loads(as_json("1"))) and asked["additionalProperties"] is False
    assert asked["properties"]["winner"]["enum"] == ["1", "2"]
    assert schema(ALL, ties=True)["properties"]["winner"]["enum"] == ["1", "2", "0"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (f"Sure!\n```json\n{as_json('2')}\n```", SECOND),
        (as_json("1") + "\nI hope this helps.", FIRST),
        ('{"winner": 1}', FIRST),
        ('{"winner": 2.0, "reason": "x"}', SECOND),
        ('{"Winner": "Answer 2"}', SECOND),
        ('{"winner": "the first answer"}', FIRST),
        ('{"winner": "A"}', FIRST),
        ("{'winner': '2', 'reason': \"it's clear\"}", SECOND),
        ('{"better": "second", "reason": "a {strange} one"}', SECOND),
        ('{"winner": "第一个回答"}', FIRST),
        ('{"reason": "line\nbreak", "winner": "1"}', FIRST),
        ('{"reason": "cut off at the end", "winner": "2"', SECOND),
        ("Winner: 2", SECOND),
        ("**Winner:** Answer 1", FIRST),
        ("The winner is Reply 2.", SECOND),
        ("Overall: B\n", SECOND),
        ("胜者：1", FIRST),
        ("2", SECOND),
        ("Answer 1.", FIRST),
        ("The first answer is better.", FIRST),
        (as_json("1") + as_json("1"), FIRST),
    ],
)
def test_other_spellings_are_read_tolerantly(text, outcome):
    parsed = read(text)
    assert (parsed.outcome, parsed.how) == (outcome, "tolerant")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Both answers have merits.",
        "Answer 1 is friendlier than answer 2, which is clearer.",
        as_json("1") + as_json("2"),
        "Winner: 1\nOn second thought, winner: 2",
        '{"winner": "1 or 2"}',
        '{"winner": null}',
        '{"winner": ""}',
        '{"winner": true}',
        '{"winner": "3"}',
        '{"winner": ["1"]}',
        '{"instruction": "1", "quality": "1"}',
        '{"winner": "1", "better": "2"}',
        "Overall: 2/5 for the first",
        "The verdict is a close one.",
        "Verdict: first of all, both are good",
        "winner",
        "[1, 2]",
        "{" * 5000,
    ],
)
def test_nothing_is_guessed(text):
    with pytest.raises(JudgeFailure, match=r"^unparsed"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot judge these.",
        "抱歉，我无法完成这个任务。",
    ],
)
def test_a_refusal_is_called_one(text):
    with pytest.raises(JudgeFailure, match=r"^refused"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot listen to audio files. Please give me a transcript.",
        "No audio was provided, so I cannot compare them.",
        "It seems that I did not receive any audio.",
        "我没有收到任何音频。",
        '{"reason": "No audio files were attached, so I chose at random.", "instruction": "1", "expressiveness": "1", '
        '"quality": "1", "winner": "1"}',
    ],
)
def test_a_judge_that_heard_nothing_is_found_out_even_if_it_decides(text):
    with pytest.raises(JudgeFailure, match=r"^unheard"):
        read(text)


def test_a_reason_may_speak_of_a_silent_answer():
    text = as_json("1").replace("more words", "the second answer has no audio in it at all")
    assert read(text).outcome is FIRST


def test_a_tie_counts_only_where_it_is_allowed():
    assert read(as_json("0"), ties=True).outcome is TIE
    with pytest.raises(JudgeFailure, match=r"^undecided"):
        read(as_json("0"))


@given(st.text(max_size=300))
def test_any_text_is_read_or_fails_as_a_judge_does(text):
    try:
        assert read(text).outcome in (FIRST, SECOND)
    except JudgeFailure as failure:
        assert str(failure).split(":")[0] in ("unparsed", "refused", "unheard", "undecided")


@given(st.sampled_from(["1", "2"]), st.text(max_size=60), st.text(max_size=60))
def test_what_stands_around_the_object_does_not_turn_it(winner, before, after):
    try:
        outcome = read(before + as_json(winner) + after).outcome
    except JudgeFailure:
        return
    assert outcome is (FIRST if winner == "1" else SECOND)
