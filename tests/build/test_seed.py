"""The seed suite as a whole: the paper's distribution cell by cell, twins, languages, and no two scripts alike."""

import csv
from collections import Counter
from itertools import combinations, pairwise

import pytest
from rapidfuzz.fuzz import token_set_ratio

from s2s_arena.build.checks import words
from s2s_arena.build.languages import primary, spaced
from s2s_arena.build.scripts import seed, shipped, starter
from s2s_arena.build.similarity import THRESHOLD, near_duplicates
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Sample
from s2s_arena.records.taxonomy import SEED_TASKS, Level

SAMPLES = seed()
TABLE_8 = {  # the paper's samples of a task at L1, L2, L3, L4
    "pronunciation_correction": (0, 3, 3, 3),
    "emphasis_control": (0, 2, 3, 1),
    "rhythm_control": (0, 3, 6, 3),
    "polyphonic_words": (0, 6, 3, 3),
    "pause_and_segmentation": (0, 2, 2, 2),
    "cross_lingual_emotional_translation": (0, 3, 5, 10),
    "language_consistency": (24, 2, 3, 3),
    "implication_understanding": (0, 4, 3, 3),
    "sarcasm_detection": (0, 3, 3, 2),
    "identity_based_response": (0, 12, 4, 4),
    "emotion_recognition_and_expression": (0, 4, 4, 27),
    "singing": (0, 3, 5, 2),
    "natural_sound_simulation": (0, 10, 5, 10),
    "poetry_recitation": (3, 5, 6, 5),
    "role_playing": (0, 3, 3, 2),
    "storytelling": (0, 5, 3, 5),
    "tongue_twisters": (0, 3, 3, 7),
    "stand_up_comedy": (0, 5, 8, 5),
    "health_consultation": (5, 3, 8, 3),
}


def likeness(first: Sample, second: Sample) -> float:
    """Share of words in common; neighbouring characters where words are not spaced. Written apart from the build."""

    def parts(sample: Sample) -> str:
        text = " ".join(words(sample.turns[0].script))
        if spaced(sample.language):
            return text
        letters = text.replace(" ", "")
        return " ".join(a + b for a, b in pairwise(letters))

    return token_set_ratio(parts(first), parts(second)) / 100.0


def test_every_cell_of_the_papers_table_8_is_filled_exactly():
    counts = Counter((sample.task, sample.level) for sample in SAMPLES)
    assert {task: tuple(counts[task, level] for level in Level) for task in SEED_TASKS} == TABLE_8
    assert sum(counts.values()) == 293 and tuple(Counter(s.level for s in SAMPLES)[x] for x in Level) == (
        32,
        81,
        80,
        100,
    )


def test_the_table_is_the_papers_own(shared_data):
    with (shared_data / "paper" / "table8.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["task"]: tuple(int(row[level.value]) for level in Level) for row in csv.DictReader(file)}
    assert rows == TABLE_8


def test_ids_are_unique_here_and_in_the_starter_suite():
    assert len({sample.id for sample in (*SAMPLES, *starter())}) == 293 + 40


def test_every_task_is_in_its_domain():
    assert {(s.task, s.domain) for s in SAMPLES} == set(SEED_TASKS.items())
    assert all(s.seed_task == s.task for s in SAMPLES)


def test_no_two_scripts_share_four_fifths_of_their_words_but_twins():
    alike = [
        (a.id, b.id)
        for a, b in combinations(SAMPLES, 2)
        if primary(a.language) == primary(b.language)
        and (a.twin_group is None or a.twin_group != b.twin_group)
        and likeness(a, b) >= THRESHOLD
    ]
    assert alike == []
    assert near_duplicates([*SAMPLES, *starter()]) == ()


def test_at_least_sixty_samples_that_perceive_are_twins_in_pairs():
    groups = Counter(s.twin_group for s in SAMPLES if s.twin_group)
    assert set(groups.values()) == {2}
    assert sum(s.twin_group is not None and s.level in (Level.L2, Level.L4) for s in SAMPLES) >= 60


def test_eight_languages_hindi_among_them_most_of_it_english_and_chinese():
    languages = Counter(primary(s.language) for s in SAMPLES)
    assert len(languages) >= 8 and languages["hi"] >= 1 and languages["ja"] >= 5
    assert languages["en"] / 293 > 0.6 and languages["zh"] / 293 > 0.15


def test_every_sample_says_that_it_is_synthetic():
    assert {s.provenance.origin for s in SAMPLES} == {"synthetic"}


def test_a_suite_that_does_not_ship_is_refused_with_those_that_do():
    with pytest.raises(SuiteError, match="use one of: starter, seed"):
        shipped("paper")
