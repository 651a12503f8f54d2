import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.cues.numbers import english_numbers, han_numbers
from s2s_arena.cues.syllables import syllables
from s2s_arena.cues.words import agreement, error_rate, likeness, place, tokens


@settings(deadline=None)  # the first Chinese text loads a dictionary
@given(st.lists(st.sampled_from(["river", "road", "ten", "窗", "户", "don't", "Yes"]), min_size=1, max_size=8))
def test_speech_that_says_its_text_agrees_with_it_fully(words):
    text = " ".join(words)
    assert agreement(text, text.title() + "!", "en") == 1.0


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(["en", "zh", "ja"]))
def test_agreement_is_between_nothing_and_all(meant, heard, language):
    assert 0.0 <= agreement(meant, heard, language) <= 1.0


def test_one_wrong_word_of_four_is_a_quarter():
    assert error_rate("close the blue door", "close the new door", "en") == pytest.approx(0.25)


def test_half_an_answer_agrees_by_half():
    assert agreement("one red two blue", "one red", "en") == pytest.approx(0.5)


def test_silence_disagrees_with_words_and_agrees_with_silence():
    assert agreement("hello", "", "en") == 0.0
    assert agreement("", "", "en") == 1.0


@pytest.mark.parametrize(
    ("written", "spoken", "language"),
    [
        ("21 cats", "twenty-one cats", "en"),
        ("1,250 people", "one thousand two hundred and fifty people", "en"),
        ("I'm fine, it isn't far.", "I am fine it is not far", "en"),
        ("二十一点", "21点", "zh"),
        ("请把窗户关上", "請把窗戶關上", "zh"),
        ("カフェ", "かふぇ", "ja"),
    ],
)
def test_two_ways_to_write_the_same_words_agree(written, spoken, language):
    pytest.importorskip("pypinyin") if language == "zh" else None
    assert agreement(written, spoken, language) == 1.0


def test_neighbouring_numbers_stay_apart():
    assert english_numbers(["one", "two", "nineteen", "ninety", "nine"]) == ["1", "2", "19", "99"]
    assert han_numbers("一百零五和三万五千") == "105和35000"


def test_mixed_text_counts_words_and_characters():
    assert tokens("说 hello 吧", "zh")[1] == "hello"
    assert len(tokens("说 hello 吧", "zh")) == 3


def test_a_phrase_is_found_as_heard_nearly():
    words = ["We", "planted", "tomatos", "along", "the", "wall"]
    assert place("tomatoes", words, "en") == (2, 2)
    assert place("the wall", words, "en") == (4, 5)
    assert place("ceiling", words, "en") is None


def test_short_words_that_differ_by_a_letter_are_other_words():
    assert place("cat", ["the", "car"], "en") is None
    assert likeness("cat", "the car", "en") == 0.0


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("the table was painted", "en", 6),
        ("something beautiful walked home", "en", 7),
        ("a situation in a quiet museum", "en", 12),
        ("明天见面。", "zh", 4),
        ("きょうは", "ja", 3),
        ("...", "en", 0),
    ],
)
def test_syllables(text, language, count):
    assert syllables(text, language) == count


def test_kanji_count_as_about_two_morae():
    assert syllables("学校", "ja") == pytest.approx(3.8)
    assert syllables("学校", "zh") == 2


def test_words_of_scripts_with_vowel_signs_stay_whole():
    assert tokens("नमस्ते, आप कैसे हैं?", "hi") == ("नमस्ते", "आप", "कैसे", "हैं")
    assert tokens("வணக்கம் உலகம்", "ta") == ("வணக்கம்", "உலகம்")
    assert tokens("สวัสดี", "th") == ("สวัสดี",)
    assert agreement("किताब कहाँ है", "किताब कहाँ है", "hi") == 1.0
    assert agreement("किताब कहाँ है", "कतब कह ह", "hi") < 0.5, "other vowels are other words"


def test_vowel_signs_that_are_optional_do_not_matter():
    assert tokens("مُعَلِّم", "ar") == tokens("معلم", "ar")


@pytest.mark.local
@pytest.mark.parametrize(
    ("meant", "said"),
    [
        ("明天", "平淡"),
        ("星期三", "星期五"),
        ("买", "卖"),
        ("高兴", "伤心"),
        ("生气", "生病"),
        ("红色", "蓝色"),
        ("书店", "出租"),
    ],
)
def test_chinese_words_that_sound_somewhat_alike_are_other_words(meant, said):
    assert likeness(meant, f"我想说{said}这个词", "zh") < 0.75
    assert likeness(meant, f"我想说{meant}这个词", "zh") == 1.0


@pytest.mark.local
@pytest.mark.parametrize(("meant", "heard"), [("老师", "老是"), ("他们", "她们"), ("請問", "请问"), ("二十一", "21")])
def test_homophones_other_characters_and_one_slip_of_tone_are_the_speakers_word(meant, heard):
    assert likeness(meant, f"我说{heard}", "zh") > 0.75


@pytest.mark.parametrize(
    ("meant", "heard"), [("light", "right"), ("grey", "clay"), ("fifteen", "fifty"), ("cheap", "sheep")]
)
def test_a_single_word_that_differs_clearly_is_another_word(meant, heard):
    assert likeness(meant, f"I heard {heard} twice", "en") == 0.0


@pytest.mark.parametrize(
    ("meant", "heard"),
    [
        ("tomatoes", "tomatos"),
        ("ice cream", "icecream"),
        ("notebook", "note book"),
        ("colour", "color"),
        ("good bye", "goodbye"),
    ],
)
def test_other_spellings_of_a_word_are_the_word(meant, heard):
    assert likeness(meant, f"I heard {heard} twice", "en") >= 0.84


def test_a_misheard_word_in_a_phrase_counts_in_part():
    assert 0.75 < likeness("feed the brown cat", "please feed the brawn cat now", "en") < 1.0
