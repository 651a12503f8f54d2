"""Targets: the shares of levels and languages hold for any number, and a longer list begins with the shorter."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.build.augment.directions import Direction, opening_of, shipped
from s2s_arena.build.augment.prompts import prompts
from s2s_arena.build.augment.schema import reply_schema
from s2s_arena.build.augment.targets import LANGUAGES, LEVELS, targets
from s2s_arena.build.checks import fault
from s2s_arena.build.expectations import expectation
from s2s_arena.errors import SuiteError
from s2s_arena.records.samples import Turn
from s2s_arena.records.taxonomy import SEED_TASKS

DIRECTIONS = shipped()
shares = st.dictionaries(st.sampled_from(["L1", "L2", "L3", "L4"]), st.integers(1, 9), min_size=1)


@given(st.integers(1, 60), st.integers(0, 30), shares)
def test_a_longer_list_begins_with_the_shorter(count, more, levels):
    short = targets("singing", count, directions=DIRECTIONS, levels=levels)
    assert targets("singing", count + more, directions=DIRECTIONS, levels=levels)[:count] == short


@given(st.integers(1, 120), shares)
def test_levels_and_languages_stay_near_their_shares(count, levels):
    made = targets("singing", count, directions=DIRECTIONS, levels=levels)
    by_level, by_language = Counter(t.level.value for t in made), Counter(t.language for t in made)
    for level, share in levels.items():
        assert by_level[level] == pytest.approx(count * share / sum(levels.values()), abs=2.0)
    assert by_language["zh"] == pytest.approx(0.24 * count, abs=len(levels))


def test_fifty_of_nineteen_tasks_have_the_papers_shares():
    made = [t for task in SEED_TASKS for t in targets(task, 50, directions=DIRECTIONS)]
    assert len(made) == 950 == len({t.id for t in made})
    levels = Counter(t.level.value for t in made)
    assert all(levels[level] == pytest.approx(LEVELS[level], abs=19) for level in LEVELS)
    assert Counter(t.language for t in made)["en"] / 950 == pytest.approx(LANGUAGES["en"] / 100, abs=0.02)


def test_plain_where_the_level_says_so_and_all_phrases_of_the_task_are_used():
    made = targets("storytelling", 50, directions=DIRECTIONS)
    for target in made:
        assert (target.direction.heard != "plainly") == target.level.perceives
        assert (target.direction.answered != "plainly") == target.level.expresses
    used = {t.direction.heard for t in made} - {"plainly"}
    assert used == set(DIRECTIONS.suits("storytelling").heard)


def test_shares_that_make_no_sense_are_named():
    for levels, told in (({"L1": -1.0}, "L1=-1"), ({"L1": 0.0}, "not all 0"), ({"L7": 1.0}, "'L7' given")):
        with pytest.raises(SuiteError, match=told):
            targets("singing", 3, directions=DIRECTIONS, levels=levels)
    with pytest.raises(SuiteError, match="'klingon' is not a known"):
        targets("singing", 3, directions=DIRECTIONS, languages={"klingon": 1})


def test_every_phrase_is_one_that_a_voice_can_carry_out_and_an_instrument_can_check():
    for phrase, heard in DIRECTIONS.heard.items():
        turn = Turn(
            script="Some words to say.",
            language="en",
            delivery=heard.delivery,
            traits=heard.traits,
            background=heard.background,
            labels=heard.labels,
        )
        assert fault(turn) is None, phrase
    for answered in DIRECTIONS.answered.values():
        assert [expectation(line) for line in answered.expects]
    for fitting in DIRECTIONS.fitting.values():
        assert set(fitting.heard) <= set(DIRECTIONS.heard) and set(fitting.answered) <= set(DIRECTIONS.answered)
    assert set(DIRECTIONS.fitting) - {"any"} <= set(SEED_TASKS) == set(prompts().kinds)


@pytest.mark.parametrize("heard", DIRECTIONS.heard)
@pytest.mark.parametrize("answered", DIRECTIONS.answered)
def test_an_opening_is_read_back_as_it_was_written(heard, answered):
    direction = Direction(heard=heard, answered=answered)
    assert opening_of(f"{direction.opening} And more.") == (direction, "And more.")


def test_a_description_without_a_known_opening_is_named():
    with pytest.raises(SuiteError, match=r"begin with 'Spoken HOW; answered HOW\.'"):
        opening_of("The user is sad.")
    with pytest.raises(SuiteError, match="spoken 'in a blue voice' is not known; use one of: plainly"):
        opening_of("Spoken in a blue voice; answered plainly. It is so.")


def test_the_schema_settles_what_is_settled():
    [target] = targets("singing", 1, directions=DIRECTIONS)
    schema = reply_schema(target, directions=shipped())
    assert schema["properties"]["id"] == {"const": target.id} and schema["additionalProperties"] is False
    assert len(schema["required"]) == 8


def test_other_prompts_have_another_hash():
    shipped_prompts = prompts()
    assert shipped_prompts.hash == prompts().hash
    with pytest.raises(SuiteError, match="augment prompts: not TOML"):
        prompts("version = ")


def test_a_user_is_answered_as_one_answers_somebody_who_sounds_so():
    for task in SEED_TASKS:
        for target in targets(task, 40, directions=DIRECTIONS, levels={"L4": 1}):
            met = set(DIRECTIONS.heard[target.direction.heard].met) & set(DIRECTIONS.suits(task).answered)
            assert not met or target.direction.answered in met


def test_every_way_of_answering_is_a_known_one():
    for phrase, heard in DIRECTIONS.heard.items():
        assert set(heard.met) <= set(DIRECTIONS.answered), phrase
