"""Near duplicates: shared words in any order, by language, twins excepted."""

from s2s_arena.build.similarity import near_duplicates
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Turn


def sample(id: str, script: str, language: str = "en", twin: str | None = None) -> Sample:
    return Sample(id=SampleId(id), language=language, turns=(Turn(script=script, language=language),), twin_group=twin)


def test_the_same_words_in_another_order_are_found():
    pair = (sample("a", "Where is the nearest exit?"), sample("b", "The nearest exit is where?"))
    assert near_duplicates(pair) == (("a", "b", 1.0),)


def test_other_words_and_other_languages_are_not():
    assert near_duplicates((sample("a", "Where is the exit?"), sample("b", "Sing me something old."))) == ()
    assert near_duplicates((sample("a", "OK Taxi"), sample("b", "OK Taxi", language="de"))) == ()


def test_twins_are_left_out():
    assert near_duplicates((sample("a", "I am fine.", twin="t"), sample("b", "I am fine.", twin="t"))) == ()


def test_chinese_is_compared_by_neighbouring_characters():
    first = sample("a", "请问火车站怎么走？", "zh")
    assert near_duplicates((first, sample("b", "请问，火车站怎么走", "zh")))[0][2] == 1.0
    assert near_duplicates((first, sample("b", "你怎么问我请客的事", "zh"))) == ()
