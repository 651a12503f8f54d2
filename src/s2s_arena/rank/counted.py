"""Agreement from published numbers: shares with Wilson intervals from counts, kappa from joint tables alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.errors import InputError
from s2s_arena.ratings.agreement import Estimate, agreement, kappa, wilson


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One published figure.

    `kappa` is None for counts: how often two agree does not say how often they would by chance.
    """

    given: str
    agreement: Estimate
    kappa: Estimate | None = None


def from_counts(text: str) -> Counted:
    """From AGREED/CASES, such as 358/432.

    Raises:
        InputError: It is no such pair of whole numbers.
    """
    agreed, slash, cases = text.strip().partition("/")
    if not (slash and agreed.strip().isdigit() and cases.strip().isdigit() and 0 < int(cases) >= int(agreed)):
        raise InputError(f"--counts {text!r}: AGREED/CASES needed, such as 358/432")
    return Counted(given=text.strip(), agreement=wilson(int(agreed), int(cases)))


def from_joint(text: str) -> Counted:
    """From a joint table row by row, such as 180,35,39,178: rows what one said, columns what the other said.

    Raises:
        InputError: Not a square number of whole numbers, four at least, or no case among them.
    """
    parts = [part.strip() for part in text.split(",")]
    size = math.isqrt(len(parts))
    if size < 2 or size * size != len(parts) or not all(part.isdigit() for part in parts):
        raise InputError(f"--joint {text!r}: 4, 9, 16 ... whole numbers needed, row by row, such as 180,35,39,178")
    table = np.array([int(part) for part in parts], dtype=np.int64).reshape(size, size)
    if not table.any():
        raise InputError(f"--joint {text!r}: no case in it; one needed")
    return Counted(given=text.strip(), agreement=agreement(table), kappa=kappa(table))


def counted(counts: Sequence[str], joint: Sequence[str]) -> tuple[Counted, ...]:
    """All that were given, counts first."""
    return (*map(from_counts, counts), *map(from_joint, joint))
