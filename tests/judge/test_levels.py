"""Gains bring each system's median to one level, and leave its own clips as far apart as they were."""

from dataclasses import replace

import pytest

from s2s_arena.audio.loudness import gain, loudness_lufs
from s2s_arena.judge import hearing
from s2s_arena.judge.levels import FURTHEST_DB, TARGET_LUFS, Levels, gain_db
from s2s_arena.records.identity import SystemName
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.responses import Response, Take
from s2s_arena.testing.sound import silence, tones
from tests.judge.worlds import world


def test_the_median_clip_comes_to_the_target():
    waves = [tones(["a"], level=level) for level in (0.02, 0.1, 0.4)]
    moved = [loudness_lufs(gain(wave, gain_db(waves))) for wave in waves]
    assert moved[1] == pytest.approx(TARGET_LUFS, abs=0.05)
    assert moved[2] - moved[0] == pytest.approx(loudness_lufs(waves[2]) - loudness_lufs(waves[0]), abs=0.05)


def test_silence_has_no_level_and_hardly_anything_is_not_brought_up_for_ever():
    assert gain_db([silence(1.0)]) == 0.0
    assert gain_db([]) == 0.0
    assert gain_db([tones(["a"], level=0.001)]) <= FURTHEST_DB


def test_a_match_is_heard_with_the_gains_of_its_systems_in_either_order():
    w = world(samples=3)
    takes = {t.system: t for t in w.store.all(Take)}
    first, second = takes[SystemName("long")], takes[SystemName("short")]
    loud = w.store.put_audio(gain(w.store.audio(_speech(w, first)), 9.0))
    response = w.store.get(Response, first.responses[0])
    louder = replace(response, key="louder", speech=loud)
    changed = replace(first, id="changed", responses=("louder",))
    w.store.put(louder, changed)
    levels = Levels(w.suite, w.store, [changed, second])
    match = Match(
        id="m",
        study=w.study.name,
        round=0,
        index=0,
        sample=first.sample,
        first=changed.id,
        second=second.id,
        first_system=first.system,
        second_system=second.system,
        group="g",
        probability=1.0,
        purpose=Purpose.RATED,
    )
    heard = hearing.comparison(match, suite=w.suite, store=w.store, seed=0, levels=levels)
    for take in (heard.first, heard.second):
        assert loudness_lufs(gain(take.turns[0].speech, take.gain_db)) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert heard.swapped.second.gain_db == heard.first.gain_db != heard.second.gain_db
    plain = hearing.comparison(match, suite=w.suite, store=w.store, seed=0)
    assert plain.first.gain_db == plain.question_gain_db == 0.0


def _speech(w, take):
    return w.store.get(Response, take.responses[0]).speech.hash
