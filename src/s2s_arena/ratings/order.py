"""How much of a sequential Elo rating is the order of play: the same results, played in other orders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.elo import K, elo, play_side_by_side
from s2s_arena.ratings.matches import START, Outcomes, Pairs, Ratings, checked


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNoise:
    """Elo over reshuffled orders of the same matches.

    Attributes:
        mean: Shape (systems,): order-averaged Elo, which has no order to blame.
        sd: Shape (systems,): how far a reshuffle moves each rating, Elo points.
        changed: Share of reshuffles whose ranking differs from that of the order given, 0..1.
    """

    mean: Ratings
    sd: NDArray[np.float64]
    changed: float


def order_noise(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    shuffles: int = 200,
    k: float = K,
) -> OrderNoise:
    """Play the same matches in random orders.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        rng: Where the orders come from.
        shuffles: How many orders, at least 2; memory grows with matches times shuffles.
        k: Points at stake in one match.

    Raises:
        InvalidMatchesError: As in `checked`.
    """
    who, scores = checked(pairs, first_won, systems=systems)
    ratings = np.full((shuffles, systems), START)
    orders = rng.permuted(np.tile(np.arange(len(scores)), (shuffles, 1)), axis=1).T
    play_side_by_side(ratings, who, scores, drawn=[orders], k=k)
    given = np.argsort(-elo(who, scores, systems=systems, k=k), kind="stable")
    changed = (np.argsort(-ratings, axis=1, kind="stable") != given).any(axis=1)
    return OrderNoise(mean=ratings.mean(axis=0), sd=ratings.std(axis=0, ddof=1), changed=float(changed.mean()))
