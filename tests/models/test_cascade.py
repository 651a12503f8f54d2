"""A cascade hears, answers in the user's language and says what it wrote."""

import pytest

from s2s_arena.errors import CardError, EmptyAnswer
from s2s_arena.models.cascade import build, clean, sentences, written_language
from s2s_arena.protocols import Answer, Exchange, Request
from tests.models.doubles import Ears, FakeParts, Mind, Voice, tone

SETTINGS = {"mind": "m", "voice": "v"}


def cascade(ears, mind, voice, **settings):
    return build({**SETTINGS, **settings}, FakeParts(ears, mind, voice))


def test_it_says_what_the_mind_wrote_and_tells_what_it_heard():
    voice = Voice("en")
    answer = cascade(Ears("How are you?"), Mind("I am fine."), voice).answer(Request(speech=tone(), sample="s"))
    assert answer.text == voice.said[0].text == "I am fine."
    assert answer.raw["heard"] == "How are you?"
    assert answer.first_audio_s is not None and answer.first_audio_s >= 0


def test_flattened_means_no_pitch_range_and_nothing_else():
    voice = Voice("en")
    cascade(Ears("Hi"), Mind("Hello."), voice, flatten=True).answer(Request(speech=tone(), sample="s"))
    assert voice.said[0].segments[0].delivery.pitch_range == 0.0


def test_chinese_is_answered_in_chinese():
    voice, mind = Voice("en", "zh"), Mind("我很好。")
    cascade(Ears("你好吗？", "zh"), mind, voice).answer(Request(speech=tone(), sample="s"))
    assert voice.said[0].segments[0].language == "zh"
    assert "Speak Chinese" in mind.seen[0][0].content


def test_a_voice_without_the_users_language_answers_in_its_own():
    mind = Mind("我很好。", "I am fine.")
    answer = cascade(Ears("你好吗？", "zh"), mind, Voice("en")).answer(Request(speech=tone(), sample="s"))
    assert answer.text == "I am fine."
    assert "English words only" in mind.seen[1][0].content


def test_nothing_speakable_however_often_is_an_empty_answer():
    with pytest.raises(EmptyAnswer, match="which a voice of en cannot say"):
        cascade(Ears("Hi"), Mind("...", "你好", "你好"), Voice("en")).answer(Request(speech=tone(), sample="s"))


def test_a_reply_in_a_language_the_voice_lacks_is_translated_by_the_mind():
    mind = Mind("你好", "您好", "Hello to you.")
    answer = cascade(Ears("你好", language="zh"), mind, Voice("en")).answer(Request(speech=tone(), sample="s"))
    assert answer.text == "Hello to you."
    assert mind.seen[2][-1].content == "In English: 您好"


def test_earlier_turns_are_told_and_not_heard_again():
    ears, mind = Ears("And now?"), Mind("Still fine.")
    past = Exchange(user=tone(), answer=Answer(speech=tone(), text="I am fine.", raw={"heard": "How are you?"}))
    cascade(ears, mind, Voice("en")).answer(Request(speech=tone(), sample="s", turn=1, history=(past,)))
    assert [message.content for message in mind.seen[0]][-3:] == ["How are you?", "I am fine.", "And now?"]
    assert ears.calls == 1


def test_a_setting_that_nobody_knows_is_a_card_error():
    with pytest.raises(CardError, match=r"settings\.flaten: unknown to cascade; known are ears"):
        cascade(Ears(""), Mind(), Voice("en"), flaten=True)


def test_a_reply_is_cleaned_for_speaking():
    assert clean("**Sure!**  Here\nyou go 😀.") == "Sure! Here you go ."
    assert clean("One sentence. And one that was cut off in the mid") == "One sentence."
    assert clean("no end at all") == "no end at all"


def test_sentences_keep_decimals_whole():
    assert sentences("It is 3.5 metres. Really! 好的。走吧。") == ["It is 3.5 metres.", "Really!", "好的。", "走吧。"]
    assert sentences("A. B. C. D. E.", most=2) == ["A.", "B. C. D. E."]


def test_the_script_tells_the_language():
    assert written_language("你好", "en") == "zh"
    assert written_language("こんにちは", "en") == "ja"
    assert written_language("Hello", "zh") == "en"
    assert written_language("Hallo", "de") == "de"
