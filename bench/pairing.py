"""Which sampler finds the ratings with the fewest votes: uniform, the paper's rule and D-optimal, on simulated studies.

Usage: python -m bench.pairing [--runs 120] [--mix 0.1] [--round 20] [--json]

Ten systems of the strengths in the paper's Table 4; every vote is drawn from Bradley-Terry, every round from the
ratings of the rounds before it. Prints the root mean squared error of the ratings in Elo points after 200, 400, 1,000
and 2,000 votes, with its standard error over runs.
"""

import argparse
import json

import numpy as np

from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.pairing import all_pairs, d_optimal_weights, draw, paper_weights, probabilities, uniform_weights

STRENGTHS = np.array([1246.1, 1239.2, 1231.9, 1148.2, 1088.3, 1056.7, 908.7, 727.4, 677.1, 676.4])  # facts: Table 4
VOTES = (200, 400, 1000, 2000)
SAMPLERS = ("uniform", "paper", "d-optimal")
PUBLISHED = {  # what earlier simulations of the same set-up found
    "uniform": (64, 47, 29.7, 21.1),
    "paper": (57, 42, 28.3, 19.5),
    "d-optimal": (59, 44, 27.8, 18.9),
}


def errors(
    sampler: str, *, rng: np.random.Generator, votes: tuple[int, ...], uniform_mix: float, round_size: int
) -> list[float]:
    """Root mean squared error after each number of votes, of one study."""
    systems = len(STRENGTHS)
    pairs = all_pairs(systems)
    truth = STRENGTHS - STRENGTHS.mean()
    chance = 1.0 / (1.0 + 10.0 ** ((STRENGTHS[pairs[:, 1]] - STRENGTHS[pairs[:, 0]]) / 400.0))
    wins = np.zeros((systems, systems))
    made: list[float] = []
    played = 0
    while played < votes[-1]:
        fit = bradley_terry(wins)
        if sampler == "uniform":
            weights = uniform_weights(systems)
        elif sampler == "paper":
            weights = paper_weights(fit.ratings)
        else:
            weights = d_optimal_weights(fit.ratings, fit.covariance)
        drawn, _ = draw(probabilities(weights, uniform_mix=uniform_mix), size=round_size, rng=rng)
        won = rng.random(round_size) < chance[drawn]
        winner = np.where(won, pairs[drawn, 0], pairs[drawn, 1])
        np.add.at(wins, (winner, pairs[drawn].sum(axis=1) - winner), 1.0)
        played += round_size
        if played in votes:
            found = bradley_terry(wins).ratings
            made.append(float(np.sqrt(np.mean((found - found.mean() - truth) ** 2))))
    return made


def simulate(
    *,
    runs: int,
    uniform_mix: float = 0.1,
    round_size: int = 20,
    seed: int = 0,
    samplers: tuple[str, ...] = SAMPLERS,
    votes: tuple[int, ...] = VOTES,
) -> dict[str, np.ndarray]:
    """Errors of each sampler, shape (runs, checkpoints)."""
    made = {}
    for sampler in samplers:
        studies = (np.random.default_rng([seed, run]) for run in range(runs))
        made[sampler] = np.array(
            [errors(sampler, rng=rng, votes=votes, uniform_mix=uniform_mix, round_size=round_size) for rng in studies]
        )
    return made


def best_possible(votes: int) -> tuple[float, float]:
    """Error that theory allows an unbiased fit of so many votes: drawn uniformly, and A-optimally by true strengths.

    From the inverse information (Cramér-Rao); the second is the least root mean squared error of any sampler.
    """
    pairs = all_pairs(len(STRENGTHS))
    sides = np.eye(len(STRENGTHS))[pairs[:, 0]] - np.eye(len(STRENGTHS))[pairs[:, 1]]
    p = 1.0 / (1.0 + 10.0 ** ((STRENGTHS[pairs[:, 1]] - STRENGTHS[pairs[:, 0]]) / 400.0))
    told = p * (1.0 - p)

    def inverse(shares: np.ndarray) -> np.ndarray:
        return np.linalg.pinv((sides * (shares * told)[:, None]).T @ sides)

    even = np.full(len(pairs), 1.0 / len(pairs))
    shares = even
    for _ in range(2000):
        shares = shares * np.sqrt(told * ((inverse(shares) @ sides.T) ** 2).sum(axis=0))
        shares = shares / shares.sum()
    points = 400.0 / np.log(10.0)
    return tuple(  # type: ignore[return-value]
        float(points * np.sqrt(np.trace(inverse(share)) / len(STRENGTHS) / votes)) for share in (even, shares)
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=120)
    parser.add_argument("--mix", type=float, default=0.1)
    parser.add_argument("--round", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    made = simulate(runs=options.runs, uniform_mix=options.mix, round_size=options.round)
    if options.json:
        report = {
            name: dict(zip(map(str, VOTES), found.mean(axis=0).tolist(), strict=True)) for name, found in made.items()
        }
        print(json.dumps({"rmse_points": report, "runs": options.runs}, indent=2))
        return
    print("RMSE in Elo points, standard error over runs; in brackets an earlier simulation of the same set-up")
    print(f"{'votes':<10}" + "".join(f"{votes:>22}" for votes in VOTES))
    for name, found in made.items():
        error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        cells = [
            f"{mean:8.1f} ± {noise:3.1f} ({known:g})"
            for mean, noise, known in zip(found.mean(axis=0), error, PUBLISHED[name], strict=True)
        ]
        print(f"{name:<10}" + "".join(f"{cell:>22}" for cell in cells))
    limits = [best_possible(votes) for votes in VOTES]
    for name, limit in zip(("theory, uniform", "theory, best"), zip(*limits, strict=True), strict=True):
        print(f"{name:<16}" + "".join(f"{value:>{16 if i == 0 else 22}.1f}" for i, value in enumerate(limit)))


if __name__ == "__main__":
    main()
