"""What a judge favours besides the better answer: the position heard, the longer answer; and its consistency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.ratings.agreement import Estimate, wilson
from s2s_arena.ratings.matches import Outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lean:
    """How often one side wins minus how often the other does, -1..1; 0 is no bias."""

    difference: Estimate
    wins: int
    losses: int


def _lean(wins: int, losses: int) -> Lean:
    share = wilson(wins, wins + losses)
    if share.value is None or share.low is None or share.high is None:
        return Lean(difference=share, wins=wins, losses=losses)
    # wins - losses over their sum is twice the share minus one, and so is its interval
    scaled = Estimate(value=2 * share.value - 1, low=2 * share.low - 1, high=2 * share.high - 1, cases=share.cases)
    return Lean(difference=scaled, wins=wins, losses=losses)


def position_bias(first_won: Outcomes) -> Lean:
    """Win rate of the take heard first minus that of the second; ties are left out.

    Args:
        first_won: Shape (matches,), 0..1.
    """
    scores = np.asarray(first_won, dtype=np.float64)
    return _lean(int((scores > 0.5).sum()), int((scores < 0.5).sum()))


def length_bias(first_won: Outcomes, *, first_s: NDArray[np.float64], second_s: NDArray[np.float64]) -> Lean:
    """Win rate of the longer answer minus that of the shorter; ties and equal lengths are left out.

    Args:
        first_won: Shape (matches,), 0..1.
        first_s: Shape (matches,), seconds; NaN where the length is not known, which leaves the match out.
        second_s: Shape (matches,), seconds.
    """
    scores = np.asarray(first_won, dtype=np.float64)
    longer = np.sign(np.asarray(first_s, dtype=np.float64) - np.asarray(second_s, dtype=np.float64))
    said = np.sign(scores - 0.5)
    product = (longer * said)[np.isfinite(longer)]
    return _lean(int((product > 0).sum()), int((product < 0).sum()))


def consistency(once: Outcomes, again: Outcomes, *, swapped: bool = False) -> Estimate:
    """Share of matches on which a judge says the same when asked again.

    Args:
        once: Shape (matches,), 0..1 for the first take.
        again: Shape (matches,); with `swapped`, of the same takes heard in the other order.
        swapped: Whether the second asking was in the other order.
    """
    one = np.asarray(once, dtype=np.float64)
    two = np.asarray(again, dtype=np.float64)
    same = one == (1.0 - two if swapped else two)
    return wilson(int(same.sum()), len(one))
