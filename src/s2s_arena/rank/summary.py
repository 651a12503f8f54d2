"""What ranking and comparing judges hand back, and the options of a board."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.boards.agree import Agreement, Habits
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.ratings.bootstrap import RESAMPLES
from s2s_arena.records.boards import Board, Slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a board is made.

    Attributes:
        method: What the order goes by, bt or elo.
        judge: One judge's votes only; all by default.
        by: Attributes to slice by.
        seed: Of the bootstrap.
        bootstraps: Resamples; 0 for intervals from the fit alone.
        clusters: What the bootstrap draws whole: sample, judge.
        up_to: Last event to look at; all by default.
    """

    method: str = "bt"
    judge: str | None = None
    by: tuple[str, ...] = ()
    seed: int = 0
    bootstraps: int = RESAMPLES
    clusters: tuple[str, ...] = ()
    up_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A board and its slices, by attribute."""

    board: Board
    slices: Mapping[str, Slices] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The board's and then its slices' warnings."""
        return (*self.board.warnings, *(w for made in self.slices.values() for w in made.warnings))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeSummary:
    """Judges against each other and against themselves.

    Attributes:
        pairs: Agreement of each two judges.
        parts: Agreement of the same two, by criterion or slice: (name of the part, agreement).
        habits: Each judge's biases and consistency.
        alpha: Krippendorff's alpha of all judges together; None where it was not asked for.
    """

    pairs: tuple[Agreement, ...] = ()
    parts: tuple[tuple[str, Agreement], ...] = ()
    habits: tuple[Habits, ...] = ()
    alpha: Estimate | None = None
    warnings: tuple[str, ...] = ()
