"""What comparing judges hands back."""

from dataclasses import dataclass

from s2s_arena.boards.agree import Agreement, BesidePeople, Habits
from s2s_arena.rank.reading.source import Source
from s2s_arena.ratings.agreement import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeSummary:
    """Judges against each other and against themselves.

    Attributes:
        pairs: Agreement of each two judges.
        parts: Agreement of the same two, by criterion or slice: (name of the part, agreement).
        people: Judges against people beside people against people.
        habits: Each judge's biases and consistency.
        alpha: Krippendorff's alpha of all judges together; None where it was not asked for.
        source: The file that the votes are from; None for a workspace.
    """

    pairs: tuple[Agreement, ...] = ()
    parts: tuple[tuple[str, Agreement], ...] = ()
    people: tuple[BesidePeople, ...] = ()
    habits: tuple[Habits, ...] = ()
    alpha: Estimate | None = None
    warnings: tuple[str, ...] = ()
    source: Source | None = None
