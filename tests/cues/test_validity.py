import pytest

from s2s_arena.cues.validity import INSTRUMENTS, LIMITS, reason, valid
from s2s_arena.records.taxonomy import SEED_TASKS, Level


@pytest.mark.parametrize("task", ["singing", "natural_sound_simulation", "whispering"])
@pytest.mark.parametrize("instrument", ["dnsmos", "asr", "agreement"])
def test_ears_and_quality_meter_are_not_believed_where_there_is_no_plain_speech(task, instrument):
    assert not valid(instrument, level=Level.L3, task=task)


@pytest.mark.parametrize("level", ["L1", "L2"])
def test_expression_does_not_count_where_answers_stay_neutral(level):
    assert not valid("expressiveness", level=Level(level), task="storytelling")
    assert not valid("expressiveness", level=level, task=None)


@pytest.mark.parametrize("level", [Level.L3, Level.L4])
def test_expression_counts_where_it_is_asked(level):
    assert valid("expressiveness", level=level, task="storytelling")


@pytest.mark.parametrize("task", ["singing", "natural_sound_simulation", "whispering"])
def test_where_only_the_user_sings_or_imitates_the_answer_is_plain_speech(task):
    assert all(valid(name, level=Level.L2, task=task) for name in ("asr", "dnsmos", "agreement", "rate", "f0"))
    assert not valid("dnsmos", level=None, task=task)


def test_without_level_and_task_everything_is_believed():
    assert all(valid(name, level=None, task=None) for name in INSTRUMENTS)


def test_every_seed_task_keeps_an_instrument_for_what_it_asks():
    for task in SEED_TASKS:
        assert any(valid(name, level=Level.L4, task=task) for name in ("f0", "intensity", "expressiveness"))


def test_the_table_names_known_instruments_and_says_why():
    for limit in LIMITS:
        assert limit.instruments <= set(INSTRUMENTS) and limit.why
    assert "DNSMOS" in (reason("dnsmos", level=None, task="singing") or "")


def test_an_unknown_instrument_is_an_error():
    with pytest.raises(KeyError, match="thermometer"):
        valid("thermometer", level=None, task=None)
