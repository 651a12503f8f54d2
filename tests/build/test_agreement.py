"""Agreement of transcripts with scripts: the same words agree, whatever the spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.agreement import agreement


@pytest.mark.parametrize(
    ("script", "heard", "language"),
    [
        ("What is two plus three?", "What is 2 plus 3", "en"),
        ("Count from one to ten!", "count from 1 to 10.", "en"),
        ("Don’t go.", "don't go", "en"),
        ("十四是十四，四十是四十。", "14是14,40是40", "zh"),
        ("日本で一番高い山。", "日本で一番高い山", "ja"),
    ],
)
def test_the_same_words_agree_wholly(script, heard, language):
    assert agreement(script, heard, language=language) == 1.0


@pytest.mark.local  # needs pypinyin
@pytest.mark.parametrize(("script", "heard"), [("明天早上八点。", "明天早上8點"), ("他在哪里？", "她在哪里")])
def test_chinese_homophones_and_traditional_characters_agree(script, heard):
    assert agreement(script, heard, language="zh") == 1.0


@pytest.mark.parametrize(("script", "heard", "language"), [("Good morning.", "", "en"), ("你好", "", "zh")])
def test_nothing_heard_does_not_agree_at_all(script, heard, language):
    assert agreement(script, heard, language=language) == 0.0


def test_by_hand():
    # "abcd" and "abxd" have a, b, d in common: 2 * 3 / 8.
    assert agreement("abcd", "abxd", language="en") == pytest.approx(0.75)


@given(st.text(), st.text(), st.sampled_from(["en", "zh", "ja"]))
def test_it_is_a_share_and_symmetric(first, second, language):
    value = agreement(first, second, language=language)
    assert 0.0 <= value <= 1.0
    assert value == pytest.approx(agreement(second, first, language=language))
