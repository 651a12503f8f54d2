"""Non-transitive cycles (A beats B beats C beats A) against what one scale of strengths leads to expect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry, checked_wins
from s2s_arena.ratings.elo import expected
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.win_matrix import Counts

RESAMPLES = 1000
LISTED = 10
BLOCK_CELLS = 200_000  # cells of boards simulated at once: small enough to stay in the cache
ROUNDING = 1e-4  # of z in single precision
HALF = 0.5  # added to both counts of a pair, so that log-odds and their errors exist (Haldane, Anscombe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Three systems of which each won most of its matches against the next.

    Attributes:
        systems: (i, j, k): i beats j, j beats k, k beats i; the lowest index first.
        rates: Win rates of i over j, j over k, k over i, each above .5.
        matches: Decided matches of the three pairs.
        curl: Elo points by which the three gaps, added around the loop, miss the 0 of a single scale.
        z: `curl` over its standard error.
        p_value: Chance, 0..1, of so large a |z| anywhere on a board without cycles (adjusted for all triples).
    """

    systems: tuple[int, int, int]
    rates: tuple[float, float, float]
    matches: tuple[int, int, int]
    curl: float
    z: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycles:
    """How many cycles there are, how many chance alone makes, and the strongest.

    Attributes:
        triples: Sets of three systems that have all met each other.
        found: How many of them are cycles.
        expected: Mean number of cycles when Bradley-Terry is true and as many matches are played.
        p_value: Chance of `found` or more then, 0..1; 1 without a triple.
        strongest_p: Chance of so strong a deviation of any triple from one scale then (largest |z|), cycle or not.
        strongest: Cycles by |z|, strongest first.
    """

    triples: int
    found: int
    expected: float
    p_value: float
    strongest_p: float
    strongest: tuple[Cycle, ...]


def cycles(wins: Counts, *, rng: np.random.Generator, resamples: int = RESAMPLES, listed: int = LISTED) -> Cycles:
    """Count three-cycles and test them by a parametric bootstrap of the fitted Bradley-Terry model.

    Every triple has a curl, the sum of its three log-odds around the loop (Jiang et al. 2011): 0 on one scale of
    strengths. Pairs that never met belong to no triple; a pair with as many wins as losses belongs to no cycle.

    Args:
        wins: Shape (systems, systems), integer counts; ties left out.
        rng: Where the draws come from.
        resamples: How many boards are simulated, at least 1.
        listed: How many cycles to return at most.

    Raises:
        InvalidMatchesError: Counts that are not whole numbers, no resample, or as in `bradley_terry`.
    """
    given = checked_wins(wins)
    if (given != np.round(given)).any():
        raise InvalidMatchesError("cycles: a win count is not a whole number; give counts of verdicts, not weights")
    if resamples < 1:
        raise InvalidMatchesError(f"cycles: {resamples} resamples given; at least 1 needed")
    met = given + given.T
    triples = _triples(met > 0.0)
    if not len(triples):
        return Cycles(triples=0, found=0, expected=0.0, p_value=1.0, strongest_p=1.0, strongest=())
    z = _curl_z(given, triples)
    observed, strongest = _statistics(given[None])
    counts, largest = _simulated(given, rng=rng, resamples=resamples)
    return Cycles(
        triples=len(triples),
        found=int(observed[0]),
        expected=float(counts.mean()),
        p_value=_tail(counts, float(observed[0])),
        strongest_p=_tail(largest, float(strongest[0])),
        strongest=_strongest(given, triples, z=z, largest=largest, listed=listed),
    )


