"""The education part of the seed suite as data: counts, twins, languages, and that what is asked can be heard."""

import csv
from collections import Counter, defaultdict
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from s2s_arena.build.checks import has_word, words
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.languages import primary, spaced
from s2s_arena.build.scenes import SCENES
from s2s_arena.build.scripts import load, starter
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.stage import estimated_s
from s2s_arena.models.delivery import direct
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import SEED_TASKS, Level

FOLDER = Path(str(files("s2s_arena.build"))) / "seed"
SAMPLES = tuple(sample for path in sorted(FOLDER.glob("education_*.toml")) for sample in load(path))
CELLS = {  # L1, L2, L3, L4
    "pronunciation_correction": (0, 3, 3, 3),
    "emphasis_control": (0, 2, 3, 1),
    "rhythm_control": (0, 3, 6, 3),
    "polyphonic_words": (0, 6, 3, 3),
    "pause_and_segmentation": (0, 2, 2, 2),
    "cross_lingual_emotional_translation": (0, 3, 5, 10),
    "language_consistency": (24, 2, 3, 3),
}
SPOKEN_CUES = ("reading", "pronunciation", "emphasis", "pause", "style", "age", "accent")
every = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)


def cells() -> dict[str, tuple[int, ...]]:
    counts = Counter((sample.task, sample.level) for sample in SAMPLES)
    return {task: tuple(counts[task, level] for level in Level) for task in {sample.task for sample in SAMPLES}}


def twins() -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in SAMPLES:
        if sample.twin_group:
            groups[sample.twin_group].append(sample)
    return groups


def wanted_delivery(sample: Sample) -> set[tuple[str, str]]:
    return {(e.cue, e.want) for e in sample.expects if e.cue in DELIVERY}


def fits(sample: Sample, reply: str) -> bool:
    """Whether a reply has the words the sample asks for, and none that it bars."""

    def says(want: str) -> bool:
        # Other languages tie articles and particles to their words: l'orage, 철자라는.
        if answered_in(sample) != "en":
            return any(option.strip().lower() in reply.lower() for option in want.split("|"))
        return any(has_word(reply, option, language="en") for option in want.split("|"))

    needed = [says(e.want) for e in sample.expects if e.cue == "contains"]
    barred = [says(e.want) for e in sample.expects if e.cue == "lacks"]
    return all(needed) and not any(barred)


def answered_in(sample: Sample) -> str:
    return next((e.want for e in sample.expects if e.cue == "language"), sample.language)


def test_every_cell_has_as_many_samples_as_planned():
    assert cells() == CELLS
    assert len(SAMPLES) == 95


def test_the_plan_is_the_papers_table_of_tasks_and_levels(shared_data):
    with (shared_data / "paper" / "table8.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["domain"] == "education"]
    assert {row["task"]: tuple(int(row[level.value]) for level in Level) for row in rows} == CELLS


def test_each_file_is_named_after_its_one_task():
    for path in FOLDER.glob("education_*.toml"):
        assert {sample.task for sample in load(path)} == {path.stem.removeprefix("education_")}
    assert {(s.task, s.seed_task, s.domain) for s in SAMPLES} == {
        (task, task, "education") for task, domain in SEED_TASKS.items() if domain == "education"
    }


def test_ids_are_distinct_and_say_where_they_belong():
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES)
    assert all(sample.id.startswith("seed-edu-") for sample in SAMPLES)


def test_no_two_scripts_are_alike_nor_like_the_starters():
    assert near_duplicates((*SAMPLES, *starter())) == ()


def test_at_least_two_thirds_are_english_and_the_rest_mostly_chinese():
    counts = Counter(primary(sample.language) for sample in SAMPLES)
    assert 0.65 <= counts["en"] / len(SAMPLES) <= 0.8
    assert counts["zh"] >= 12 and counts["ja"] >= 2


def test_language_consistency_is_asked_in_twelve_languages():
    found = {s.language for s in SAMPLES if s.task == "language_consistency"}
    assert found == {"en", "zh", "ja", "hi", "es", "fr", "de", "ko", "it", "pt", "ru", "ar"}


def test_about_one_sample_in_six_has_a_background_and_every_scene_occurs():
    noisy = [s.turns[0].background for s in SAMPLES if s.turns[0].background]
    assert 0.12 <= len(noisy) / len(SAMPLES) <= 0.22
    assert {b.scene for b in noisy} == set(SCENES)
    assert all(5 <= b.snr_db <= 20 for b in noisy)


