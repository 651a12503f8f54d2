"""All that is said of a board beside its ratings, as one value that ranking and reporting share."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from s2s_arena.boards.insight import Insight, insight
from s2s_arena.boards.outlook import Loops, More, loops, more
from s2s_arena.boards.standings import Made
from s2s_arena.errors import InputError

if TYPE_CHECKING:
    from s2s_arena.boards.crowd import Crowd
    from s2s_arena.boards.factors import Factors
    from s2s_arena.boards.powered import Powered
    from s2s_arena.boards.style import Style
    from s2s_arena.boards.ties import TieBoard
    from s2s_arena.records.systems import SystemCard


class Part(StrEnum):
    """Analyses that are made when asked for."""

    PLAN = "plan"
    JUDGES = "judges"
    STYLE = "style"
    FACTORS = "factors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What a board can bear.

    Attributes:
        insight: Separation, who may be first, votes to flip the top, order noise.
        loops: Cycles; None on boards of too many systems.
        ties: Ties as outcomes of their own; None on a strict board.
        more: Further matches that separate neighbours; empty where not asked for.
        crowd: Judges one by one; None where not asked for.
        style: The board at equal style; None where not asked for.
        factors: What ratings go with; None where not asked for.
        powered: People's board sharpened by a cheap judge; None where not asked for.
    """

    insight: Insight
    loops: Loops | None = None
    ties: "TieBoard | None" = None
    more: tuple[More, ...] = ()
    crowd: "Crowd | None" = None
    style: "Style | None" = None
    factors: "Factors | None" = None
    powered: "Powered | None" = None


def analysed(
    made: Made,
    *,
    parts: Collection[Part] = (),
    clusters: Sequence[str] = (),
    cards: "Mapping[str, SystemCard] | None" = None,
) -> Analysis:
    """The analysis of a board.

    Args:
        made: The board with what it was made of.
        parts: What to add to the parts that are always there.
        clusters: As for the board.
        cards: Of the systems, for factors.

    Raises:
        InputError: Style is asked for where nothing of it is known, or factors where there are no cards.
    """
    if Part.FACTORS in parts and not cards:
        raise InputError("factors: what systems are made of stands on their cards; rank a workspace (-w), not a file")
    return Analysis(
        insight=insight(made, clusters=clusters),
        loops=loops(made),
        ties=_ties(made),
        more=more(made, clusters=clusters) if Part.PLAN in parts else (),
        crowd=_crowd(made) if Part.JUDGES in parts else None,
        style=_style(made, clusters) if Part.STYLE in parts else None,
        factors=_factors(made, cards or {}) if Part.FACTORS in parts else None,
    )


# What is made when asked for is imported then: all of it together takes as long as a small board.


def _ties(made: Made) -> "TieBoard | None":
    if not (made.tally.both_bad_of or (made.games.scores == 0.5).any()):
        return None
    from s2s_arena.boards.ties import tie_board  # noqa: PLC0415

    return tie_board(made)


def _crowd(made: Made) -> "Crowd":
    from s2s_arena.boards.crowd import crowd  # noqa: PLC0415

    board = made.board
    return crowd(made.games, method=board.method, seed=board.seed, bootstraps=board.bootstraps)


def _style(made: Made, clusters: Sequence[str]) -> "Style":
    from s2s_arena.boards.style import style  # noqa: PLC0415

    return style(made.games, clusters=clusters)


def _factors(made: Made, cards: "Mapping[str, SystemCard]") -> "Factors":
    from s2s_arena.boards.factors import factors  # noqa: PLC0415

    return factors(made, cards)
