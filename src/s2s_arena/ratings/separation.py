"""Which systems are separated when all pairs are compared at once: simultaneous (max-t) tests, groups and rank sets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.letters import largest_groups, letter_display, tiers_of
from s2s_arena.ratings.matches import Ratings
from s2s_arena.ratings.pairing import all_pairs

Matrix = NDArray[np.float64]
T = TypeVar("T", np.bool_, np.float64)

DRAWS = 10_000
"""Gaussian draws: the standard error of an adjusted p-value of .05 is then .002."""

BLOCK_CELLS = 1_000_000  # studentised differences held at once: 8 MB, whatever the number of systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """All pairwise differences of ratings, judged together: at most a share 1 - level of boards makes any false claim.

    Attributes:
        level: Simultaneous confidence, in (0, 1).
        critical: Quantile of the largest studentised difference: about 3.2 for 10 systems, 1.96 for two.
        differences: Shape (systems, systems), Elo points: rating of the row minus that of the column.
        standard_errors: Shape (systems, systems), Elo points, of the differences; 0 on the diagonal.
        low: Shape (systems, systems), Elo points: single-step simultaneous interval of each difference.
        high: Shape (systems, systems), Elo points.
        p_values: Shape (systems, systems), symmetric: adjusted two-sided p-values; 1 on the diagonal.
        better: Shape (systems, systems): the row is separated from the column and rated higher.
        rank_low: Shape (systems,): best rank each system may have, 1 the best; right for all systems at once.
        rank_high: Shape (systems,): worst rank each system may have.
        groups: Largest sets of systems of which no two are separated, the set with the best system first.
        letters: One string a system, a letter for each of its groups: systems that share none are separated
            (compact letter display).
        tiers: Shape (systems,), from 1: going down the board, a tier ends before the first system that is
            separated from the tier's best. Systems of two tiers need not be separated; `letters` say which are.
    """

    level: float
    critical: float
    differences: Matrix
    standard_errors: Matrix
    low: Matrix
    high: Matrix
    p_values: Matrix
    better: NDArray[np.bool_]
    rank_low: NDArray[np.int64]
    rank_high: NDArray[np.int64]
    groups: tuple[tuple[int, ...], ...]
    letters: tuple[str, ...]
    tiers: NDArray[np.int64]


def separate(
    ratings: Ratings,
    covariance: Matrix,
    *,
    rng: np.random.Generator,
    level: float = 0.95,
    draws: int = DRAWS,
    step_down: bool = False,
) -> Separation:
    """Simultaneous comparison of all pairs from the joint covariance of the ratings (Hothorn et al. 2008).

    Args:
        ratings: Shape (systems,), Elo points.
        covariance: Shape (systems, systems), squared Elo points, e.g. of a Bradley-Terry `Fit`.
        rng: Where the Gaussian draws come from.
        level: Simultaneous confidence, in (0, 1).
        draws: How many, at least 100.
        step_down: Decide by step-down p-values (Westfall and Young 1993), which find more; intervals stay single-step.

    Raises:
        InvalidMatchesError: Shapes that differ, values that are not finite, too few draws, or a level outside (0, 1).
    """
    centre, joint = _checked(ratings, covariance, level=level, draws=draws)
    values, vectors = np.linalg.eigh(joint)
    root = np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))

    def rows(low: int, high: int) -> Matrix:
        return np.asarray(rng.standard_normal((high - low, len(centre))) @ root.T, dtype=np.float64)

    return _separation(centre, joint, rows=rows, draws=draws, level=level, step_down=step_down)


def separate_draws(ratings: Ratings, resampled: Matrix, *, level: float = 0.95, step_down: bool = False) -> Separation:
    """The same from bootstrap draws of the ratings (plain or clustered), studentised by their own covariance.

    Args:
        ratings: Shape (systems,), Elo points: of the matches as they were.
        resampled: Shape (resamples, systems), Elo points; at least 100 resamples, 1,000 advised.
        level: Simultaneous confidence, in (0, 1).
        step_down: As in `separate`.

    Raises:
        InvalidMatchesError: As in `separate`.
    """
    drawn = np.asarray(resampled, dtype=np.float64)
    if drawn.ndim != 2 or drawn.shape[1:] != np.shape(ratings) or not np.isfinite(drawn).all():
        raise InvalidMatchesError(f"separation: draws of shape {drawn.shape} given; finite (resamples, systems) needed")
    # About their own mean, because resamples repeat the finite-sample bias of the estimate, and that is no noise.
    spread = drawn - drawn.mean(axis=0, keepdims=True) if len(drawn) else drawn
    joint = spread.T @ spread / max(1, len(spread) - 1)
    centre, joint = _checked(ratings, joint, level=level, draws=len(drawn))

    def rows(low: int, high: int) -> Matrix:
        return spread[low:high]

    return _separation(centre, joint, rows=rows, draws=len(drawn), level=level, step_down=step_down)


def _checked(ratings: Ratings, covariance: Matrix, *, level: float, draws: int) -> tuple[Ratings, Matrix]:
    centre = np.asarray(ratings, dtype=np.float64)
    joint = np.asarray(covariance, dtype=np.float64)
    if centre.ndim != 1 or joint.shape != (len(centre), len(centre)):
        raise InvalidMatchesError(
            f"separation: ratings of shape {centre.shape} and covariance of shape {joint.shape} given; "
            "(systems,) and (systems, systems) needed"
        )
    if not (np.isfinite(centre).all() and np.isfinite(joint).all()):
        raise InvalidMatchesError("separation: a rating or covariance is not finite; fit with a prior above 0")
    if not 0.0 < level < 1.0:
        raise InvalidMatchesError(f"separation: level {level} given; between 0 and 1 needed, e.g. 0.95")
    if draws < 100:
        raise InvalidMatchesError(f"separation: {draws} draws given; at least 100 needed for a tail probability")
    return centre, joint


def _separation(
    centre: Ratings,
    joint: Matrix,
    *,
    rows: Callable[[int, int], Matrix],
    draws: int,
    level: float,
    step_down: bool,
) -> Separation:
    systems = len(centre)
    first, second = all_pairs(systems).T
    gaps = centre[first] - centre[second]
    variance = joint[first, first] + joint[second, second] - 2.0 * joint[first, second]
    errors = np.sqrt(np.clip(variance, 0.0, None))
    known = errors > 1e-9  # a pair without variance (no match at all, in a bootstrap) is never separated
    t = np.zeros(len(gaps))
    np.divide(np.abs(gaps), errors, out=t, where=known)
    order = np.argsort(t, kind="stable")

    largest = np.empty(draws)
    reached = np.zeros(len(gaps), dtype=np.int64)
    for low, studentised in _blocks(rows, first, second, errors=errors, known=known, draws=draws):
        largest[low : low + len(studentised)] = studentised.max(axis=1, initial=0.0)
        if step_down:
            running = np.maximum.accumulate(studentised[:, order], axis=1)
            reached[order] += (running >= t[order]).sum(axis=0)
    p: NDArray[np.float64]
    if step_down:
        p = np.asarray((1.0 + reached) / (draws + 1.0), dtype=np.float64)
        p[order[::-1]] = np.maximum.accumulate(p[order[::-1]])
    else:
        beyond = draws - np.searchsorted(np.sort(largest), t, side="left")
        p = np.asarray((1.0 + beyond) / (draws + 1.0), dtype=np.float64)
    p[~known] = 1.0

    # The k-th largest maximum: an interval then leaves out 0 exactly where the single-step p-value is small enough
    k = max(1, int((1.0 - level) * (draws + 1.0) + 1e-9))
    critical = float(np.sort(largest)[-k])
    separated = _square(p <= 1.0 - level + 1e-12, systems)
    differences = centre[:, None] - centre[None, :]
    standard_errors = _square(errors, systems)
    better = separated & (differences > 0.0)
    p_values = _square(p, systems)
    np.fill_diagonal(p_values, 1.0)
    ranking = np.argsort(-centre, kind="stable")
    groups = largest_groups(separated, ranking=ranking)
    return Separation(
        level=level,
        critical=critical,
        differences=differences,
        standard_errors=standard_errors,
        low=differences - critical * standard_errors,
        high=differences + critical * standard_errors,
        p_values=p_values,
        better=better,
        rank_low=(1 + better.sum(axis=0)).astype(np.int64),
        rank_high=(systems - better.sum(axis=1)).astype(np.int64),
        groups=groups,
        letters=letter_display(groups, systems=systems),
        tiers=tiers_of(separated, ranking=ranking),
    )


def _blocks(
    rows: Callable[[int, int], Matrix],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    *,
    errors: NDArray[np.float64],
    known: NDArray[np.bool_],
    draws: int,
) -> Iterator[tuple[int, Matrix]]:
    scale = np.where(known, 1.0 / np.where(known, errors, 1.0), 0.0)
    block = max(1, BLOCK_CELLS // max(1, len(errors)))
    for low in range(0, draws, block):
        drawn = rows(low, min(low + block, draws))
        yield low, np.abs((drawn[:, first] - drawn[:, second]) * scale)


def _square(values: NDArray[T], systems: int) -> NDArray[T]:
    square = np.zeros((systems, systems), dtype=values.dtype)
    first, second = np.triu_indices(systems, 1)
    square[first, second] = values
    square[second, first] = values
    return square
