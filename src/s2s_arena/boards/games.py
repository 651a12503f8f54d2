"""Games: rated comparisons as arrays with their labels, and what was left out of them and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InputError
from s2s_arena.records.boards import Coverage
from s2s_arena.records.identity import SystemName

DURATION, LOUDNESS, LEAD, PACE = "duration_s", "loudness_db", "lead_s", "syllables_per_s"
FEATURES = (DURATION, LOUDNESS, LEAD, PACE)
"""What is measured of an answer; a match list may hold them as columns NAME_a and NAME_b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """One attribute of every game, as codes into its names.

    Attributes:
        names: The values that occur.
        codes: Shape (games,), indices into `names`; -1 where the attribute is absent.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> "Labels":
        """Labels of plain values; None is absent."""
        names = tuple(sorted({value for value in values if value is not None}))
        index = {name: code for code, name in enumerate(names)}
        return cls(names=names, codes=np.array([-1 if v is None else index[v] for v in values], dtype=np.int64))

    def where(self, mask: NDArray[np.bool_]) -> "Labels":
        """The labels of some games."""
        return Labels(names=self.names, codes=self.codes[mask])


@dataclass(frozen=True, slots=True, kw_only=True)
class Games:
    """Rated comparisons in order of play.

    Attributes:
        systems: All contestants, played or not.
        pairs: Shape (games, 2), indices into `systems`, first heard in column 0.
        scores: Shape (games,): 1 the first won, 0 the second, .5 a legal tie.
        labels: Attributes by name: judge, sample, level ...
        probabilities: Shape (games,): with which each was drawn, in (0, 1]; None if not known.
        features: What is measured of the two answers, by name, each of shape (games, 2); NaN where not known.
    """

    systems: tuple[SystemName, ...]
    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]
    labels: Mapping[str, Labels] = field(default_factory=dict)
    probabilities: NDArray[np.float64] | None = None
    features: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many games."""
        return len(self.scores)

    def where(self, mask: NDArray[np.bool_]) -> "Games":
        """Some of the games, in the same order, with the same systems."""
        return Games(
            systems=self.systems,
            pairs=self.pairs[mask],
            scores=self.scores[mask],
            labels={name: labels.where(mask) for name, labels in self.labels.items()},
            probabilities=None if self.probabilities is None else self.probabilities[mask],
            features={name: values[mask] for name, values in self.features.items()},
        )

    def with_label(self, name: str, value: str) -> "Games":
        """The games whose label `name` is `value`.

        Raises:
            InputError: No such label; the message says which there are.
        """
        labels = self.label(name)
        code = labels.names.index(value) if value in labels.names else -2
        return self.where(labels.codes == code)

    def label(self, name: str) -> Labels:
        """The labels of that name.

        Raises:
            InputError: No such label; the message says which there are.
        """
        if name not in self.labels:
            there = ", ".join(sorted(self.labels)) or "none"
            raise InputError(f"attribute {name}: the matches do not have it; they have: {there}")
        return self.labels[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is known of the matches beside the rated games."""

    unrated: Mapping[str, int] = field(default_factory=dict)  # reason -> matches
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    both_bad: int = 0
    both_bad_of: Mapping[SystemName, int] = field(default_factory=dict)  # matches of a system that nobody won so
    excluded: int = 0
    up_to: int = 0
