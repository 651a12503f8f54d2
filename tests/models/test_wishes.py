"""Wishes about the sound of an answer are spotted, and only those."""

import pytest

from s2s_arena.models.wishes import Wishes, spot


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please whisper a good night wish to me.", {"style": "whisper"}),
        ("Could you sing happy birthday?", {"style": "sing"}),
        ("请小声说一句晚安。", {"style": "whisper"}),
        ("唱一首关于春天的歌。", {"style": "sing"}),
        ("Say hello to my grandmother, very slowly.", {"rate": "slow"}),
        ("Count to five, start slowly and then get faster.", {"rate": "slow_then_fast"}),
        ("Say it fast first, then slowly.", {"rate": "fast_then_slow"}),
        ("请慢慢地说。", {"rate": "slow"}),
        ("Tell me the news in a sad voice.", {"emotion": "sad"}),
        ("Say the line and sound really excited.", {"emotion": "excited"}),
        ("请用悲伤的语气读一句诗。", {"emotion": "sad"}),
        ("用生气的口吻说：你迟到了。", {"emotion": "angry"}),
        ("Read this like a robot, in a monotone.", {"range": "flat"}),
        ("Speak in a deep voice.", {"pitch": "low"}),
        ("Say that loudly, please.", {"volume": "loud"}),
        ("Speak like a little child.", {"age": "child"}),
    ],
)
def test_a_wish_is_spotted(text, wish):
    found = spot(text)
    assert found.explicit
    for name, value in wish.items():
        assert getattr(found, name) == value


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "I am in a sad mood today, what should I do?",
        "My brother is angry about the rent.",
        "How fast is light?",
        "今天天气怎么样？",
        "我今天很难过。",
        "How do I treat a burn?",
    ],
)
def test_plain_talk_holds_no_wish(text):
    assert spot(text) == Wishes()


def test_words_to_stress_and_to_pause_after_are_found():
    assert spot('Say "I love green tea" and emphasize the word green.').stress == ("green",)
    assert spot("Read it and pause after the word stop.").pauses == ("stop",)
    assert spot("请重读“今天”这两个字。").stress == ("今天",)


def test_a_task_that_asks_for_expression_performs():
    assert spot("Recite a short poem about the sea.").performs
    assert spot("给我讲个笑话吧。").performs
    assert not spot("What is two plus two?").performs
