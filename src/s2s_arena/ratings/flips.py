"""Votes needed to flip the top: how few verdicts, reversed or dropped, put another system first."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import PRIOR, Fit, bradley_terry, checked_wins
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.win_matrix import Counts

Change = Literal["reverse", "drop"]

LEAD = 1e-6  # points: less is a shared place, within the error of a fit
ROUNDS = 60  # of taking the votes that now count most; each covers most of the gap that is left
WORTH_TRYING = 1.25  # rivals whose first-order count is this much above the best found are not refitted


@dataclass(frozen=True, slots=True, kw_only=True)
class TopFlip:
    """The smallest set of verdicts found whose change puts another system first, checked by fitting again.

    Attributes:
        change: "reverse" (the loser is said to have won) or "drop" (the verdict is taken out).
        top: Index of the system that is first now.
        rival: Index of the system that is first afterwards; None where no set of verdicts does it.
        votes: How many verdicts; one fewer of them leaves the top as it is. None where none does it.
        share: `votes` over all verdicts, 0..1; None where none does it.
        changed: Shape (systems, systems): how many of the wins of the row over the column are changed.
        total: Verdicts in all.
    """

    change: Change
    top: int
    rival: int | None
    votes: int | None
    share: float | None
    changed: Counts
    total: int


def top_flip(wins: Counts, *, change: Change = "reverse", ties: Counts | None = None, prior: float = PRIOR) -> TopFlip:
    """How many verdicts stand between the board and another winner (Bradley-Terry, as `bradley_terry` fits it).

    For each rival, verdicts are taken in the order of their influence on its gap to the top, fitting again
    whenever the influences have changed; then the number is cut to the smallest that works. The search is
    greedy: a smaller set may exist, a larger one is never needed. No verdict moves the gap further than one
    between the two themselves when reversed, because influence falls along the graph as current does.

    Args:
        wins: Shape (systems, systems), integer counts.
        change: What is done to a verdict.
        ties: Shape (systems, systems), symmetric counts; half a win for each, never changed.
        prior: Weight of the virtual game, as in `bradley_terry`.

    Raises:
        InvalidMatchesError: Fewer than two systems, counts that are not whole numbers, or as in `bradley_terry`.
    """
    given = checked_wins(wins)
    if len(given) < 2:
        raise InvalidMatchesError(f"top flip: {len(given)} systems given; at least two needed")
    if (given != np.round(given)).any():
        raise InvalidMatchesError("top flip: a win count is not a whole number; give counts of verdicts, not weights")
    halves = 0.5 * checked_wins(ties) if ties is not None else np.zeros_like(given)
    search = _Search(wins=given, halves=halves, prior=prior, reverse=change == "reverse")
    fit = search.fit(np.zeros_like(given))
    top = _leader(fit)
    total = int(given.sum())
    best: tuple[int, int, NDArray[np.float64]] | None = None
    for estimate, rival in sorted((search.estimate(fit, top, j), j) for j in range(len(given)) if j != top):
        if best is not None and estimate > WORTH_TRYING * best[0] + 1:
            break
        found = search.flip(fit, top, rival, limit=total if best is None else best[0] - 1)
        if found is not None:
            best = found
    if best is None:
        unchanged = np.zeros(given.shape, dtype=np.int64)
        return TopFlip(change=change, top=top, rival=None, votes=None, share=None, changed=unchanged, total=total)
    votes, winner, changed = best
    return TopFlip(
        change=change,
        top=top,
        rival=winner,
        votes=votes,
        share=votes / total,
        changed=changed.astype(np.int64),
        total=total,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    wins: NDArray[np.float64]
    halves: NDArray[np.float64]
    prior: float
    reverse: bool

    def fit(self, changed: NDArray[np.float64], start: Fit | None = None) -> Fit:
        now = self.wins - changed + (changed.T if self.reverse else 0.0) + self.halves
        return bradley_terry(now, prior=self.prior, start=None if start is None else start.ratings)

    def gains(self, fit: Fit, top: int, rival: int) -> NDArray[np.float64]:
        """Points by which changing one win of the row over the column closes the gap, to first order."""
        lift = (fit.covariance[rival] - fit.covariance[top]) / POINTS_PER_NAT
        gain = lift[None, :] - lift[:, None]
        if not self.reverse:  # a dropped win loses only what was surprising about it
            gain = gain * 0.5 * (1.0 - np.tanh(0.5 * (fit.ratings[:, None] - fit.ratings[None, :]) / POINTS_PER_NAT))
        return np.asarray(gain, dtype=np.float64)

    def estimate(self, fit: Fit, top: int, rival: int) -> float:
        """Votes needed if every vote kept the influence it has now; infinite where all together do not suffice."""
        cells, gain, held = self._ranked(fit, top, rival, np.zeros_like(self.wins))
        reach = np.cumsum(gain * held)
        gap = float(fit.ratings[top] - fit.ratings[rival])
        where = int(np.searchsorted(reach, gap))
        if where == len(cells):
            # Influence grows when a gap closes, so a rival out of first-order reach may still be within it.
            return float(held.sum() + 1)
        before = float(reach[where - 1]) if where else 0.0
        return float(held[:where].sum() + (gap - before) / gain[where])

    def _ranked(
        self, fit: Fit, top: int, rival: int, changed: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        gain = self.gains(fit, top, rival).reshape(-1)
        left = (self.wins - changed).reshape(-1)
        cells = np.flatnonzero((left > 0.0) & (gain > 1e-12))
        cells = cells[np.argsort(-gain[cells], kind="stable")]
        return cells.astype(np.int64), gain[cells], left[cells]

    def flip(self, fit: Fit, top: int, rival: int, *, limit: int) -> tuple[int, int, NDArray[np.float64]] | None:
        """(votes, who is first then, which votes), or None if it takes more than `limit`."""
        changed = np.zeros_like(self.wins)
        now = fit
        for _ in range(ROUNDS):
            cells, gain, held = self._ranked(now, top, rival, changed)
            budget = limit - int(changed.sum())
            if not len(cells) or budget <= 0:
                return None
            gap = float(now.ratings[top] - now.ratings[rival])
            taken = _prefix(gain, held, gap=gap, budget=budget)
            after = self._after(changed, cells, held, taken)
            then = self.fit(after, start=now)
            if _first(then, top) is not None:
                return self._fewest(changed, cells, held, taken, then, top)
            changed, now = after, then
        return None

    def _after(
        self, changed: NDArray[np.float64], cells: NDArray[np.int64], held: NDArray[np.float64], votes: int
    ) -> NDArray[np.float64]:
        before = np.concatenate([[0.0], np.cumsum(held)[:-1]])
        after = changed.reshape(-1).copy()
        after[cells] += np.clip(votes - before, 0.0, held)
        return after.reshape(changed.shape)

    def _fewest(
        self,
        changed: NDArray[np.float64],
        cells: NDArray[np.int64],
        held: NDArray[np.float64],
        enough: int,
        fit: Fit,
        top: int,
    ) -> tuple[int, int, NDArray[np.float64]] | None:
        few, many, now = 0, enough, fit
        while many - few > 1:
            middle = (few + many) // 2
            then = self.fit(self._after(changed, cells, held, middle), start=fit)
            if _first(then, top) is None:
                few = middle
            else:
                many, now = middle, then
        winner = _first(now, top)
        after = self._after(changed, cells, held, many)
        return None if winner is None else (int(after.sum()), winner, after)


def _first(fit: Fit, top: int) -> int | None:
    """Who is first instead of `top`, if someone is by more than rounding."""
    winner = _leader(fit)
    return winner if fit.ratings[winner] - fit.ratings[top] > LEAD else None


def _leader(fit: Fit) -> int:
    """The best system; of several that share the place, the first."""
    return int(np.flatnonzero(fit.ratings > fit.ratings.max() - LEAD)[0])


def _prefix(gain: NDArray[np.float64], held: NDArray[np.float64], *, gap: float, budget: int) -> int:
    """How many votes, most influential first, close the gap; at least one, at most the budget."""
    reach = np.cumsum(gain * held)
    where = int(np.searchsorted(reach, gap))
    if where == len(gain):
        return min(int(held.sum()), budget)
    before = float(reach[where - 1]) if where else 0.0
    needed = int(held[:where].sum()) + int(np.ceil(max(gap - before, 0.0) / gain[where]))
    return max(1, min(needed, budget, int(held.sum())))
