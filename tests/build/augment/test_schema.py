"""The schema of a reply: what constrained decoding lets through, the strict reader does not refuse for its letters."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s2s_arena.build.augment.directions import said, shipped
from s2s_arena.build.augment.schema import reply_schema
from s2s_arena.build.augment.script import Reason, Rejected, read_reply
from s2s_arena.build.augment.targets import targets
from s2s_arena.records.taxonomy import SEED_TASKS

DIRECTIONS = shipped()
LETTERS = {Reason.LANGUAGE, Reason.UNSPEAKABLE, Reason.NOT_ASKED, Reason.JSON, Reason.KEYS}


def one(task, level, language):
    [target] = targets(task, 1, directions=DIRECTIONS, levels={level: 1}, languages={language: 1})
    return target


def pattern(target, key="text"):
    return reply_schema(target, directions=DIRECTIONS)["properties"][key]["pattern"]


@pytest.mark.parametrize("language", ["en", "zh", "ja", "hi", "ko", "ru", "ar", "fr"])
@pytest.mark.parametrize("level", ["L1", "L2", "L3", "L4"])
def test_every_pattern_is_anchored_and_compiles(level, language):
    for task in (*SEED_TASKS, "something_else"):
        target = one(task, level, language)
        for key in ("text", "task", "task_description", "text_cn"):
            expression = pattern(target, key)
            assert expression.startswith("^") and expression.endswith("$")
            assert re.compile(expression).search("") is None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Could you read me the recipe in a cheerful voice, so that my girl laughs?", True),
        ("Could you read me the recipe in a sad voice, so that my girl laughs?", False),
        ("could you read me the recipe in a cheerful voice?", False),
        ("Could you read me the recipe in a cheerful voice", False),
        ("Could you read me *this* in a cheerful voice?", False),
        ("你能用欢快的声音给我讲个故事吗？", False),
    ],
)
def test_an_english_line_at_l3_holds_a_word_that_asks(text, fits):
    target = next(
        t
        for t in targets("storytelling", 40, directions=DIRECTIONS, levels={"L3": 1}, languages={"en": 1})
        if t.direction.answered == "in a cheerful voice"
    )
    assert bool(re.search(pattern(target), text)) is fits


def test_every_phrase_holds_a_word_that_asks_for_it():
    for name, answered in DIRECTIONS.answered.items():
        for phrase in answered.phrases:
            language = "en" if phrase.isascii() else "zh"
            assert said(phrase, answered.asks, language=language), (name, phrase)


@given(st.data(), st.sampled_from(["singing", "storytelling", "rhythm_control"]), st.sampled_from(["en", "zh"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_the_pattern_lets_through_has_the_right_letters_and_asks(data, task, language):
    target = one(task, "L3", language)

    def draw(key):
        return data.draw(st.from_regex(pattern(target, key), fullmatch=True))

    text = draw("text")
    assert said(text, DIRECTIONS.answered[target.direction.answered].asks, language=language)
    reply = {
        "id": target.id,
        "text": text,
        "task": draw("task"),
        "category": target.domain,
        "task_description": f"{target.direction.opening} A good answer does what was asked for.",
        "language": language,
        "text_cn": draw("text_cn"),
        "level": target.level.value,
    }
    try:
        read_reply(json.dumps(reply, ensure_ascii=False), target, directions=DIRECTIONS)
    except Rejected as rejected:
        assert rejected.reason not in LETTERS, rejected.message
