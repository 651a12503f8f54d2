"""Bradley-Terry: a closed form, laws, an independent solver, and boards that others break on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import kernels
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry, bt_resamples
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.win_matrix import weighted_win_matrix, win_matrix
from tests.strategies import simulated, tournaments


def rated(t) -> np.ndarray:  # type: ignore[no-untyped-def,type-arg]
    return bradley_terry(win_matrix(t.pairs, t.won, systems=t.n)).ratings


def test_two_systems_by_hand() -> None:
    # By symmetry theta = (x, -x). Each side: wins - met * s(2x) + .5 * (.5 - s(x)) = 0, with s the logistic.
    # 3 wins of 4: x solves 3 - 4 s(2x) + .25 - .5 s(x) = 0. At x = .5: s(1) = .731059, s(.5) = .622459:
    # 3.25 - 2.924234 - .311230 = .014536, still positive; the root is at x = .508632.
    x = 0.508632
    assert 3.25 - 4 / (1 + np.exp(-2 * x)) - 0.5 / (1 + np.exp(-x)) == pytest.approx(0, abs=1e-5)
    fit = bradley_terry(np.array([[0, 3], [1, 0]]))
    assert fit.ratings == pytest.approx([1000 + POINTS_PER_NAT * x, 1000 - POINTS_PER_NAT * x], abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(tournaments())
def test_an_independent_solver_agrees(t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n).astype(float)

    def loss(theta: np.ndarray) -> float:  # type: ignore[type-arg]
        gap = theta[:, None] - theta[None, :]
        virtual = 0.5 * PRIOR * (np.logaddexp(0, theta) + np.logaddexp(0, -theta))
        return float((wins * np.logaddexp(0, -gap)).sum() + virtual.sum())

    theta = minimize(loss, np.zeros(t.n), method="BFGS", options={"gtol": 1e-9}).x
    assert rated(t) == pytest.approx(1000 + POINTS_PER_NAT * (theta - theta.mean()), abs=0.05)


def test_the_peer_engine_agrees_where_it_can() -> None:
    evalica = pytest.importorskip("evalica", reason="optional oracle not installed")
    pairs, won = simulated(np.linspace(1200, 800, 8), matches=4000, rng=np.random.default_rng(0))
    xs, ys = [str(i) for i in pairs[:, 0]], [str(i) for i in pairs[:, 1]]
    winners = [evalica.Winner.X if first else evalica.Winner.Y for first in won]
    scores = np.log(evalica.bradley_terry(xs, ys, winners, tolerance=1e-12, limit=10_000).scores)
    theirs = 1000 + POINTS_PER_NAT * (scores - scores.mean())
    ours = bradley_terry(win_matrix(pairs, won, systems=8), prior=1e-9).ratings
    assert ours == pytest.approx([theirs[str(i)] for i in range(8)], abs=0.01)


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_the_mean_is_1000_and_who_is_heard_first_does_not_matter(t) -> None:  # type: ignore[no-untyped-def]
    ratings = rated(t)
    assert ratings.mean() == pytest.approx(1000)
    swapped = win_matrix(t.swapped, ~t.won, systems=t.n)
    assert np.array_equal(swapped, win_matrix(t.pairs, t.won, systems=t.n))


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.randoms(use_true_random=False))
def test_names_do_not_matter(t, random) -> None:  # type: ignore[no-untyped-def]
    new = np.array(random.sample(range(t.n), t.n))
    renamed = bradley_terry(win_matrix(new[t.pairs], t.won, systems=t.n)).ratings
    assert renamed[new] == pytest.approx(rated(t), abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(tournaments(), st.integers(2, 4))
def test_duplicates_are_weights(t, times) -> None:  # type: ignore[no-untyped-def]
    repeated = win_matrix(np.repeat(t.pairs, times, axis=0), np.repeat(t.won, times), systems=t.n)
    weighted = weighted_win_matrix(t.pairs, t.won, systems=t.n, weights=np.full(len(t.won), float(times)))
    assert bradley_terry(repeated).ratings == pytest.approx(bradley_terry(weighted).ratings, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_one_more_win_raises_the_winner_and_lowers_the_loser(t) -> None:  # type: ignore[no-untyped-def]
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    more = wins.copy()
    more[0, 1] += 1
    before, after = bradley_terry(wins).ratings, bradley_terry(more).ratings
    assert after[0] - after[1] > before[0] - before[1]
    assert after[0] > before[0] - 1e-6
    assert after[1] < before[1] + 1e-6


@settings(max_examples=40, deadline=None)
@given(tournaments())
def test_order_of_play_does_not_matter(t) -> None:  # type: ignore[no-untyped-def]
    backwards = win_matrix(t.pairs[::-1], t.won[::-1], systems=t.n)
    assert np.array_equal(backwards, win_matrix(t.pairs, t.won, systems=t.n))


@pytest.mark.parametrize(
    "wins",
    [
        [[0, 1000], [0, 0]],  # undefeated
        [[0, 0, 0], [0, 0, 5], [0, 5, 0]],  # unplayed
        [[0, 3, 0, 0], [2, 0, 0, 0], [0, 0, 0, 7], [0, 0, 1, 0]],  # disconnected
        [[0]],  # alone
        [[0, 10**6], [0, 0]],
    ],
)
def test_boards_that_others_break_on_stay_finite(wins: list[list[int]]) -> None:
    fit = bradley_terry(np.array(wins))
    assert np.isfinite(fit.ratings).all()
    assert np.isfinite(fit.standard_errors).all()
    assert fit.ratings.mean() == pytest.approx(1000)
    assert np.abs(fit.ratings - 1000).max() < 4000


def test_an_unplayed_system_is_average_and_hardly_known() -> None:
    fit = bradley_terry(np.array([[0, 0, 0], [0, 0, 50], [0, 50, 0]]))
    assert fit.ratings == pytest.approx([1000] * 3)
    assert fit.standard_errors[0] > 300
    gap = fit.covariance[1, 1] + fit.covariance[2, 2] - 2 * fit.covariance[1, 2]
    # 100 matches of equals: the gap's error is 400 / ln 10 / sqrt(100 / 4), less what the virtual games add
    assert np.sqrt(gap) == pytest.approx(POINTS_PER_NAT / 5, rel=0.01)


def test_standard_errors_are_the_spread_of_repeated_studies() -> None:
    strengths = np.linspace(1150, 850, 6)
    rng = np.random.default_rng(1)
    fits = [bradley_terry(win_matrix(*simulated(strengths, matches=600, rng=rng), systems=6)) for _ in range(300)]
    spread = np.std([fit.ratings for fit in fits], axis=0)
    assert np.mean([fit.standard_errors for fit in fits], axis=0) == pytest.approx(spread, rel=0.15)


@settings(max_examples=30, deadline=None)
@given(tournaments(), st.integers(0, 1000))
def test_where_it_begins_does_not_matter(t, seed) -> None:  # type: ignore[no-untyped-def]
    start = 1000 + 300 * np.random.default_rng(seed).standard_normal(t.n)
    wins = win_matrix(t.pairs, t.won, systems=t.n)
    assert bradley_terry(wins, start=start).ratings == pytest.approx(bradley_terry(wins).ratings, abs=1e-5)


@pytest.mark.skipif(not kernels.available(), reason="numba is not installed")
def test_compiled_and_numpy_fits_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    wins = rng.poisson(1.0, size=(200, 7, 7)).astype(float)
    wins[:, np.arange(7), np.arange(7)] = 0
    wins[0] = 0
    wins[1] = np.triu(np.full((7, 7), 40.0), 1)
    fits = []
    for compiled in (True, False):
        monkeypatch.setattr(kernels, "worth", lambda work, alone, compiled=compiled: compiled)
        fits.append(bt_resamples(wins))
        fits.append(bt_resamples(wins, start=np.linspace(1100, 900, 7)))
    for fit in fits[1:]:
        assert np.abs(fits[0] - fit).max() < 1e-5


@pytest.mark.parametrize("wins", [np.zeros((2, 3)), np.array([[0, -1], [0, 0]]), np.array([[0, np.nan], [0, 0]])])
def test_what_is_no_win_matrix_is_refused(wins: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidMatchesError, match="win matrix"):
        bradley_terry(wins)
