"""Which pairs are drawn: no two alike, never of an answer that the probe says nothing about."""

from dataclasses import replace

import pytest

from s2s_arena.judge.probes.kinds import KINDS, Probe, possible
from s2s_arena.judge.probes.recipes import asked, draw, refuses, shortened
from s2s_arena.judge.probes.sources import sources
from s2s_arena.records.identity import ResponseKey
from s2s_arena.records.responses import Response, Take, take_of
from s2s_arena.records.samples import Expectation
from s2s_arena.records.taxonomy import Level
from tests.judge.probes.parts import answered, in_their_languages

EN = frozenset({"en"})


def test_every_probe_gets_as_many_different_pairs_as_there_are():
    world = answered(samples=6, languages=("en", "zh"))
    recipes = draw(in_their_languages(world), probes=tuple(Probe), pairs=5, languages=EN, seed=1)
    assert len({r.subject for r in recipes}) == len(recipes)
    assert {p: sum(r.probe is p for r in recipes) for p in Probe} == dict.fromkeys(Probe, 5)


def test_a_draw_depends_on_the_seed_and_on_no_other_probe():
    world = answered()
    every = draw(world.sources, probes=tuple(Probe), pairs=4, languages=EN, seed=1)
    alone = draw(world.sources, probes=(Probe.PACE,), pairs=4, languages=EN, seed=1)
    assert [r.subject for r in every if r.probe is Probe.PACE] == [r.subject for r in alone]
    other = draw(world.sources, probes=(Probe.PACE,), pairs=4, languages=EN, seed=2)
    assert [r.subject for r in other] != [r.subject for r in alone]


def test_another_answer_is_of_another_sample_in_the_same_language_and_another_language_is_another():
    world = answered(samples=8, languages=("en", "zh"))
    found = draw(in_their_languages(world), probes=(Probe.OTHER, Probe.LANGUAGE), pairs=60, languages=EN, seed=0)
    assert {recipe.probe for recipe in found} == {Probe.OTHER, Probe.LANGUAGE}
    for recipe in found:
        assert recipe.other is not None
        assert recipe.other.sample.id != recipe.source.sample.id
        assert (recipe.other.language == recipe.source.language) is (recipe.probe is Probe.OTHER)


def test_an_answer_that_is_not_in_its_samples_language_makes_no_pair_of_languages():
    world = answered(samples=8, languages=("en", "zh"))  # all answers are English words
    assert not draw(world.sources, probes=(Probe.LANGUAGE,), pairs=60, languages=EN, seed=0)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("I'm sorry, but I can't assist with that request.", True),
        ("抱歉，我无法回答这个问题。", True),
        ("I'm sorry to hear that. Get some rest.", False),
        ("You can't park here.", False),
        ("Sorry, I didn't catch that.", True),
        ("Could you say that again, please?", True),
        ("你刚才说的我听不懂，你再说一遍。", True),
        ("I don't get up before eight.", False),
        ("I'm sorry to hear that. Don't worry, it will pass.", False),
    ],
)
def test_a_refusal_is_no_better_than_an_answer_to_something_else(text: str, is_one: bool):
    more = [" ".join(f"{word}{'abcdefghijkl'[n]}" for word in ("moon", "river", "stone", "apple")) for n in range(12)]
    world = answered(languages=("en",) if text.isascii() else ("zh",))
    refused = [replace(s, texts=(f"{text} {more[n]}",)) for n, s in enumerate(world.sources)]
    assert [refuses(source) for source in refused] == [is_one] * len(refused)
    assert bool(draw(refused, probes=(Probe.OTHER,), pairs=3, languages=EN, seed=0)) is not is_one
    assert draw(refused, probes=(Probe.HALF,), pairs=3, languages=EN, seed=0)


def test_an_answer_that_turns_away_any_request_is_no_answer_to_another_one():
    whole = answered(samples=4).sources
    away = [replace(s, texts=("I'm sorry, but I can't help you with that.",)) for s in whole if s.sample.id != "s0"]
    kept = [s for s in whole if s.sample.id == "s0"]
    assert not draw([*kept, *away], probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)
    assert draw(whole, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)


def test_an_answer_in_a_language_nobody_asked_for_is_no_right_one_and_no_other_one():
    whole = in_their_languages(answered(samples=4))
    foreign = [replace(s, texts=("我不知道你在说什么，明天再来吧。",)) for s in whole if s.sample.id != "s0"]
    kept = [s for s in whole if s.sample.id == "s0"]
    assert not draw([*kept, *foreign], probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)
    halved = draw([*kept, *foreign], probes=(Probe.HALF,), pairs=9, languages=EN, seed=0)
    assert {recipe.source.sample.id for recipe in halved} == {"s0"}


