"""Simulated fields of systems for tests of intervals: Table 4's strengths, with what samples and judges favour."""

import numpy as np
from numpy.typing import NDArray

from s2s_arena.rank.paper_tables import TABLE_4
from s2s_arena.ratings.bradley_terry import bradley_terry

Floats = NDArray[np.float64]
STRENGTHS: Floats = np.array([row[0] for row in TABLE_4.values()])
SYSTEMS = len(STRENGTHS)


def chance(gap: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + 10.0 ** (-np.asarray(gap) / 400.0)))


def leaning_votes(
    rng: np.random.Generator, *, votes: int, samples: int, judges: int, sample_sd: float, judge_sd: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
    """Pairs, whether the first won, sample and judge of each vote; each sample and judge likes systems its own way."""
    first = rng.integers(SYSTEMS, size=votes)
    second = (first + rng.integers(1, SYSTEMS, size=votes)) % SYSTEMS
    sample = rng.permutation(np.arange(votes) % samples)
    judge = rng.permutation(np.arange(votes) % judges)
    liked = rng.normal(0.0, sample_sd, (samples, SYSTEMS))[sample] + rng.normal(0.0, judge_sd, (judges, SYSTEMS))[judge]
    rows = np.arange(votes)
    gap = STRENGTHS[first] - STRENGTHS[second] + liked[rows, first] - liked[rows, second]
    return np.stack([first, second], axis=1), rng.random(votes) < chance(gap), sample, judge


def population_ratings(*, sample_sd: float, judge_sd: float) -> Floats:
    """What Bradley-Terry finds with endless votes: win rates averaged over all samples and judges there could be."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    sd = np.sqrt(2.0 * (sample_sd**2 + judge_sd**2))
    gaps = STRENGTHS[:, None, None] - STRENGTHS[None, :, None] + sd * nodes
    wins = (chance(gaps) * weights).sum(axis=-1) / weights.sum()
    np.fill_diagonal(wins, 0.0)
    return bradley_terry(wins * 1e6).ratings
