"""Near duplicates: shared words in any order, by language, twins excepted."""

import numpy as np

from s2s_arena.build.scripts import seed
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


def test_many_scripts_are_compared_as_few_are(monkeypatch):
    rng = np.random.default_rng(2)
    lines = [s.turns[0].script.split() for s in seed() if s.language == "en"]
    words = [word for line in lines for word in line]
    made = []
    for number in range(300):
        line = list(lines[int(rng.integers(len(lines)))])
        for place in rng.permutation(len(line))[: int(rng.integers(0, len(line)))]:
            line[place] = words[int(rng.integers(len(words)))]
        made.append(sample(str(number), " ".join(line)))
    one_by_one = near_duplicates(made)
    monkeypatch.setattr("s2s_arena.build.similarity.FEW", 10)
    assert sorted(near_duplicates(made)) == sorted(one_by_one) and len(one_by_one) > 10
