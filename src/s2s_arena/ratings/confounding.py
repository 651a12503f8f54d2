"""Attributes of systems, and which of them go together so closely that no ranking can tell them apart."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError

CLOSE = 0.8  # share of one attribute's variation that another explains, from which both stand for the same thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of every system: backbone family, size in billions, encoder, decoder, industry or academia.

    Attributes:
        name: As printed.
        values: One per system: all text (categories) or all numbers; None where it is not known.
        tenfold: Numbers only: work on the base-10 logarithm, so that an effect is per tenfold.
    """

    name: str
    values: tuple[str | float | None, ...]
    tenfold: bool = False

    def __post_init__(self) -> None:
        """Text or numbers, not both; finite; above 0 where the logarithm is asked for."""
        given = [value for value in self.values if value is not None]
        if len({isinstance(value, str) for value in given}) > 1:
            raise InvalidMatchesError(f"factor {self.name}: text and numbers given; all one kind needed")
        for value in given:
            if not isinstance(value, str) and not math.isfinite(value):
                raise InvalidMatchesError(f"factor {self.name}: {value} given; a finite number, or None, needed")
            if self.tenfold and (isinstance(value, str) or value <= 0.0):
                raise InvalidMatchesError(f"factor {self.name}: {value} given; numbers above 0 needed for a logarithm")

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return any(not isinstance(value, str) for value in self.values if value is not None)

    @property
    def known(self) -> list[int]:
        """Indices of the systems whose value is known."""
        return [index for index, value in enumerate(self.values) if value is not None]

    def numbers(self, used: Sequence[int]) -> NDArray[np.float64]:
        """The values of these systems, centred, shape (len(used),); logarithms where `tenfold`."""
        raw = np.array([float(self.values[index] or 0.0) for index in used])
        scaled = np.log10(raw) if self.tenfold else raw
        return np.asarray(scaled - scaled.mean(), dtype=np.float64)


def associations(attributes: Sequence[Attribute]) -> tuple[str, ...]:
    """One plain sentence for each two attributes that go together, among systems of which both are known.

    Two categories go together where the uncertainty coefficient (mutual information over the smaller entropy) is
    .8 or more; a number and a category, or two numbers, where one explains .8 or more of the other's variance.
    """
    sentences = []
    for one, other in combinations(attributes, 2):
        both = [index for index in one.known if other.values[index] is not None]
        if len(both) < 3:
            continue
        share = _association(one, other, both)
        if share >= 1.0 - 1e-9:
            sentences.append(
                f"{one.name} and {other.name}: one determines the other among {len(both)} systems; "
                "the analysis cannot say which of them matters."
            )
        elif share >= CLOSE:
            sentences.append(
                f"{one.name} and {other.name}: largely the same split of {len(both)} systems "
                f"({share:.0%} shared); their effects are mixed up."
            )
    return tuple(sentences)


def _association(one: Attribute, other: Attribute, both: Sequence[int]) -> float:
    if one.numeric and other.numeric:
        a, b = one.numbers(both), other.numbers(both)
        norm = float((a @ a) * (b @ b))
        return float((a @ b) ** 2 / norm) if norm > 0.0 else 0.0
    if one.numeric or other.numeric:
        number, category = (one, other) if one.numeric else (other, one)
        return _explained(number.numbers(both), [str(category.values[index]) for index in both])
    return _shared([str(one.values[index]) for index in both], [str(other.values[index]) for index in both])


def _explained(numbers: NDArray[np.float64], levels: Sequence[str]) -> float:
    """Adjusted share of the variance between levels: many levels explain much by having one system each."""
    total = float(((numbers - numbers.mean()) ** 2).sum())
    groups = [numbers[[at for at, name in enumerate(levels) if name == level]] for level in set(levels)]
    if total <= 0.0 or len(groups) < 2:
        return 0.0
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    if within <= 1e-12 * total:
        return 1.0
    return 1.0 - (within / (len(numbers) - len(groups))) / (total / (len(numbers) - 1))


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    def entropy(labels: Sequence[object]) -> float:
        shares = np.array([labels.count(label) for label in set(labels)]) / len(labels)
        return float(-(shares * np.log(shares)).sum())

    alone = (entropy(list(one)), entropy(list(other)))
    if min(alone) <= 0.0:
        return 0.0
    return (alone[0] + alone[1] - entropy(list(zip(one, other, strict=True)))) / min(alone)
