"""Marks to scores: per system and dimension from 0 to 100 with intervals; failed answers stay in the denominator."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from s2s_arena.ratings.agreement import wilson
from s2s_arena.records.identity import SampleId, SystemName

Floats = NDArray[np.float64]
OVERALL = "overall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One answer's worth by dimension, 0..1; an empty answer is worth 0 in each."""

    system: SystemName
    sample: SampleId
    worth: Mapping[str, float]
    flagged: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A score, 0..100, with its 95 % interval over samples, and how many samples it rests on."""

    value: float
    low: float
    high: float
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One system: its overall score (plain mean of dimensions), its dimensions, what failed and what was flagged."""

    system: SystemName
    overall: Cell
    dimensions: Mapping[str, Cell]
    failed: int
    flagged: int


def worth_of(marks: Iterable[tuple[str, float]], *, flagged: bool) -> dict[str, float]:
    """An answer's worth by dimension: the mean of its marks, or 0 in every one if a red flag was found.

    Args:
        marks: (dimension, mark on 0..1).
        flagged: Whether a red flag was found.
    """
    by: dict[str, list[float]] = {}
    for dimension, mark in marks:
        by.setdefault(dimension, []).append(mark)
    return {dimension: 0.0 if flagged else sum(given) / len(given) for dimension, given in by.items()}


def rows(marked: Sequence[Marked]) -> tuple[Row, ...]:
    """The scores of every system, best overall first."""
    systems = sorted({m.system for m in marked})
    made = [_row(system, [m for m in marked if m.system == system]) for system in systems]
    return tuple(sorted(made, key=lambda row: (-row.overall.value, row.system)))


def _row(system: SystemName, mine: Sequence[Marked]) -> Row:
    dimensions = sorted({name for m in mine for name in m.worth})
    worth = np.array([[m.worth.get(name, np.nan) for name in dimensions] for m in mine], dtype=np.float64)
    return Row(
        system=system,
        overall=_cell(worth.reshape(len(mine), len(dimensions))),
        dimensions={name: _cell(worth[:, [i]]) for i, name in enumerate(dimensions)},
        failed=sum(m.failed for m in mine),
        flagged=sum(m.flagged for m in mine),
    )


def _cell(worth: Floats) -> Cell:
    """The mean over columns of their means over samples, with the interval of samples drawn whole.

    Args:
        worth: Shape (samples, dimensions), 0..1, NaN where a dimension does not apply to a sample.
    """
    there = np.isfinite(worth)
    used = there.any(axis=1)
    worth, there = worth[used], there[used]
    samples = len(worth)
    if not samples:
        return Cell(value=0.0, low=0.0, high=100.0, samples=0)
    means = np.nansum(worth, axis=0) / there.sum(axis=0)
    value = float(means.mean())
    if samples < 2:
        return Cell(value=100.0 * value, low=0.0, high=100.0, samples=samples)
    # What each sample adds to the score (its influence): dimensions of one sample go up and down together.
    pulls = np.where(there, worth - means, 0.0) / there.sum(axis=0) / len(means)
    variance = samples / (samples - 1) * float((pulls.sum(axis=1) ** 2).sum())
    if variance <= 0.0:
        plain = wilson(value * samples, samples)
        low, high = plain.low or 0.0, 1.0 if plain.high is None else plain.high
    else:
        half = float(stdtrit(samples - 1, 0.975)) * float(np.sqrt(variance))
        low, high = max(0.0, value - half), min(1.0, value + half)
    return Cell(value=100.0 * value, low=100.0 * low, high=100.0 * high, samples=samples)
