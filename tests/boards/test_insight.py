"""What a board can bear: separation, first places, flips and the order of play, from games of known strengths."""

import dataclasses

import numpy as np
import pytest

from s2s_arena.boards.insight import insight
from s2s_arena.boards.rows import insight_row
from s2s_arena.boards.standings import made
from s2s_arena.errors import InputError
from s2s_arena.ratings.win_matrix import win_matrix
from tests.boards.worlds import games

CLEAR = [1400.0, 1000.0, 980.0, 600.0]


def test_far_systems_are_separated_and_near_ones_share_a_letter() -> None:
    seen = insight(made(games(CLEAR, 600), bootstraps=400))
    assert seen.pairs == 6
    assert seen.separated == 5
    assert set(seen.letters["s1"]) & set(seen.letters["s2"])
    assert not set(seen.letters["s0"]) & set(seen.letters["s1"])
    assert [seen.places[f"s{i}"] for i in (0, 3)] == [(1, 1), (4, 4)]
    assert sum(seen.first.values()) == pytest.approx(1.0)
    assert seen.first["s0"] == pytest.approx(1.0)


@pytest.mark.parametrize("method", ["bt", "elo"])
def test_the_mean_over_the_bootstrap_is_that_of_its_resamples(method: str) -> None:
    found = made(games([1200.0, 1000.0, 900.0], 400), method=method, bootstraps=60)
    assert found.boot is not None
    seen = insight(found)
    assert list(seen.mean.values()) == pytest.approx(found.boot.resampled.sum(axis=0) / 60)
    assert sum(seen.mean.values()) == pytest.approx(3000.0)
    assert insight_row(seen, found.games.systems[0])["boot_mean"] == round(seen.mean["s0"], 2)
    bare = insight(made(found.games, method=method, bootstraps=0))
    assert bare.mean == {}
    assert insight_row(bare, found.games.systems[0])["boot_mean"] is None


def test_the_flips_named_do_put_another_system_first() -> None:
    played = games([1030.0, 1000.0, 900.0], 300, seed=3)
    whole = made(played, bootstraps=100)
    reverse, drop = insight(whole).flips
    assert (reverse.change, drop.change) == ("reverse", "drop")
    assert 0 < reverse.votes <= drop.votes
    assert reverse.rival == whole.board.standings[1].system
    assert reverse.share == pytest.approx(reverse.votes / played.count)


def test_order_noise_is_that_of_the_same_results() -> None:
    seen = insight(made(games(CLEAR, 400), bootstraps=100))
    assert seen.order is not None
    assert sum(seen.order.mean.values()) == pytest.approx(4000)
    assert all(10 < sd < 80 for sd in seen.order.sd.values())
    assert 0.0 <= seen.order.changed <= 1.0


def test_clustered_votes_widen_robust_intervals() -> None:
    played = games(CLEAR, 400, seed=5)
    copies = dataclasses.replace(
        played,
        pairs=np.repeat(played.pairs, 2, axis=0),
        scores=np.repeat(played.scores, 2),
        labels={name: dataclasses.replace(has, codes=np.repeat(has.codes, 2)) for name, has in played.labels.items()},
        probabilities=None,
    )
    own = dataclasses.replace(
        copies.labels["sample"], names=tuple(map(str, range(400))), codes=np.repeat(np.arange(400), 2)
    )
    copies = dataclasses.replace(copies, labels={"sample": own})
    alone = insight(made(copies, bootstraps=100)).robust["s1"]
    together = insight(made(copies, bootstraps=100, clusters=("sample",)), clusters=("sample",)).robust["s1"]
    assert together[1] - together[0] == pytest.approx(2**0.5 * (alone[1] - alone[0]), rel=0.1)


def test_without_resamples_the_fit_says_who_may_be_first() -> None:
    seen = insight(made(games(CLEAR, 60), bootstraps=0))
    assert sum(seen.first.values()) == pytest.approx(1.0)
    assert seen.separated < 6


def test_a_board_without_games_or_rivals_has_no_flips() -> None:
    empty = games(CLEAR, 0)
    assert insight(made(empty, bootstraps=50)).flips == ()
    alone = dataclasses.replace(empty, systems=empty.systems[:1])
    assert insight(made(alone, bootstraps=0)).pairs == 0


def test_weights_undo_what_the_sampler_favoured() -> None:
    played = games([1200.0, 1000.0, 800.0], 3000, seed=1)
    near = np.abs(played.pairs[:, 0] - played.pairs[:, 1]) == 1
    rng = np.random.default_rng(0)
    kept = near | (rng.random(played.count) < 0.2)
    chance = np.where(near, 1.0, 0.2)
    some = dataclasses.replace(played, probabilities=chance).where(kept)
    weighted = made(some, bootstraps=200, weighted=True)
    plain = made(some, bootstraps=200)
    for one, other in zip(weighted.fit.ratings, plain.fit.ratings, strict=True):
        assert one == pytest.approx(other, abs=40)  # the same truth where Bradley-Terry holds
    assert not np.array_equal(weighted.fit.ratings, plain.fit.ratings)
    even = dataclasses.replace(some, probabilities=np.full(some.count, 0.3))
    assert made(even, bootstraps=0, weighted=True).fit.ratings == pytest.approx(plain.fit.ratings, abs=1e-6)
    with pytest.raises(InputError, match="do not say with which probability"):
        made(dataclasses.replace(some, probabilities=None), weighted=True)
    assert win_matrix(some.pairs, some.scores, systems=3).sum() == weighted.board.matches
