"""Davidson's ties: a closed form, an independent solver, laws, coverage, and why both bad is no half win."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad, minimize

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, bradley_terry
from s2s_arena.ratings.davidson import TieFit, davidson, loss_and_slopes, outcome_chances, typed_ties
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.win_matrix import tie_matrix, win_matrix
from tests.strategies import tournaments

Matrices = tuple[np.ndarray, np.ndarray]  # type: ignore[type-arg]


def matrices(t) -> Matrices:  # type: ignore[no-untyped-def]
    scores = np.where(np.arange(len(t.won)) % 3 == 0, 0.5, t.won)
    return win_matrix(t.pairs, scores, systems=t.n), tie_matrix(t.pairs, scores, systems=t.n)


def played(strengths: np.ndarray, *, nu: float, matches: int, seed: int) -> Matrices:  # type: ignore[type-arg]
    rng = np.random.default_rng(seed)
    n = len(strengths)
    first = rng.integers(n, size=matches)
    second = (first + rng.integers(1, n, size=matches)) % n
    chances = outcome_chances(strengths[first] - strengths[second], nu=nu)
    outcome = (rng.random(matches)[:, None] > np.cumsum(chances, axis=1)).sum(axis=1)
    scores = np.array([1.0, 0.5, 0.0])[np.minimum(outcome, 2)]
    pairs = np.stack([first, second], axis=1)
    return win_matrix(pairs, scores, systems=n), tie_matrix(pairs, scores, systems=n)


def test_equals_by_hand() -> None:
    # 30 wins each and 40 ties, with half a virtual tie and half a decided game: nu / (2 + nu) = 40.5 / 101.
    fit = davidson(np.array([[0, 30], [30, 0]]), np.array([[0, 40], [40, 0]]))
    assert fit.ratings == pytest.approx([1000, 1000])
    assert fit.tie_rate == pytest.approx(40.5 / 101)
    assert fit.nu == pytest.approx(2 * 40.5 / 60.5)
    # log nu's error is 1 / sqrt(101 t (1 - t))
    error = 1 / np.sqrt(101 * (40.5 / 101) * (60.5 / 101))
    assert np.log(fit.nu_high / fit.nu) == pytest.approx(1.959964 * error, rel=1e-5)


def test_chances_by_hand() -> None:
    # At 400 points the odds of a win against a loss are ten to one: sqrt(10) : nu : 1 / sqrt(10).
    win, tie, loss = outcome_chances(np.array(400.0), nu=0.5)
    assert win / loss == pytest.approx(10)
    assert tie / loss == pytest.approx(0.5 * np.sqrt(10))
    assert outcome_chances(np.array([-1e6, 1e6]), nu=1.0) == pytest.approx(np.array([[0, 0, 1], [1, 0, 0]]))


@settings(max_examples=25, deadline=None)
@given(tournaments(), st.integers(0, 1000))
def test_slopes_are_those_of_the_loss(t, seed) -> None:  # type: ignore[no-untyped-def]
    wins, ties = (m.astype(float) for m in matrices(t))
    at = np.random.default_rng(seed).normal(0, 1, t.n + 1)
    assert check_grad(*(lambda x, i=i: loss_and_slopes(x, wins, ties, prior=0.5)[i] for i in (0, 1)), at) < 1e-4
    hessian = loss_and_slopes(at, wins, ties, prior=0.5)[2]
    for i, step in enumerate(1e-5 * np.eye(t.n + 1)):
        up, down = (loss_and_slopes(at + sign * step, wins, ties, prior=0.5)[1] for sign in (1, -1))
        assert hessian[i] == pytest.approx((up - down) / 2e-5, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(tournaments())
def test_an_independent_solver_agrees(t) -> None:  # type: ignore[no-untyped-def]
    wins, ties = matrices(t)

    def loss(at: np.ndarray) -> float:  # type: ignore[type-arg]
        theta, nu = at[:-1], np.exp(at[-1])
        total = PRIOR * sum(-0.5 * np.log(1 / (1 + np.exp(-x)) / (1 + np.exp(x))) for x in theta)
        total -= 0.5 * np.log(nu / (2 + nu)) + 0.5 * np.log(2 / (2 + nu))
        for i in range(t.n):
            for j in range(t.n):
                if i != j:
                    one, two = np.exp(theta[i]), np.exp(theta[j])
                    norm = one + two + nu * np.sqrt(one * two)
                    total -= wins[i, j] * np.log(one / norm)
                    total -= 0.5 * ties[i, j] * np.log(nu * np.sqrt(one * two) / norm)
        return float(total)

    best = minimize(loss, np.zeros(t.n + 1), method="BFGS", options={"gtol": 1e-8}).x
    fit = davidson(wins, ties)
    assert fit.ratings == pytest.approx(1000 + POINTS_PER_NAT * (best[:-1] - best[:-1].mean()), abs=0.1)
    assert fit.nu == pytest.approx(np.exp(best[-1]), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(tournaments(), st.randoms(use_true_random=False))
def test_names_do_not_matter_and_the_mean_is_1000(t, random) -> None:  # type: ignore[no-untyped-def]
    wins, ties = matrices(t)
    new = np.array(random.sample(range(t.n), t.n))
    fit, renamed = davidson(wins, ties), davidson(wins[np.ix_(new, new)], ties[np.ix_(new, new)])
    assert renamed.ratings == pytest.approx(fit.ratings[new], abs=1e-5)
    assert renamed.nu == pytest.approx(fit.nu)
    assert fit.ratings.mean() == pytest.approx(1000)


@settings(max_examples=25, deadline=None)
@given(tournaments())
def test_one_more_win_raises_the_winners_lead(t) -> None:  # type: ignore[no-untyped-def]
    wins, ties = matrices(t)
    more = wins.copy()
    more[0, 1] += 1
    before, after = davidson(wins, ties).ratings, davidson(more, ties).ratings
    assert after[0] - after[1] > before[0] - before[1]


def test_without_ties_it_is_bradley_terry_and_nu_is_small() -> None:
    wins, _ = played(np.linspace(1200, 800, 5), nu=0.0, matches=3000, seed=0)
    fit = davidson(wins, np.zeros((5, 5)))
    assert fit.nu < 0.002
    assert fit.ratings == pytest.approx(bradley_terry(wins).ratings, abs=0.2)


def test_intervals_cover_as_often_as_they_say() -> None:
    truth = np.linspace(1200, 800, 5)
    fits = [davidson(*played(truth, nu=0.7, matches=400, seed=seed)) for seed in range(200)]
    assert 0.91 <= np.mean([fit.nu_low <= 0.7 <= fit.nu_high for fit in fits]) <= 0.985
    inside = [np.abs(fit.ratings - truth) <= 1.96 * fit.standard_errors for fit in fits]
    assert 0.93 <= np.mean(inside) <= 0.97


@pytest.mark.parametrize(
    ("wins", "ties"),
    [
        ([[0, 1000], [0, 0]], [[0, 0], [0, 0]]),
        ([[0, 0], [0, 0]], [[0, 500], [500, 0]]),
        ([[0, 0, 0], [0, 0, 5], [0, 5, 0]], [[0, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ([[0]], [[0]]),
    ],
)
def test_one_sided_boards_stay_finite(wins: list[list[int]], ties: list[list[int]]) -> None:
    fit = davidson(np.array(wins), np.array(ties))
    assert isinstance(fit, TieFit)
    assert np.isfinite(fit.ratings).all() and np.isfinite(fit.standard_errors).all()
    assert 0 < fit.nu_low < fit.nu < fit.nu_high < np.inf


def test_both_bad_moves_no_rating_and_is_counted() -> None:
    wins, good = played(np.linspace(1100, 900, 3), nu=0.5, matches=300, seed=1)
    none, many = np.zeros((3, 3), dtype=int), np.array([[0, 50, 0], [50, 0, 10], [0, 10, 0]])
    one, other = typed_ties(wins, good, none), typed_ties(wins, good, many)
    assert np.array_equal(one.fit.ratings, other.fit.ratings)
    assert one.fit.nu == other.fit.nu
    met = wins + wins.T + good + many
    assert [e.value for e in other.both_bad] == pytest.approx(many.sum(axis=1) / met.sum(axis=1))
    assert other.both_bad[0].cases == met[0].sum()
    assert other.pairs[0, 1] == pytest.approx(50 / met[0, 1])
    assert np.isnan(other.pairs[0, 0])


@pytest.mark.parametrize("ties", [np.zeros((2, 2)), np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]])])
def test_ties_that_fit_no_wins_are_refused(ties: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidMatchesError, match="ties"):
        davidson(np.zeros((3, 3)), ties)
    with pytest.raises(InvalidMatchesError, match="both bad"):
        typed_ties(np.zeros((3, 3), dtype=int), np.zeros((3, 3), dtype=int), ties)
