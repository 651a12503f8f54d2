"""From the paper's Table 4: what its procedure shows, what intervals cover, what a sampler gains (bench/ at large)."""

import numpy as np
import pytest
from bench import coverage, pairing

from s2s_arena.ratings.bootstrap import bt_bootstrap, elo_bootstrap
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.order import order_noise
from s2s_arena.ratings.pairing import all_pairs, d_optimal_weights, draw, probabilities, uniform_weights
from s2s_arena.ratings.win_matrix import win_matrix

from ..strategies import simulated
from .fields import STRENGTHS, SYSTEMS, chance

TRUTH = STRENGTHS - STRENGTHS.mean() + 1000.0


def test_the_papers_bootstrap_correlation_and_the_noise_of_the_order_are_found_again() -> None:
    correlations, noise = [], []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        pairs, won = simulated(STRENGTHS, matches=1001, rng=rng)
        correlations.append(elo_bootstrap(pairs, won, systems=SYSTEMS, rng=rng, resamples=200).spearman[0])
        noise.append(order_noise(pairs, won, systems=SYSTEMS, rng=rng, shuffles=60).sd.mean())
    assert np.mean(correlations) == pytest.approx(0.94, abs=0.03)
    assert np.mean(noise) == pytest.approx(41.0, abs=3.0)


def test_bootstrap_intervals_cover_as_often_as_they_say_at_every_level() -> None:
    inside = {0.5: 0, 0.8: 0, 0.95: 0}  # intervals that are merely wide would fail at the lower levels
    for seed in range(80):
        rng = np.random.default_rng([7, seed])
        pairs, won = simulated(STRENGTHS, matches=1001, rng=rng)
        made = bt_bootstrap(win_matrix(pairs, won, systems=SYSTEMS), rng=rng, resamples=300)
        for level in inside:
            low, high = made.interval(level)
            inside[level] += int(((low <= TRUTH) & (high >= TRUTH)).sum())
    for level, count in inside.items():
        assert count / (80 * SYSTEMS) == pytest.approx(level, abs=0.05)
    assert 0.92 <= inside[0.95] / (80 * SYSTEMS) <= 0.98


def test_small_slices_are_covered_by_the_sandwich_and_not_by_the_bootstrap() -> None:
    bootstrap, _ = coverage.covered(coverage.by_bootstrap, studies=40, matches=60)
    sandwich, _ = coverage.covered(coverage.by_sandwich, studies=40, matches=60)
    assert bootstrap < 0.93 < sandwich


def test_errors_of_the_simulated_samplers_are_those_the_documents_give() -> None:
    made = pairing.simulate(runs=12, seed=3, samplers=("uniform", "d-optimal"), votes=(200, 400, 1000))
    for name, found in made.items():
        assert found.mean(axis=0)[1:] == pytest.approx(pairing.PUBLISHED[name][1:3], rel=0.2)
        assert (np.diff(found.mean(axis=0)) < 0).all()


def test_simulated_errors_of_uniform_draws_are_those_of_theory() -> None:
    found = pairing.simulate(runs=30, seed=4, samplers=("uniform",), votes=(1000,))["uniform"][:, 0]
    uniform, best = pairing.best_possible(1000)
    assert found.mean() == pytest.approx(uniform, abs=3 * found.std(ddof=1) / np.sqrt(30))
    assert 0.9 < best / uniform < 0.96  # no sampler gains more than a few per cent


def test_d_optimal_draws_tell_more_about_all_ratings_than_uniform_ones() -> None:
    pairs = all_pairs(SYSTEMS)
    p = chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])

    def information(optimal: bool, seed: int) -> float:
        rng = np.random.default_rng(seed)
        wins = np.zeros((SYSTEMS, SYSTEMS))
        counts = np.zeros(len(pairs))
        for _ in range(20):
            fit = bradley_terry(wins)
            weights = d_optimal_weights(fit.ratings, fit.covariance) if optimal else uniform_weights(SYSTEMS)
            drawn, _ = draw(probabilities(weights), size=20, rng=rng)
            won = rng.random(20) < p[drawn]
            winner = np.where(won, pairs[drawn, 0], pairs[drawn, 1])
            np.add.at(wins, (winner, pairs[drawn].sum(axis=1) - winner), 1.0)
            np.add.at(counts, drawn, 1.0)
        laplacian = np.zeros((SYSTEMS, SYSTEMS))
        for (i, j), weight in zip(pairs, counts * p * (1 - p), strict=True):
            side = np.eye(SYSTEMS)[i] - np.eye(SYSTEMS)[j]
            laplacian += weight * np.outer(side, side)
        return float(np.linalg.slogdet(laplacian[1:, 1:])[1])

    gains = np.array([information(True, seed) - information(False, seed) for seed in range(12)])
    assert gains.mean() > 3 * gains.std(ddof=1) / np.sqrt(12) and gains.mean() > 0.5
