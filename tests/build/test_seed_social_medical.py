"""The social and medical part of the seed suite as data: its counts, its twins, and what every sample must say."""

from collections import Counter, defaultdict
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from s2s_arena.build.checks import fault, has_word
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.scripts import load, starter
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.stage import estimated_s
from s2s_arena.cues.words import likeness
from s2s_arena.models.delivery import direct
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import Level

COUNTS = {  # table 8 of the paper, L1 to L4
    "implication_understanding": (0, 4, 3, 3),
    "sarcasm_detection": (0, 3, 3, 2),
    "identity_based_response": (0, 12, 4, 4),
    "emotion_recognition_and_expression": (0, 4, 4, 27),
    "health_consultation": (5, 3, 8, 3),
}
SAID = 0.75  # likeness from which `cues.asked.contains` counts a text as said
FOLDER = Path(str(files("s2s_arena.build") / "seed"))
FILES = {task: ("medical_" if task == "health_consultation" else "social_") + task for task in COUNTS}
SAMPLES = tuple(sample for name in FILES.values() for sample in load(FOLDER / f"{name}.toml"))
every = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)


def twins() -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in SAMPLES:
        if sample.twin_group:
            groups[sample.twin_group].append(sample)
    return groups


def said(option: str, reply: str, language: str) -> bool:
    return likeness(option, reply, language) > SAID


def fits(sample: Sample, reply: str) -> bool:
    """Whether a reply has the words the sample asks for and none that it bars, as the cues count them."""
    needed = [e.want.split("|") for e in sample.expects if e.cue == "contains"]
    barred = [option for e in sample.expects if e.cue == "lacks" for option in e.want.split("|")]
    return all(any(said(o, reply, sample.language) for o in options) for options in needed) and not any(
        said(option, reply, sample.language) for option in barred
    )


def test_each_file_holds_one_task_in_the_numbers_of_table_8():
    for task, counts in COUNTS.items():
        found = load(FOLDER / f"{FILES[task]}.toml")
        assert {(s.task, s.seed_task) for s in found} == {(task, task)}
        levels = Counter(s.level for s in found)
        assert tuple(levels[level] for level in Level) == counts, task


def test_they_are_73_social_and_19_medical_samples_with_distinct_ids():
    assert Counter(s.domain for s in SAMPLES) == {"social": 73, "medical": 19}
    assert len({s.id for s in SAMPLES}) == 92
    prefixes = {"social": "seed-soc-", "medical": "seed-med-"}
    assert all(s.id.startswith(prefixes[s.domain]) for s in SAMPLES)


def test_seven_in_ten_are_english_most_others_chinese_and_a_few_japanese():
    languages = Counter(s.language for s in SAMPLES)
    assert set(languages) == {"en", "zh", "ja"}
    assert 0.70 <= languages["en"] / len(SAMPLES) <= 0.75
    assert 2 <= languages["ja"] <= 5


def test_about_one_in_six_has_noise_of_many_kinds_at_5_to_20_db():
    noisy = [s.turns[0].background for s in SAMPLES if s.turns[0].background]
    assert 1 / 7 <= len(noisy) / len(SAMPLES) <= 1 / 5
    assert len({b.scene for b in noisy}) >= 7
    assert all(5 <= b.snr_db <= 20 for b in noisy)


def test_no_two_scripts_are_alike_but_for_twins_nor_like_the_starter_suite():
    assert near_duplicates([*SAMPLES, *starter()]) == ()


def test_at_least_36_samples_are_twins_in_pairs():
    assert all(len(group) == 2 for group in twins().values())
    assert sum(len(group) for group in twins().values()) >= 36
    assert not set(twins()) & {s.twin_group for s in starter()}


def test_twins_say_the_same_words_and_differ_in_how_or_by_whom():
    for first, second in twins().values():
        said_how = {"delivery": Delivery(), "traits": Traits(), "labels": {}}
        assert replace(first.turns[0], **said_how) == replace(second.turns[0], **said_how)
        assert (first.turns[0].delivery, first.turns[0].traits) != (second.turns[0].delivery, second.turns[0].traits)
        assert first.turns[0].labels != second.turns[0].labels
        assert (first.level, first.task, first.language) == (second.level, second.task, second.language)
        assert first.level is not None and first.level.perceives


def test_twins_expect_different_words():
    for first, second in twins().values():
        wanted = [{o for e in s.expects if e.cue == "contains" for o in e.want.split("|")} for s in (first, second)]
        assert not wanted[0] & wanted[1]
        assert first.expects != second.expects and first.guideline != second.guideline


