"""How much of a sequential Elo rating is the order of play: the same results, played in other orders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings import kernels
from s2s_arena.ratings.elo import COMPILED_RESAMPLES_FROM, K, elo, play_side_by_side
from s2s_arena.ratings.matches import START, Outcomes, Pairs, Ratings, checked

SHUFFLES = 200
WORK = 20_000_000  # matches played at most: longer lists are reshuffled less often, which about a second allows
FEWEST = 20  # shuffles of however long a list
BLOCK = 2_000_000  # matches whose order is held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoise:
    """Elo over reshuffled orders of the same matches.

    Attributes:
        mean: Shape (systems,): order-averaged Elo, which has no order to blame.
        sd: Shape (systems,): how far a reshuffle moves each rating, Elo points.
        shuffles: How many orders were played; fewer than asked for on very long lists.
        changed: Share of reshuffles whose ranking differs from that of the order given, 0..1.
    """

    mean: Ratings
    sd: NDArray[np.float64]
    changed: float
    shuffles: int


def order_noise(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    shuffles: int = SHUFFLES,
    k: float = K,
) -> OrderNoise:
    """Play the same matches in random orders.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        rng: Where the orders come from.
        shuffles: How many orders, at least 2. Past 20 they are cut to what plays 20 million matches in all.
        k: Points at stake in one match.

    Raises:
        InvalidMatchesError: As in `checked`.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    matches = len(scores)
    shuffles = min(shuffles, max(FEWEST, WORK // max(1, matches)))
    ratings = np.full((shuffles, systems), START)
    compiled = kernels.worth(shuffles * matches, alone=COMPILED_RESAMPLES_FROM)
    rows = max(1, BLOCK // max(1, matches))
    for low in range(0, shuffles, rows):
        some = ratings[low : low + rows]
        orders = rng.permuted(np.tile(np.arange(matches, dtype=np.int32), (len(some), 1)), axis=1)
        if compiled:
            for row, order in zip(some, orders, strict=True):
                kernels.elo_pass(row, who[order], scores[order], k)
        else:
            play_side_by_side(some, who, scores, drawn=[orders.T], k=k)
    given = np.argsort(-elo(who, scores, systems=systems, k=k), kind="stable")
    changed = (np.argsort(-ratings, axis=1, kind="stable") != given).any(axis=1)
    return OrderNoise(
        mean=ratings.mean(axis=0),
        sd=ratings.std(axis=0, ddof=1),
        changed=float(changed.mean()),
        shuffles=shuffles,
    )
