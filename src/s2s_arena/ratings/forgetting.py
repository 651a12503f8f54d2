"""Elo over long resamples from their last part alone, with a bound on what the part left out could change.

At constant K the Jacobian of a match is doubly stochastic (K ln 10 / 400 < 1), so two histories that end in the
same matches never grow apart, in the largest difference of a rating as in any other norm, and in practice forget
where they came from.

Cut a resample's older part into b blocks of m matches, and call its last part, of c matches, the tail. Let D be
the largest difference after the tail between a history begun at 1000 with it, and one begun a block earlier.
Matches are drawn independently, so what the whole history has beyond the one begun at the tail is a sum of b
differences, each with the law of D or, having more matches in common, of something no larger. Some resamples
show draws of D: b times their mean bounds the mean error of the whole tail. Nothing is assumed of the ratings;
a board that does not forget (an undefeated system) shows a large D and is played whole.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings import kernels
from s2s_arena.ratings.bootstrap import RESAMPLES, Bootstrap
from s2s_arena.ratings.draws import streams
from s2s_arena.ratings.elo import COMPILED_RESAMPLES_FROM, K, elo, play_side_by_side
from s2s_arena.ratings.matches import POINTS_PER_NAT, START, Outcomes, Pairs, checked

WITHIN = 0.5
"""Elo points that the mean error may reach at most."""

BLOCK = 100  # matches a system in a block
PILOT = 32  # resamples that find out how long a tail is needed
WITNESSES = 256  # resamples whose tail is also played without the block before it, to see D
ERRORS = 3.0  # standard errors added to the mean difference, which is known from the resamples only


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A bootstrap of which only the last part was played.

    Attributes:
        bootstrap: Original Elo (played whole) and resamples.
        played: The last matches of each resample that were played.
        matches: Matches of a whole resample; equal to `played` when nothing was left out.
        bound: On the error against whole resamples, Elo points: of the worst rating of a resample, on average
            over resamples; so a share 1/x of them at most is off by more than x times as much. 0 when all was played.
    """

    bootstrap: Bootstrap
    played: int
    matches: int
    bound: float


def elo_bootstrap_bounded(
    pairs: Pairs,
    first_won: Outcomes,
    *,
    systems: int,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    k: float = K,
    within: float = WITHIN,
) -> Forgotten:
    """The resamples that `bootstrap.elo_bootstrap` would play from the same generator, from their last matches.

    As much is played as it takes to bound the error by `within`; all of it where that does not pay.

    Args:
        pairs: Shape (matches, 2).
        first_won: Shape (matches,), 0..1.
        systems: How many systems there are.
        rng: Where the draws come from.
        resamples: How many, at least 2.
        k: Points at stake; below 400 / ln 10 = 173.7, where the bound holds.
        within: The bound asked for, Elo points, above 0.

    Raises:
        InvalidMatchesError: As in `checked`; or `k` or `within` is out of range.
    """
    if not 0.0 < k < POINTS_PER_NAT:
        raise InvalidMatchesError(f"k {k}: the bound needs 0 < k < {POINTS_PER_NAT:.1f}; use elo_bootstrap")
    if not within > 0.0:
        raise InvalidMatchesError(f"within {within}: Elo points above 0 needed")
    who, scores = checked(pairs, first_won, systems=systems)
    original = elo(who, scores, systems=systems, k=k)
    matches = len(scores)
    fresh = np.full((resamples, systems), START)
    if not matches:
        whole = Bootstrap(original=original, resampled=fresh)
        return Forgotten(bootstrap=whole, played=0, matches=0, bound=0.0)
    states = rng.integers(0, 2**64, size=resamples, dtype=np.uint64)

    def play(start: NDArray[np.float64], begin: int, end: int) -> NDArray[np.float64]:
        ratings, some = start.copy(), states[: len(start)]
        if kernels.worth((end - begin) * resamples, alone=COMPILED_RESAMPLES_FROM):
            kernels.elo_resamples(ratings, who, scores, states=some, begin=begin, length=end - begin, k=k)
        else:
            drawn = streams(some, matches=matches, length=end - begin, begin=begin)
            play_side_by_side(ratings, who, scores, drawn=drawn, k=k)
        return ratings

    def tail(rows: int, blocks: int) -> tuple[NDArray[np.float64], float]:
        begin = blocks * block
        earlier = play(fresh[:rows], begin - block, matches)
        later = play(fresh[: min(rows, WITNESSES)], begin, matches)
        apart = np.abs(earlier[: len(later)] - later).max(axis=1)
        bound = (blocks - 1) * float(apart.mean() + ERRORS * apart.std(ddof=1) / math.sqrt(len(later)))
        return earlier, bound  # it holds one block more than the tail, so that only blocks - 1 are left out

    block = BLOCK * systems
    blocks = matches // block - 1
    pilot = min(PILOT, resamples)
    while blocks > 1 and 3 * (matches - blocks * block) < 2 * matches:
        if tail(pilot, blocks)[1] <= within / 2.0:
            resampled, bound = tail(resamples, blocks)
            if bound <= within:
                return Forgotten(
                    bootstrap=Bootstrap(original=original, resampled=resampled),
                    played=matches - (blocks - 1) * block,
                    matches=matches,
                    bound=bound,
                )
        blocks -= max(1, (matches // block - blocks) // 4)
    whole = Bootstrap(original=original, resampled=play(fresh, 0, matches))
    return Forgotten(bootstrap=whole, played=matches, matches=matches, bound=0.0)
