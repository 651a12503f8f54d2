"""What holds of the education part of the seed suite alone: languages, stressed words in answers, respellings."""

from collections import Counter

from s2s_arena.build.checks import has_word, words
from s2s_arena.build.languages import spaced
from s2s_arena.records.samples import Sample

from .seed_suite import answered_in, every, of, twins

SAMPLES = of("education")


def test_language_consistency_is_asked_in_twelve_languages():
    found = {s.language for s in SAMPLES if s.task == "language_consistency"}
    assert found == {"en", "zh", "ja", "hi", "es", "fr", "de", "ko", "it", "pt", "ru", "ar"}


def test_twins_are_eighteen_pairs():
    assert len(twins(SAMPLES)) == 18


@every(SAMPLES)
def test_stressed_and_paused_words_occur_in_the_expected_answer(sample: Sample):
    for e in sample.expects:
        if e.cue in ("emphasis", "pause"):
            options, language = e.want.split("|"), answered_in(sample)
            assert any(has_word(r, o, language=language) for r in sample.references for o in options)


@every(SAMPLES)
def test_the_language_of_the_answer_is_said_where_it_matters(sample: Sample):
    if sample.task == "language_consistency":
        assert answered_in(sample) == sample.language and "language" in {e.cue for e in sample.expects}
    if sample.task == "cross_lingual_emotional_translation":
        assert answered_in(sample) == sample.attributes["target_language"] != sample.language


@every(SAMPLES)
def test_what_the_voice_is_given_differs_from_the_script_by_few_words(sample: Sample):
    [turn] = sample.turns
    if turn.respelling:
        written, given = turn.script, turn.respelling
        if spaced(sample.language):
            changed = Counter(words(given)) - Counter(words(written))
            assert 0 <= changed.total() <= 3
        else:
            assert abs(len(given) - len(written)) <= 1
