"""The win-rate matrix of a board, row beats column, with the counts it rests on."""

from dataclasses import dataclass

from s2s_arena.records.boards import Board
from s2s_arena.records.identity import SystemName


@dataclass(frozen=True, slots=True, kw_only=True)
class WinTable:
    """Row beats column, best system first.

    Attributes:
        systems: Row and column order: the board's standings.
        rates: Share of decided matches that the row won; None where the two never met.
        counts: Decided matches between the two.
    """

    systems: tuple[SystemName, ...]
    rates: tuple[tuple[float | None, ...], ...]
    counts: tuple[tuple[int, ...], ...]


def win_table(board: Board) -> WinTable:
    """The win-rate matrix of a board in the order of its standings."""
    order = [board.systems.index(row.system) for row in board.standings]
    counts = tuple(tuple(board.wins[i][j] + board.wins[j][i] for j in order) for i in order)
    rates = tuple(
        tuple(board.wins[i][j] / met if (met := board.wins[i][j] + board.wins[j][i]) else None for j in order)
        for i in order
    )
    return WinTable(systems=tuple(row.system for row in board.standings), rates=rates, counts=counts)
