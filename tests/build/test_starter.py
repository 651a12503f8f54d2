"""The starter suite as data: what it covers, and that its twins cannot be told apart by their words."""

from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from s2s_arena.build.checks import fault, has_word
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.scripts import starter
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.stage import estimated_s
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import DOMAINS, SEED_TASKS, Level

SAMPLES = starter()
every = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)


def twins() -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in SAMPLES:
        if sample.twin_group:
            groups[sample.twin_group].append(sample)
    return groups


def wants(sample: Sample, cue: str) -> set[str]:
    return {option.lower() for e in sample.expects if e.cue == cue for option in e.want.split("|")}


def fits(sample: Sample, reply: str) -> bool:
    """Whether a reply has the words the sample asks for."""
    said = reply.lower()
    needed = [e.want.lower().split("|") for e in sample.expects if e.cue == "contains"]
    barred = [e.want.lower().split("|") for e in sample.expects if e.cue == "lacks"]
    return all(any(o in said for o in options) for options in needed) and not any(
        option in said for options in barred for option in options
    )


def test_it_has_forty_samples_with_distinct_ids():
    assert len(SAMPLES) == 40 == len({sample.id for sample in SAMPLES})


def test_every_seed_task_occurs_in_its_own_domain():
    assert {(s.task, s.domain) for s in SAMPLES} == set(SEED_TASKS.items())


def test_all_levels_domains_and_two_languages_are_well_filled():
    assert Counter(s.level for s in SAMPLES) == {Level.L1: 6, Level.L2: 10, Level.L3: 12, Level.L4: 12}
    assert set(Counter(s.domain for s in SAMPLES)) == set(DOMAINS)
    languages = Counter(s.language for s in SAMPLES)
    assert languages["en"] >= 24 and languages["zh"] >= 12


def test_at_least_four_samples_have_noise_at_5_to_15_db():
    noisy = [s.turns[0].background for s in SAMPLES if s.turns[0].background]
    assert len(noisy) >= 4 and len({b.scene for b in noisy}) >= 4
    assert all(5 <= b.snr_db <= 15 for b in noisy)


def test_no_two_scripts_are_alike_but_for_twins():
    assert near_duplicates(SAMPLES) == ()


def test_there_are_at_least_six_twin_groups_of_two():
    assert len(twins()) >= 6
    assert all(len(group) == 2 for group in twins().values())


def test_twins_say_the_same_words_and_differ_only_in_how():
    for group in twins().values():
        first, second = group
        same = {"delivery": Delivery(), "traits": Traits(), "background": None, "respelling": None, "labels": {}}
        assert replace(first.turns[0], **same) == replace(second.turns[0], **same)
        assert first.turns[0] != second.turns[0]
        assert (first.level, first.task, first.language) == (second.level, second.task, second.language)
        assert first.level is not None and first.level.perceives


def test_no_answer_is_right_for_both_twins():
    for group in twins().values():
        for sample, other in (group, group[::-1]):
            for reference in sample.references:
                assert fits(sample, reference), (sample.id, reference)
                assert not fits(other, reference), (other.id, reference)


def test_what_one_twin_wants_the_other_does_not():
    for first, second in twins().values():
        assert not wants(first, "contains") & wants(second, "contains")


@every
def test_a_reference_answer_has_the_words_that_are_expected(sample):
    assert sample.references
    assert any(fits(sample, reference) for reference in sample.references)


@every
def test_the_turn_can_be_spoken_and_lasts_two_to_eight_seconds(sample):
    [turn] = sample.turns
    assert fault(turn) is None
    assert 1.9 <= estimated_s(turn) <= 8.0


@every
def test_input_is_neutral_where_the_level_perceives_nothing(sample):
    if not sample.level.perceives:
        assert sample.turns[0].delivery.neutral
    elif sample.twin_group is None:
        assert not sample.turns[0].delivery.neutral or sample.turns[0].respelling


@every
def test_levels_that_express_ask_for_a_delivery_and_the_others_for_a_neutral_one(sample):
    cues = {e.cue for e in sample.expects}
    if sample.level.expresses:
        assert cues & DELIVERY and "neutral" not in cues
    else:
        assert "neutral" in cues and not cues & DELIVERY


@every
def test_labels_say_what_the_delivery_directs(sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    assert labels["gender"] == turn.traits.gender
    assert labels["noise"] == (turn.background.scene if turn.background else "none")
    assert labels.get("age") == turn.traits.age
    if delivery.emotion:
        assert labels["emotion"] == delivery.emotion
    for word in (labels.get("emphasis"), labels.get("pause")):
        assert word is None or has_word(turn.script, word, language=turn.language)
    if delivery.rate >= 1.1:
        assert labels["pace"] == "fast"
    if delivery.rate <= 0.8:
        assert labels["pace"] == "slow"
    if delivery.volume_db <= -4:
        assert labels["loudness"] == "soft"


@every
def test_judges_are_told_what_is_good_and_what_is_bad(sample):
    assert "Good:" in sample.guideline and "Bad:" in sample.guideline


@every
def test_medical_samples_are_marked_and_have_a_red_flag(sample):
    if sample.domain == "medical":
        assert sample.provenance.notice == "not clinical advice"
        assert any(item.red_flag for item in sample.rubric)
