"""Style control: what length or loudness wins is found, and taken out of the board."""

import dataclasses

import numpy as np
import pytest

from s2s_arena.boards.style import DURATION, LEAD, LOUDNESS, PACE, measured, style
from s2s_arena.errors import InputError
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import TakeId
from s2s_arena.records.responses import Response, Take
from tests.boards.worlds import games
from tests.worlds import small_study


def test_a_system_that_wins_by_length_alone_is_level_at_equal_length() -> None:
    played = games([1000.0, 1000.0, 1000.0], 3000, seed=2)
    rng = np.random.default_rng(1)
    lengths = np.where(played.pairs == 2, 8.0, 4.0) * rng.uniform(0.5, 2.0, size=played.pairs.shape)
    gap = (lengths[:, 0] - lengths[:, 1]) / lengths.sum(axis=1)
    won = rng.random(played.count) < 1 / (1 + np.exp(-2.5 * gap))
    long = dataclasses.replace(played, scores=won.astype(float), features={DURATION: lengths})
    found = style(long)
    assert found.systems["s2"].plain > 1080
    assert found.systems["s2"].rating == pytest.approx(1000, abs=45)
    by_name = {effect.name: effect for effect in found.effects}
    assert by_name[DURATION].low > 0
    assert by_name["heard_first"].low < 0 < by_name["heard_first"].high
    assert by_name[DURATION].known == 1.0


def test_without_any_measurement_the_error_says_where_they_come_from() -> None:
    with pytest.raises(InputError, match="columns such as duration_s_a and duration_s_b"):
        style(games([1000.0, 900.0], 20))


def test_features_are_those_of_the_takes_heard() -> None:
    store = small_study().store
    takes = {take.id: take for take in store.all(Take)}
    pairs = [(id, TakeId("gone")) for id in takes]
    found = measured(
        pairs,
        takes=takes,
        responses={r.key: r for r in store.all(Response)},
        cues={c.audio: c for c in store.all(Cues)},
    )
    failed = [i for i, (id, _) in enumerate(pairs) if takes[id].failure is not None]
    assert np.isnan(found[DURATION][failed, 0]).all()
    good = np.delete(np.arange(len(pairs)), failed)
    assert found[DURATION][good, 0] == pytest.approx(0.2)
    assert found[LOUDNESS][good, 0] == pytest.approx(-17)
    assert (found[LEAD][good, 0] == 0).all()
    assert found[PACE][good, 0] == pytest.approx(4)
    assert all(np.isnan(values[:, 1]).all() for values in found.values())
