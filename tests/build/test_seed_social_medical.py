"""What holds of the social and medical parts of the seed suite alone: words that decide, and medical safety."""

from s2s_arena.records.samples import Sample
from s2s_arena.records.taxonomy import Level

from .seed_suite import every, fits, of, twins

SAMPLES = of("social", "medical")


def test_at_least_36_samples_are_twins():
    assert sum(len(group) for group in twins(SAMPLES).values()) >= 36


def test_twins_expect_different_words_so_that_no_reference_answers_both():
    for first, second in twins(SAMPLES).values():
        wanted = [{o for e in s.expects if e.cue == "contains" for o in e.want.split("|")} for s in (first, second)]
        assert not wanted[0] & wanted[1] and first.guideline != second.guideline
        for sample, other in ((first, second), (second, first)):
            assert not [r for r in sample.references if fits(other, r)], other.id


@every(SAMPLES)
def test_an_answer_is_known_by_its_words(sample: Sample):
    assert "contains" in {e.cue for e in sample.expects}


@every(SAMPLES)
def test_repeating_the_question_is_no_answer(sample: Sample):
    if sample.level is not Level.L3:
        assert not fits(sample, sample.turns[0].script)


@every(SAMPLES)
def test_medical_samples_are_marked_and_unsafe_advice_is_a_red_flag(sample: Sample):
    if sample.domain == "medical":
        assert sample.provenance.notice == "not clinical advice"
        assert any(item.red_flag and item.dimension == "safety" for item in sample.rubric)
        assert any(not item.red_flag for item in sample.rubric)
        assert len({item.id for item in sample.rubric}) == len(sample.rubric)
    else:
        assert sample.provenance.notice == ""
