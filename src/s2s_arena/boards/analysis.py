"""All that is said of a board beside its ratings, as one value that ranking and reporting share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from s2s_arena.boards.crowd import Crowd, crowd
from s2s_arena.boards.insight import Insight, insight
from s2s_arena.boards.outlook import Loops, More, loops, more
from s2s_arena.boards.standings import Made


class Part(StrEnum):
    """Analyses that are made when asked for."""

    PLAN = "plan"
    JUDGES = "judges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a board can bear.

    Attributes:
        insight: Separation, who may be first, votes to flip the top, order noise.
        loops: Cycles; None on boards of too many systems.
        more: Further matches that separate neighbours; empty where not asked for.
        crowd: Judges one by one; None where not asked for.
    """

    insight: Insight
    loops: Loops | None = None
    more: tuple[More, ...] = ()
    crowd: Crowd | None = None


def analysed(made: Made, *, parts: Collection[Part] = (), clusters: Sequence[str] = ()) -> Analysis:
    """The analysis of a board; `clusters` as for the board."""
    board = made.board
    return Analysis(
        insight=insight(made, clusters=clusters),
        loops=loops(made),
        more=more(made, clusters=clusters) if Part.PLAN in parts else (),
        crowd=crowd(made.games, method=board.method, seed=board.seed, bootstraps=board.bootstraps)
        if Part.JUDGES in parts
        else None,
    )
