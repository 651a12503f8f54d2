"""The entertainment part of the seed suite as data: its cells, its twins, and that every cue asked for is there."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

import s2s_arena.build
from s2s_arena.build.checks import fault, has_word
from s2s_arena.build.expectations import DELIVERY
from s2s_arena.build.scripts import load, starter
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.stage import estimated_s
from s2s_arena.cues.words import likeness
from s2s_arena.records.samples import Sample
from s2s_arena.records.speech import Delivery, Traits
from s2s_arena.records.taxonomy import SEED_TASKS

# Paper, table 8: samples by level L1..L4.
CELLS = {
    "singing": (0, 3, 5, 2),
    "natural_sound_simulation": (0, 10, 5, 10),
    "poetry_recitation": (3, 5, 6, 5),
    "role_playing": (0, 3, 3, 2),
    "storytelling": (0, 5, 3, 5),
    "tongue_twisters": (0, 3, 3, 7),
    "stand_up_comedy": (0, 5, 8, 5),
}
SEED = Path(s2s_arena.build.__path__[0]) / "seed"
SAMPLES = tuple(sample for task in CELLS for sample in load(SEED / f"entertainment_{task}.toml"))
SAID = 0.75  # likeness from which `cues.asked.contains` counts a text as said

every = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)


def twins() -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in SAMPLES:
        if sample.twin_group:
            groups[sample.twin_group].append(sample)
    return groups


PAIRS = twins()
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))


def says(reply: str, want: str, language: str) -> bool:
    return any(likeness(option, reply, language) >= SAID for option in want.split("|"))


def fits(sample: Sample, reply: str) -> bool:
    """Whether a reply has the words that the sample asks for and none that it forbids."""
    needed = [e.want for e in sample.expects if e.cue == "contains"]
    barred = [e.want for e in sample.expects if e.cue == "lacks"]
    language = sample.language
    return all(says(reply, want, language) for want in needed) and not any(says(reply, w, language) for w in barred)


def delivery_wants(sample: Sample) -> dict[str, str]:
    return {e.cue: e.want for e in sample.expects if e.cue in DELIVERY}


def cues(sample: Sample) -> bool:
    """Whether anything beyond a plain adult reading in silence can be heard."""
    turn = sample.turns[0]
    return not turn.delivery.neutral or bool(turn.traits.age or turn.background or turn.respelling)


def test_the_cells_are_those_of_the_papers_table():
    counts = Counter((sample.task, str(sample.level)) for sample in SAMPLES)
    assert {task: tuple(counts[task, level] for level in ("L1", "L2", "L3", "L4")) for task in CELLS} == CELLS
    assert len(SAMPLES) == 106
    assert {(s.domain, SEED_TASKS[s.task or ""]) for s in SAMPLES} == {("entertainment", "entertainment")}


def test_ids_are_distinct_and_say_where_they_belong():
    ids = [sample.id for sample in SAMPLES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"seed-ent-[a-z0-9]+(-[a-z0-9]+)*", id) and len(id) <= 32 for id in ids)


def test_about_seven_tenths_is_english_and_most_of_the_rest_chinese():
    languages = Counter(sample.language for sample in SAMPLES)
    assert 0.70 <= languages["en"] / len(SAMPLES) <= 0.75
    assert languages["zh"] >= 20 and languages["ja"] >= 3 and set(languages) == {"en", "zh", "ja"}


def test_about_one_in_six_has_noise_at_5_to_20_db_and_every_scene_occurs():
    noisy = [s.turns[0].background for s in SAMPLES if s.turns[0].background]
    assert 15 <= len(noisy) <= 22
    assert all(5 <= background.snr_db <= 20 for background in noisy)
    assert len({background.scene for background in noisy}) == 8


def test_no_two_scripts_are_alike_but_for_twins_nor_like_the_starters():
    assert near_duplicates((*SAMPLES, *starter())) == ()


def test_at_least_fourteen_pairs_of_twins_perceive():
    assert len(PAIRS) >= 14
    assert all(len(pair) == 2 and all(s.level and s.level.perceives for s in pair) for pair in PAIRS.values())


@each_pair
def test_twins_say_the_same_words_and_differ_only_in_how(pair):
    first, second = pair
    same = {"delivery": Delivery(), "traits": Traits(), "background": None, "respelling": None, "labels": {}}
    assert replace(first.turns[0], **same) == replace(second.turns[0], **same)
    assert (first.level, first.task, first.language) == (second.level, second.task, second.language)
    heard = [(s.turns[0].delivery, s.turns[0].traits, s.turns[0].background, s.turns[0].respelling) for s in pair]
    assert heard[0] != heard[1] and first.turns[0].labels != second.turns[0].labels


@each_pair
def test_no_answer_is_right_for_both_twins(pair):
    first, second = pair
    wants = [delivery_wants(sample) for sample in pair]
    opposed = any(wants[1].get(cue, want) != want for cue, want in wants[0].items())
    # A whisper and a loud voice cannot be one answer either.
    hushed = [w.get("style") == "whisper" or w.get("volume") == "soft" for w in wants]
    opposed = opposed or any(hushed[i] and wants[1 - i].get("volume") == "loud" for i in (0, 1))
    crossed = any(fits(b, r) for a, b in ((first, second), (second, first)) for r in a.references)
    assert opposed or not crossed


@every
def test_each_reference_answer_has_the_words_that_are_expected(sample):
    assert sample.references
    assert all(fits(sample, reference) for reference in sample.references)


@every
def test_the_turn_can_be_spoken_and_lasts_two_to_ten_seconds(sample):
    [turn] = sample.turns
    assert fault(turn) is None
    assert 2.0 <= estimated_s(turn) <= 10.0


@every
def test_levels_that_perceive_have_something_to_perceive_and_the_others_are_plain(sample):
    assert sample.level is not None
    if sample.level.perceives:
        labels = {k: v for k, v in sample.turns[0].labels.items() if k != "gender"}
        assert set(labels.values()) - {"neutral", "normal", "none"}
        # Which of two adults speaks is a cue only beside a twin.
        assert cues(sample) or sample.twin_group
    else:
        turn = sample.turns[0]
        assert turn.delivery.neutral and turn.traits.age is None
        assert turn.labels["emotion"] == "neutral" and turn.labels["pace"] == "normal"


@every
def test_levels_that_express_ask_for_a_delivery_and_the_others_for_a_neutral_one(sample):
    asked = {e.cue for e in sample.expects}
    if sample.level.expresses:
        assert asked & DELIVERY and "neutral" not in asked
    else:
        assert "neutral" in asked and not asked & DELIVERY


@every
def test_songs_are_sung_and_sounds_are_sounds_where_they_are_asked_for(sample):
    if sample.level.expresses and sample.task in ("singing", "natural_sound_simulation"):
        assert delivery_wants(sample)["style"] == {"singing": "sing"}.get(sample.task, "sound")


@every
def test_labels_say_what_the_delivery_directs(sample):
    [turn] = sample.turns
    labels, delivery = turn.labels, turn.delivery
    assert labels["gender"] == turn.traits.gender
    assert labels["noise"] == (turn.background.scene if turn.background else "none")
    assert labels.get("age") == turn.traits.age
    assert labels.get("emotion", "neutral") == (delivery.emotion or "neutral")
    assert labels.get("emphasis") == (delivery.emphasis[0] if delivery.emphasis else None)
    assert labels.get("pause") == (delivery.pauses[0].after if delivery.pauses else None)
    assert ("articulation" in labels and "slip" in labels["articulation"]) == (
        sample.level.perceives and turn.respelling is not None
    )
    if delivery.emotion is None and delivery.style is None:
        assert labels.get("pace", "normal") == (
            "fast" if delivery.rate >= 1.1 else "slow" if delivery.rate <= 0.8 else "normal"
        )
        assert (labels.get("pitch") == "high") == (delivery.pitch_st >= 3)
        assert (labels.get("pitch") == "low") == (delivery.pitch_st <= -3)
        assert (labels.get("loudness") == "soft") == (delivery.volume_db <= -4)
        assert (labels.get("loudness") == "loud") == (delivery.volume_db >= 4)
    for word in (labels.get("emphasis"), labels.get("pause")):
        assert word is None or has_word(turn.script, word, language=turn.language)


@every
def test_judges_are_told_what_is_good_and_what_is_bad(sample):
    assert "Good:" in sample.guideline and "Bad:" in sample.guideline
