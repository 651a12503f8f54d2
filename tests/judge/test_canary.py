"""The canary: nobody can write the words down who does not hear them, and one who hears passes."""

import threading

import pytest

from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.canary import WORDS, Canary, canary_messages, drawn, found
from s2s_arena.judge.presentations import Presentation
from s2s_arena.judge.prompts.listening import shipped
from s2s_arena.testing.ears import ScriptedTranscriber
from tests.judge.listeners import CANARY, cue_voice, prompts

SPOKEN, PARTS = Presentation.SPOKEN, Presentation.PARTS


def listens(messages):
    clips = [part for part in messages[-1].parts if not isinstance(part, str)]
    return " ".join(ScriptedTranscriber(CANARY).transcribe(clip).text for clip in clips)


def test_the_words_are_in_the_sound_and_not_in_the_text():
    words = drawn(CANARY, number=5)
    for presentation, clips in ((SPOKEN, 1), (PARTS, 2)):
        messages = canary_messages(words, prompts=prompts(), voice=cue_voice(), presentation=presentation)
        text = " ".join(part for message in messages for part in message.parts if isinstance(part, str))
        assert not any(word in text.lower().split() for word in words)
        assert len([part for part in messages[1].parts if not isinstance(part, str)]) == clips
        assert listens(messages).split() == list(words)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shipped_words_do_not_stand_in_the_shipped_question(language):
    texts = shipped()[language]
    asked = (texts.ask.canary + texts.ask.canary_system).lower()
    assert not [word for word in texts.canary.words if word in asked]
    assert len(set(texts.canary.words)) == len(texts.canary.words) >= 25


def test_each_canary_has_other_words_and_the_same_ones_in_every_run():
    many = [drawn(CANARY, number=n) for n in range(20)]
    assert len(set(many)) > 15 and all(len(set(words)) == WORDS for words in many)
    assert many == [drawn(CANARY, number=n) for n in range(20)]


def test_a_letter_is_forgiven_and_a_list_of_everything_is_not():
    words = ("apple", "bridge", "candle", "dragon")
    assert found(words, "Apples, bridge; candle and a dragon.") == 4
    assert found(words, "I hear apple, bridge, table, river") == 2
    assert found(words, " ".join([*words, *("other",) * 40])) == 0
    assert found(("苹果", "大桥"), "我听到苹果，大桥。") == 2


def test_a_chinese_word_may_be_written_as_another_of_its_sound():
    pytest.importorskip("pypinyin", reason="extra 'local' not installed")
    assert found(("篮子", "医生", "手指", "月亮"), "蓝子，衣生，熟知，月亮") == 4
    assert found(("篮子", "医生", "手指", "月亮"), "火车，学校，森林，老师") == 0
    for number in range(40):  # three of four are needed; one may sound alike by chance
        assert found(drawn(shipped()["zh"].canary.words, number=number), "什么也没听到，对不起，没有声音。") <= 1


def test_one_that_hears_is_asked_now_and_then_and_one_that_does_not_each_time():
    asked = []

    def hears(messages):
        asked.append(messages)
        return listens(messages)

    canary = Canary(cue_voice(), every=3)
    for _ in range(7):
        canary.check(hears, prompts=prompts(), presentation=SPOKEN)
    assert (len(asked), canary.heard, canary.missed) == (3, 3, 0)
    deaf = Canary(cue_voice(), every=3)
    for _ in range(4):
        with pytest.raises(JudgeFailure, match="of 4 words spoken to the judge it wrote down 0"):
            deaf.check(lambda messages: "good evening to all", prompts=prompts(), presentation=SPOKEN)
    assert deaf.missed == 4


def test_nobody_judges_on_while_it_is_open_whether_the_model_hears():
    entered, leave, passed = threading.Event(), threading.Event(), []

    def slow(messages):
        entered.set()
        leave.wait(10)
        return "nothing"

    canary = Canary(cue_voice())

    def check():
        try:
            canary.check(slow, prompts=prompts(), presentation=SPOKEN)
            passed.append(True)
        except JudgeFailure:
            pass

    threads = [threading.Thread(target=check) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    leave.set()
    for thread in threads:
        thread.join(10)
    assert not passed and canary.missed == 3