def test_twins_are_eighteen_pairs():
    assert len(twins()) == 18
    assert all(len(group) == 2 for group in twins().values())


def test_twins_say_the_same_words_differently_and_want_different_answers():
    for first, second in twins().values():
        same = {"delivery": Delivery(), "traits": Traits(), "respelling": None, "labels": {}}
        one, other = first.turns[0], second.turns[0]
        assert replace(one, **same) == replace(other, **same)
        assert (one.delivery, one.respelling, one.traits) != (other.delivery, other.respelling, other.traits)
        assert one.labels != other.labels
        assert (first.level, first.task, first.language) == (second.level, second.task, second.language)
        assert first.level is not None and first.level.perceives
        assert set(first.expects) != set(second.expects)


def test_no_answer_is_right_for_both_twins():
    for group in twins().values():
        for sample, other in (group, group[::-1]):
            if wanted_delivery(sample) == wanted_delivery(other):
                for reference in sample.references:
                    assert not fits(other, reference), (other.id, reference)


@every
def test_a_reference_answer_has_the_words_that_are_expected(sample):
    assert sample.references
    for reference in sample.references:
        assert fits(sample, reference), reference


@every
def test_the_turn_lasts_two_to_ten_seconds(sample):
    [turn] = sample.turns
    assert 2.0 <= estimated_s(turn) * turn.delivery.rate / effective_rate(sample) <= 10.0


@every
def test_input_is_neutral_unless_something_in_it_must_be_heard(sample):
    [turn] = sample.turns
    if sample.level.perceives:
        heard = any(cue in turn.labels for cue in SPOKEN_CUES)
        told_apart_by_gender = sample.twin_group == "seed-edu-thanks-in-lisbon"
        assert not turn.delivery.neutral or heard or told_apart_by_gender
    else:
        assert turn.delivery.neutral and turn.traits.age is None
        assert turn.labels["emotion"] == "neutral" and turn.labels["pace"] == "normal"


@every
def test_levels_that_express_want_a_delivery_and_the_others_a_neutral_one(sample):
    cues = {e.cue for e in sample.expects}
    if sample.level.expresses:
        assert cues & DELIVERY and "neutral" not in cues
    else:
        assert "neutral" in cues and not cues & DELIVERY


@every
def test_stressed_and_paused_words_occur_in_the_expected_answer(sample):
    for e in sample.expects:
        if e.cue in ("emphasis", "pause"):
            options, language = e.want.split("|"), answered_in(sample)
            assert any(has_word(r, o, language=language) for r in sample.references for o in options)


@every
def test_the_language_of_the_answer_is_said_where_it_matters(sample):
    if sample.task == "language_consistency":
        assert answered_in(sample) == sample.language and "language" in {e.cue for e in sample.expects}
    if sample.task == "cross_lingual_emotional_translation":
        assert answered_in(sample) == sample.attributes["target_language"] != sample.language


@every
def test_labels_say_what_the_delivery_directs(sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    assert labels["gender"] == turn.traits.gender
    assert labels["noise"] == (turn.background.scene if turn.background else "none")
    assert labels.get("age") == turn.traits.age
    assert labels.get("style") == delivery.style
    assert labels.get("emotion", "neutral") == (delivery.emotion or "neutral")
    assert labels.get("emphasis") == (delivery.emphasis[0] if delivery.emphasis else None)
    assert labels.get("pause") == (delivery.pauses[0].after if delivery.pauses else None)
    rate = effective_rate(sample)
    assert labels.get("pace", "normal") == ("fast" if rate >= 1.3 else "slow" if rate <= 0.72 else "normal")
    gain_db = direct(delivery, turn.traits, gender=turn.traits.gender).gain_db
    assert labels.get("loudness", "normal") == ("loud" if gain_db >= 6.5 else "soft" if gain_db <= -6 else "normal")


@every
def test_what_the_voice_is_given_differs_from_the_script_by_few_words(sample):
    [turn] = sample.turns
    if turn.respelling:
        written, given = turn.script, turn.respelling
        if spaced(sample.language):
            changed = Counter(words(given)) - Counter(words(written))
            assert 0 <= changed.total() <= 3
        else:
            assert abs(len(given) - len(written)) <= 1


@every
def test_judges_are_told_what_is_good_and_what_is_bad(sample):
    assert "Good:" in sample.guideline and "Bad:" in sample.guideline


def effective_rate(sample: Sample) -> float:
    """Of the turn: pace, emotion, style and age together."""
    [turn] = sample.turns
    return direct(turn.delivery, turn.traits, gender=turn.traits.gender).rate
