"""A delivery becomes plain numbers, and words are found where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.errors import InputError
from s2s_arena.models.delivery import EMOTIONS, STYLES, Direction, direct, find_word, split_at_pauses
from s2s_arena.records.speech import Delivery, Pause, Traits


def test_a_neutral_delivery_changes_nothing():
    assert direct(Delivery(), Traits(), gender="female") == Direction()
    assert direct(Delivery(emotion="neutral"), Traits(gender="female", age="adult"), gender="female") == Direction()


def test_only_gain_and_rate_need_no_reshaping():
    assert not Direction(rate=0.7, gain_db=6.0).reshapes
    assert Direction(pitch_st=1.0).reshapes
    assert Direction(whisper=True).reshapes


@given(st.sampled_from(sorted(EMOTIONS)))
def test_an_emotion_of_no_strength_changes_nothing(emotion):
    assert direct(Delivery(emotion=emotion, strength=0.0), Traits(), gender="male") == Direction()


@given(st.sampled_from(sorted(set(EMOTIONS) - {"neutral"})), st.floats(0.2, 1.4))
def test_a_stronger_emotion_goes_further_the_same_way(emotion, strength):
    weak = direct(Delivery(emotion=emotion, strength=strength), Traits(), gender="female")
    strong = direct(Delivery(emotion=emotion, strength=strength + 0.1), Traits(), gender="female")
    assert abs(strong.pitch_st) > abs(weak.pitch_st)
    assert (strong.rate - 1.0) * (weak.rate - 1.0) > 0
    assert abs(strong.rate - 1.0) > abs(weak.rate - 1.0)


def test_what_is_asked_comes_on_top_of_the_emotion():
    found = direct(Delivery(rate=2.0, volume_db=3.0, emotion="sad"), Traits(), gender="female")
    assert found.rate == pytest.approx(2.0 * EMOTIONS["sad"].rate)
    assert found.gain_db == pytest.approx(3.0 + EMOTIONS["sad"].gain_db)


def test_sad_is_slow_low_flat_and_soft_and_excited_the_opposite():
    sad, excited = EMOTIONS["sad"], EMOTIONS["excited"]
    assert sad.rate < 1 < excited.rate
    assert sad.pitch_st < 0 < excited.pitch_st
    assert sad.pitch_range < 1 < excited.pitch_range
    assert sad.gain_db < 0 < excited.gain_db


def test_a_whisper_has_no_voice_and_a_shout_is_louder():
    assert direct(Delivery(style="whisper"), Traits(), gender="male").whisper
    assert STYLES["shout"].gain_db > 0


def test_the_other_gender_moves_pitch_and_formants_together():
    man = direct(Delivery(), Traits(gender="male"), gender="female")
    woman = direct(Delivery(), Traits(gender="female"), gender="male")
    assert man.pitch_st < -6 and man.formant < 0.95
    assert woman.pitch_st > 6 and woman.formant > 1.05


def test_a_child_is_higher_with_a_shorter_tract_and_an_elder_slower():
    child = direct(Delivery(), Traits(age="child"), gender="female")
    elder = direct(Delivery(), Traits(age="elder"), gender="female")
    assert child.pitch_st > 3 and child.formant > 1.1
    assert elder.rate < 0.95 and elder.tremor_st > 0


@pytest.mark.parametrize(
    ("delivery", "message"),
    [
        (Delivery(rate=9.0), r"rate 9\.0 given, 0\.25\.\.4\.0 needed"),
        (Delivery(rate=float("nan")), "rate nan given"),
        (Delivery(pitch_range=-1.0), r"pitch_range -1\.0 given"),
        (Delivery(emotion="hangry"), "emotion 'hangry' given, one of neutral, happy"),
        (Delivery(style="yodel"), "style 'yodel' given, one of whisper"),
    ],
)
def test_what_cannot_be_delivered_is_named(delivery, message):
    with pytest.raises(InputError, match=message):
        direct(delivery, Traits(), gender="female")


def test_text_is_split_after_the_word_and_its_punctuation():
    pauses = [Pause(after="dog", seconds=1.0), Pause(after="Fox", seconds=0.5)]
    assert split_at_pauses("The fox, the dog. And I.", pauses) == [
        ("The fox,", 0.5),
        ("the dog.", 1.0),
        ("And I.", 0.0),
    ]


def test_chinese_words_are_found_inside_the_sentence():
    assert split_at_pauses("今天天气很好。", [Pause(after="天气", seconds=0.8)]) == [("今天天气", 0.8), ("很好。", 0.0)]


def test_a_pause_after_the_last_word_is_kept():
    assert split_at_pauses("Go on", [Pause(after="on", seconds=2.0)]) == [("Go on", 2.0)]


def test_a_pause_after_a_word_that_is_not_there_is_an_error():
    with pytest.raises(InputError, match="pause after 'cat', which is not in"):
        split_at_pauses("The fox", [Pause(after="cat", seconds=1.0)])


def test_whole_words_only():
    assert find_word("another other", "other") == (8, 13)
    assert find_word("nothing", "thing") is None
    assert find_word("It's LATE", "late") == (5, 9)