def test_twins_and_equal_words_are_no_wrong_answer():
    world = answered(samples=2)
    twins = tuple(replace(s, sample=replace(s.sample, twin_group="t")) for s in world.sources)
    assert not draw(twins, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)
    same = tuple(replace(s, texts=("the same",)) for s in world.sources)
    assert not draw(same, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)
    counts = ("5, 4, 3, 2, 1.", "10, 9, 8, 7, 6, 5, 4, 3, 2, 1.")
    among = tuple(replace(s, texts=(counts[n % 2],)) for n, s in enumerate(world.sources))
    assert not draw(among, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)
    counts = ("One, two, three, four, five.", "9, 8, 7, 6, 5, 4, 3, 2, 1.")
    written = tuple(replace(s, texts=(counts[n % 2],)) for n, s in enumerate(world.sources))
    assert not draw(written, probes=(Probe.OTHER,), pairs=9, languages=EN, seed=0)


def test_real_pairs_are_two_systems_on_one_sample_and_each_pair_once():
    world = answered(samples=4)
    recipes = draw(world.sources, probes=(Probe.REAL,), pairs=60, languages=EN, seed=0)
    assert len(recipes) == 4
    assert all(r.other and r.other.system != r.source.system for r in recipes)


def test_singing_is_no_speech_to_probe():
    world = answered(samples=2)
    sung = tuple(
        replace(s, sample=replace(s.sample, expects=(Expectation(cue="style", want="sing"),))) for s in world.sources
    )
    assert not draw(sung, probes=tuple(Probe), pairs=9, languages=EN, seed=0)


@pytest.mark.parametrize("probe", [Probe.HALF, Probe.NOISE_0, Probe.SILENCE])
def test_an_answer_in_a_language_that_was_not_asked_for_makes_no_pair(probe: Probe):
    world = answered(samples=4)
    wants = (Expectation(cue="language", want="zh-CN"),)
    asks = [replace(s, sample=replace(s.sample, expects=wants)) for s in world.sources]
    assert draw(asks, probes=(probe,), pairs=3, languages=EN, seed=0) == ()
    obeys = [replace(s, texts=("今天的天气真好呀。",)) for s in asks]
    assert len(draw(obeys, probes=(probe,), pairs=3, languages=EN, seed=0)) == 3


def test_what_needs_a_voice_or_words_is_only_drawn_where_there_are_any():
    world = answered(samples=4, languages=("en", "fi"))
    spoken = draw(world.sources, probes=(Probe.EMOTION, Probe.PADDED), pairs=60, languages=EN, seed=0)
    assert {r.source.language for r in spoken} == {"en"}
    wordless = tuple(replace(s, texts=("",)) for s in world.sources)
    probes = tuple(p for p in Probe if KINDS[p].words)
    assert not draw(wordless, probes=probes, pairs=60, languages=EN, seed=0)
    assert not set(possible(reshapes=False, speaks=False)) & {Probe.PACE, Probe.EMOTION, Probe.ROBOTIC}


def test_a_probe_of_delivery_asks_for_what_the_better_answer_does():
    world = answered(samples=4)
    for recipe in draw(world.sources, probes=(Probe.PACE, Probe.MONOTONE), pairs=8, languages=EN, seed=0):
        sample = asked(recipe)
        assert sample.level is Level.L3
        assert recipe.source.words in sample.turns[0].script
        want = str(recipe.settings.get("want", "wide"))
        assert [e.want for e in sample.expects] == [want]
    plain = draw(world.sources, probes=(Probe.NOISE_5,), pairs=1, languages=EN, seed=0)[0]
    assert asked(plain) == plain.source.sample


LONG = f"One two three four. {'five ' * 30}"


@pytest.mark.parametrize(
    ("text", "short"),
    [("One two three four. Five six.", "One two three four. Five six."), (LONG, "One two three four.")],
)
def test_a_voice_says_whole_sentences_where_it_can(text: str, short: str):
    source = replace(answered(samples=1).sources[0], texts=(text,))
    assert shortened(source) == short


def test_an_answer_that_is_the_question_is_no_source():
    world = answered(samples=2)
    takes = list(world.store.all(Take))
    asked_back = world.suite.samples[0].turns[0]
    response = world.store.get(Response, takes[0].responses[0])
    assert response is not None
    echo = replace(response, key=ResponseKey("echo"), speech=asked_back.speech)
    parrot = replace(response, key=ResponseKey("parrot"), text=asked_back.script.upper())
    nearly = replace(response, key=ResponseKey("nearly"), text=f"Say, {asked_back.script}!")
    world.store.put(echo, parrot, nearly)
    wrong = [take_of([each]) for each in (echo, parrot, nearly)]
    found = sources([*wrong, *takes], suite=world.suite, store=world.store)
    assert [s.take for s in found] == [t.id for t in takes]
