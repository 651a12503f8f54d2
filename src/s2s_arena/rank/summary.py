"""What ranking hands back, and the options of a board."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.boards.analysis import Analysis, Part
from s2s_arena.rank.reading.source import Source
from s2s_arena.ratings.bootstrap import RESAMPLES
from s2s_arena.records.boards import Board, Slices


class Ties(StrEnum):
    """What a tie is worth. Both bad is never half a win."""

    REFUSE = "refuse"  # strict: name the first one and stop
    DROP = "drop"  # strict: count them and leave them out
    HALF = "half"  # half a win for each
    DAVIDSON = "davidson"  # an outcome of its own


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
        ties: What a tie is worth. By default a workspace goes by the study's rules, our own match list refuses
            ties and any other file drops them.
        weighted: Count each game by one over the probability it was drawn with.
        elo_within: Elo points of error allowed in long Elo bootstraps; none by default.
        analysed: Say what the board can bear: separation, votes to flip the top, order noise, cycles.
        parts: Further analyses.
        anchor: People whose board a cheap judge shall sharpen.
        cheap: That judge.
    """

    method: str = "bt"
    judge: str | None = None
    by: tuple[str, ...] = ()
    seed: int = 0
    bootstraps: int = RESAMPLES
    clusters: tuple[str, ...] = ()
    up_to: int | None = None
    ties: Ties | None = None
    weighted: bool = False
    elo_within: float | None = None
    analysed: bool = True
    parts: frozenset[Part] = frozenset()
    anchor: tuple[str, ...] = ()
    cheap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A board and its slices, by attribute.

    Attributes:
        source: The file that the votes are from; None for a workspace.
        left_out: Words on votes that no rule counts.
        judges: What must be said of the judges' reliability.
        analysis: What the board can bear; None where it was not asked for.
    """

    board: Board
    slices: Mapping[str, Slices] = field(default_factory=dict)
    source: Source | None = None
    left_out: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    analysis: Analysis | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The file's, the judges', the board's and then its slices' warnings."""
        of_file = self.source.warnings if self.source else ()
        return (
            *of_file,
            *self.left_out,
            *self.judges,
            *self.board.warnings,
            *(w for made in self.slices.values() for w in made.warnings),
        )
