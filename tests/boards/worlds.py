"""Games of known strengths and of known voters."""

import numpy as np

from s2s_arena.boards.games import Games, Labels
from s2s_arena.records.identity import SystemName


def games(strengths: list[float], matches: int, *, seed: int = 0, voters: int = 1, shill: int | None = None) -> Games:
    """Matches of uniformly drawn pairs; the voter `shill` always votes for the last system."""
    rng = np.random.default_rng(seed)
    size = len(strengths)
    elo = np.array(strengths)
    first = rng.integers(size, size=matches)
    second = (first + rng.integers(1, size, size=matches)) % size
    won = rng.random(matches) < 1 / (1 + 10 ** ((elo[second] - elo[first]) / 400))
    judges = rng.integers(voters, size=matches)
    if shill is not None:
        loyal = judges == shill
        won = np.where(loyal & (first == size - 1), True, np.where(loyal & (second == size - 1), False, won))
    return Games(
        systems=tuple(SystemName(f"s{i}") for i in range(size)),
        pairs=np.stack([first, second], axis=1),
        scores=won.astype(np.float64),
        labels={
            "judge": Labels.of([f"v{i}" for i in judges]),
            "sample": Labels.of([f"q{i}" for i in rng.integers(40, size=matches)]),
        },
        probabilities=np.full(matches, 1.0 / (size * (size - 1) / 2)),
    )