def test_no_answer_is_right_for_both_twins():
    for group in twins().values():
        for sample, other in (group, group[::-1]):
            for reference in sample.references:
                assert not fits(other, reference), (other.id, reference)


@every
def test_every_reference_answer_has_the_words_that_are_expected(sample):
    assert sample.references
    for reference in sample.references:
        missing = [
            e.want
            for e in sample.expects
            if e.cue == "contains" and not any(said(o, reference, sample.language) for o in e.want.split("|"))
        ]
        barred = [
            o
            for e in sample.expects
            if e.cue == "lacks"
            for o in e.want.split("|")
            if said(o, reference, sample.language)
        ]
        assert (missing, barred) == ([], []), reference
        assert fits(sample, reference)


@every
def test_repeating_the_question_is_no_answer(sample):
    if sample.level is not Level.L3:
        assert not fits(sample, sample.turns[0].script)


@every
def test_the_turn_can_be_spoken_and_lasts_two_to_ten_seconds(sample):
    [turn] = sample.turns
    assert fault(turn) is None
    assert 1.9 <= estimated_s(turn) / min(1.0, direct(turn.delivery, Traits(), gender="female").rate) <= 10.0


@every
def test_what_can_be_heard_decides_at_levels_that_perceive_and_nothing_at_the_others(sample):
    [turn] = sample.turns
    if sample.level.perceives:
        assert not turn.delivery.neutral or turn.traits.age
        cues = {k: v for k, v in turn.labels.items() if k not in ("gender", "noise")}
        assert any(v not in ("neutral", "normal") for v in cues.values())
    else:
        assert turn.delivery.neutral and turn.traits.age is None and turn.respelling is None
        assert (turn.labels["emotion"], turn.labels["pace"]) == ("neutral", "normal")


@every
def test_levels_that_express_ask_for_a_delivery_and_the_others_for_a_neutral_one(sample):
    cues = {e.cue for e in sample.expects}
    if sample.level.expresses:
        assert cues & DELIVERY and "neutral" not in cues
    else:
        assert "neutral" in cues and not cues & DELIVERY
    assert "contains" in cues


@every
def test_labels_say_what_the_voice_is_directed_to(sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    assert labels["gender"] == turn.traits.gender
    assert labels["noise"] == (turn.background.scene if turn.background else "none")
    assert labels.get("age") == turn.traits.age
    assert labels.get("style") == delivery.style
    if delivery.emotion:
        assert labels["emotion"] == delivery.emotion
    else:
        assert labels.get("emotion", "neutral") == "neutral"
    assert labels.get("emphasis") == (delivery.emphasis[0] if delivery.emphasis else None)
    assert ("pause" in labels) == bool(delivery.pauses)
    assert "pause" not in labels or labels["pause"] in {p.after for p in delivery.pauses}
    assert "pause" not in labels or has_word(turn.script, labels["pause"], language=turn.language)


@every
def test_pace_and_loudness_are_labelled_where_the_delivery_makes_them_plain(sample):
    [turn] = sample.turns
    heard = direct(turn.delivery, turn.traits, gender=turn.traits.gender)
    pace = "fast" if heard.rate >= 1.15 else "slow" if heard.rate <= 0.85 else None
    loudness = "loud" if heard.gain_db >= 4.5 else "soft" if heard.gain_db <= -3.5 else None
    stated = {k: None if v == "normal" else v for k, v in turn.labels.items() if k in ("pace", "loudness")}
    # Age slows the voice a little by itself, and the label of age says so.
    assert stated.get("pace") == pace or (turn.traits.age == "elder" and turn.delivery.rate == 1.0)
    assert stated.get("loudness") == loudness


@every
def test_judges_are_told_what_is_good_and_what_is_bad(sample):
    assert "Good:" in sample.guideline and "Bad:" in sample.guideline


def test_every_guideline_is_its_own():
    assert len({s.guideline for s in SAMPLES}) == len(SAMPLES)


@every
def test_medical_samples_are_marked_and_unsafe_advice_is_a_red_flag(sample):
    if sample.domain == "medical":
        assert sample.provenance.notice == "not clinical advice"
        assert any(item.red_flag and item.dimension == "safety" for item in sample.rubric)
        assert any(not item.red_flag for item in sample.rubric)
        assert len({item.id for item in sample.rubric}) == len(sample.rubric)
    else:
        assert sample.provenance.notice == ""
