"""Sequential Elo: the paper's equations, one case by hand, the invariants of its tables, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.rank.paper_tables import TABLE_2, TABLE_4, TABLE_5, TABLE_6, TABLE_8_LEVELS
from s2s_arena.ratings import elo as module
from s2s_arena.ratings import kernels
from s2s_arena.ratings.elo import elo, expected
from tests.strategies import tournaments


def test_two_matches_by_hand() -> None:
    # 1000 against 1000: expected .5, so the winner gains 32 * .5 = 16: 1016 and 984.
    # Then 2 meets 0: expected of 2 is 1 / (1 + 10 ** (16 / 400)) = .47699; it wins 32 * .52301 = 16.7363.
    ratings = elo(np.array([[0, 1], [2, 0]]), np.array([True, True]), systems=3)
    gain = 32 * (1 - 1 / (1 + 10 ** (16 / 400)))
    assert gain == pytest.approx(16.7363, abs=1e-4)
    assert ratings == pytest.approx([1016 - gain, 984, 1000 + gain])


def test_four_hundred_points_are_odds_of_ten_to_one() -> None:
    assert expected(np.array([400.0, 0.0, -400.0])) == pytest.approx([10 / 11, 0.5, 1 / 11])


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_elo_ignores_who_is_heard_first(t) -> None:  # type: ignore[no-untyped-def]
    assert elo(t.swapped, ~t.won, systems=t.n) == pytest.approx(elo(t.pairs, t.won, systems=t.n))


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_the_mean_stays_1000(t) -> None:  # type: ignore[no-untyped-def]
    assert elo(t.pairs, t.won, systems=t.n).mean() == pytest.approx(1000)


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.randoms(use_true_random=False))
def test_names_do_not_matter(t, random) -> None:  # type: ignore[no-untyped-def]
    new = np.array(random.sample(range(t.n), t.n))
    assert elo(new[t.pairs], t.won, systems=t.n)[new] == pytest.approx(elo(t.pairs, t.won, systems=t.n))


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_one_more_win_never_hurts(t) -> None:  # type: ignore[no-untyped-def]
    before = elo(t.pairs, t.won, systems=t.n)
    after = elo(np.array([*t.pairs.tolist(), [0, 1]]), np.array([*t.won, True]), systems=t.n)
    assert after[0] > before[0]
    assert after[1] < before[1]


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.integers(0, 40))
def test_going_on_from_ratings_is_playing_it_all(t, cut) -> None:  # type: ignore[no-untyped-def]
    first = elo(t.pairs[:cut], t.won[:cut], systems=t.n)
    rest = elo(t.pairs[cut:], t.won[cut:], systems=t.n, start=first)
    assert rest == pytest.approx(elo(t.pairs, t.won, systems=t.n))


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_a_tie_between_equals_changes_nothing(t) -> None:  # type: ignore[no-untyped-def]
    halves = np.full(len(t.won), 0.5)
    assert elo(t.pairs, halves, systems=t.n) == pytest.approx(np.full(t.n, 1000.0))


@pytest.mark.skipif(not kernels.available(), reason="numba is not installed")
@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_the_compiled_pass_is_equal(t) -> None:  # type: ignore[no-untyped-def]
    ratings = np.full(t.n, 1000.0)
    kernels.elo_pass(ratings, t.pairs, t.won.astype(float), 32.0)
    assert ratings == pytest.approx(elo(t.pairs, t.won, systems=t.n), abs=1e-9)


def test_without_numba_long_lists_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = np.array([[0, 1], [1, 2]] * 50)
    won = np.arange(100) % 3 == 0
    usual = elo(pairs, won, systems=3)
    monkeypatch.setattr(module, "COMPILED_FROM", 1)
    monkeypatch.setattr(kernels, "available", lambda: False)
    assert elo(pairs, won, systems=3) == pytest.approx(usual, abs=1e-9)


@pytest.mark.parametrize(
    ("pairs", "won", "says"),
    [
        ([[0, 0]], [True], "match 0: system 0 meets itself"),
        ([[0, 3]], [True], "system index 3 given"),
        ([[0, -1]], [True], "system index -1 given"),
        ([[0, 1]], [True, False], "shape"),
        ([[0, 1]], [1.5], "outcome 1.5"),
        ([[0, 1]], [float("nan")], "outcome nan"),
        ([[0.5, 1]], [True], "integers needed"),
    ],
)
def test_impossible_matches_are_named(pairs: list[list[int]], won: list[float], says: str) -> None:
    with pytest.raises(InvalidMatchesError, match=says):
        elo(np.array(pairs), np.array(won), systems=3)


def test_table_4_adds_up() -> None:
    elos, rates, wins, losses, matches = np.array(list(TABLE_4.values())).T
    assert elos.sum() == pytest.approx(10000.0, abs=0.05)
    assert (wins.sum(), losses.sum(), matches.sum()) == (1001, 1001, 2002)
    assert np.array_equal(wins + losses, matches)
    assert 100 * wins / matches == pytest.approx(rates, abs=0.06)


@pytest.mark.parametrize("table", [TABLE_5, TABLE_6])
def test_slices_sum_to_10000_and_average_plainly(table: dict[str, tuple[float, ...]]) -> None:
    figures = np.array(list(table.values()))
    assert figures[:, :4].sum(axis=0) == pytest.approx([10000] * 4, abs=0.1)
    assert figures[:, :4].mean(axis=1) == pytest.approx(figures[:, 4], abs=0.06)


def test_sample_counts_add_up() -> None:
    tasks = np.array(TABLE_8_LEVELS)
    assert len(tasks) == 19
    assert tasks.sum(axis=0).tolist() == [32, 81, 80, 100, 293]
    assert tasks[:, :4].sum(axis=1).tolist() == tasks[:, 4].tolist()
    assert np.add(TABLE_2["seed"], TABLE_2["augment"]).tolist() == list(TABLE_2["all"])
    assert tasks.sum(axis=0).tolist() == list(TABLE_2["seed"])
    assert TABLE_2["all"][:4] == (81, 329, 475, 358)
