"""From "these two are separated" to groups of systems: a compact letter display, and tiers."""

from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError

Separated = NDArray[np.bool_]
"""Shape (systems, systems), symmetric, False on the diagonal."""


def largest_groups(separated: Separated, *, ranking: NDArray[np.integer[Any]]) -> tuple[tuple[int, ...], ...]:
    """All largest sets of systems of which no two are separated, by insertion and absorption (Piepho 2004).

    Args:
        separated: Shape (systems, systems), symmetric.
        ranking: Shape (systems,): systems from best to worst.

    Returns:
        Sets of system indices, best system first in each; the set with the best system first. Every system is
        in at least one, and two systems share a set exactly where they are not separated.

    Raises:
        InvalidMatchesError: `separated` is not square and symmetric, or `ranking` is not a permutation.
    """
    apart = _checked(separated, ranking)
    order = [int(system) for system in ranking]
    if not order:
        return ()
    apart = apart[np.ix_(order, order)]  # by place, so that the bits of a set sort it
    sets = {(1 << len(order)) - 1}
    for one in range(len(order)):
        for other in np.flatnonzero(apart[one, one + 1 :]) + one + 1:
            pair = (1 << one) | (1 << int(other))
            split = [group for group in sets if group & pair == pair]
            if not split:
                continue
            sets.difference_update(split)
            for part in [g & ~(1 << one) for g in split] + [g & ~(1 << int(other)) for g in split]:
                if not any(part & group == part for group in sets):
                    sets = {group for group in sets if group & part != group}
                    sets.add(part)
    placed = sorted(tuple(place for place in range(len(order)) if group >> place & 1) for group in sets)
    return tuple(tuple(order[place] for place in group) for group in placed)


def letter_display(groups: tuple[tuple[int, ...], ...], *, systems: int) -> tuple[str, ...]:
    """One letter for each group a system is in: a, b ... z, then aa., ab. and so on, each of those with its full stop.

    Args:
        groups: As from `largest_groups`.
        systems: How many systems there are.
    """
    named = [[_letter(index) for index, group in enumerate(groups) if system in group] for system in range(systems)]
    return tuple("".join(names) for names in named)


def _letter(index: int) -> str:
    count = len(ascii_lowercase)
    if index < count:
        return ascii_lowercase[index]
    return _stem(index // count - 1) + ascii_lowercase[index % count] + "."


def _stem(index: int) -> str:
    count = len(ascii_lowercase)
    return (_stem(index // count - 1) if index >= count else "") + ascii_lowercase[index % count]


def tiers_of(separated: Separated, *, ranking: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Tiers from 1, going down the ranking; one ends before the first system separated from the tier's best.

    Returns:
        Shape (systems,).

    Raises:
        InvalidMatchesError: As in `largest_groups`.
    """
    apart = _checked(separated, ranking)
    tiers = np.zeros(len(apart), dtype=np.int64)
    tier, best = 0, -1
    for system in (int(s) for s in ranking):
        if best < 0 or apart[best, system]:
            tier, best = tier + 1, system
        tiers[system] = tier
    return tiers


def _checked(separated: Separated, ranking: NDArray[np.integer[Any]]) -> Separated:
    apart = np.asarray(separated, dtype=bool)
    if apart.ndim != 2 or apart.shape[0] != apart.shape[1] or (apart != apart.T).any() or np.diag(apart).any():
        raise InvalidMatchesError(f"groups: separations of shape {apart.shape} given; symmetric and square needed")
    if sorted(int(s) for s in ranking) != list(range(len(apart))):
        raise InvalidMatchesError(
            f"groups: a ranking of {len(ranking)} systems given; each of {len(apart)} once needed"
        )
    return apart