def _triples(met: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Shape (triples, 3), ascending indices."""
    parts = [np.zeros((0, 3), dtype=np.int64)]
    for i in range(len(met)):
        later = np.flatnonzero(met[i, i + 1 :]) + i + 1
        j, k = np.nonzero(np.triu(met[np.ix_(later, later)], 1))
        parts.append(np.stack([np.full(len(j), i), later[j], later[k]], axis=1))
    return np.concatenate(parts).astype(np.int64)


def _curl_z(wins: NDArray[np.float64], triples: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sum of log-odds around (i, j, k) over its standard error, shape (triples,)."""
    odds = np.log(wins + HALF) - np.log(wins.T + HALF)
    variance = 1.0 / (wins + HALF) + 1.0 / (wins.T + HALF)
    i, j, k = triples.T
    curl = odds[i, j] + odds[j, k] + odds[k, i]
    return np.asarray(curl / np.sqrt(variance[i, j] + variance[j, k] + variance[k, i]), dtype=np.float64)


def _statistics(boards: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Number of cycles and largest |z| of each board, each of shape (boards,).

    Single precision and whole slices instead of lists of triples: a hundred systems have 161,700 of them.
    """
    losses = boards.transpose(0, 2, 1)
    beats = (boards > losses).astype(np.float32)
    # A closed walk of three wins is a cycle, met once from each of its three systems.
    counts = np.einsum("bij,bji->b", beats @ beats, beats, dtype=np.float64) / 3.0
    odds = (np.log(boards + HALF) - np.log(losses + HALF)).astype(np.float32)
    variance = 1.0 / (boards + HALF) + 1.0 / (losses + HALF)
    variance[boards + losses == 0.0] = np.inf
    spread = variance.astype(np.float32)
    largest = np.zeros(len(boards), dtype=np.float32)
    for i in range(boards.shape[1] - 2):
        square = odds[:, i + 1 :, i + 1 :] + odds[:, i, i + 1 :, None]
        square -= odds[:, i, None, i + 1 :]
        square *= square
        total = spread[:, i + 1 :, i + 1 :] + spread[:, i, i + 1 :, None]
        total += spread[:, i, None, i + 1 :]
        square /= total
        np.maximum(largest, square.max(axis=(1, 2)), out=largest)
    return np.round(counts), np.sqrt(largest.astype(np.float64))


def _simulated(
    wins: NDArray[np.float64], *, rng: np.random.Generator, resamples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`_statistics` of boards drawn from the fitted model, each of shape (resamples,)."""
    ratings = bradley_terry(wins).ratings
    first, second = np.triu_indices(len(wins), 1)
    games = (wins + wins.T)[first, second].astype(np.int64)
    p = expected(ratings[first] - ratings[second])
    counts, largest = np.empty(resamples), np.empty(resamples)
    block = max(1, BLOCK_CELLS // wins.size)
    for low in range(0, resamples, block):
        some = min(block, resamples - low)
        won = rng.binomial(games, p, size=(some, len(games)))
        boards = np.zeros((some, *wins.shape))
        boards[:, first, second] = won
        boards[:, second, first] = games - won
        counts[low : low + some], largest[low : low + some] = _statistics(boards)
    return counts, largest


def _tail(simulated: NDArray[np.float64], observed: float) -> float:
    return float((1 + (simulated >= observed - ROUNDING).sum()) / (1 + len(simulated)))


def _strongest(
    wins: NDArray[np.float64],
    triples: NDArray[np.int64],
    *,
    z: NDArray[np.float64],
    largest: NDArray[np.float64],
    listed: int,
) -> tuple[Cycle, ...]:
    lead = np.sign(wins - wins.T)
    one, two, three = triples.T
    where = np.flatnonzero(np.abs(lead[one, two] + lead[two, three] + lead[three, one]) == 3.0)
    where = where[np.argsort(-np.abs(z[where]), kind="stable")][:listed]
    result = []
    for index in where.tolist():
        i, j, k = triples[index].tolist()
        loop = (i, j, k) if wins[i, j] > wins[j, i] else (i, k, j)
        edges = list(zip(loop, (loop[1], loop[2], loop[0]), strict=True))
        won = [wins[a, b] for a, b in edges]
        lost = [wins[b, a] for a, b in edges]
        curl = sum(float(np.log((w + HALF) / (v + HALF))) for w, v in zip(won, lost, strict=True))
        a, b, c = (float(w / (w + v)) for w, v in zip(won, lost, strict=True))
        m, n, o = (int(w + v) for w, v in zip(won, lost, strict=True))
        result.append(
            Cycle(
                systems=loop,
                rates=(a, b, c),
                matches=(m, n, o),
                curl=curl * POINTS_PER_NAT,
                z=abs(float(z[index])),
                p_value=_tail(largest, abs(float(z[index]))),
            )
        )
    return tuple(result)
