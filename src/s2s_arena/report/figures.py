"""Figures of a board as SVG and PNG: ratings with intervals, and who beats whom."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from s2s_arena.records.boards import Board

LABELLED = 20  # systems, up to which each cell of the heat map says its counts
INK, BAND, DOT = "#1c2330", "#9cc5d3", "#1f6f8b"


def intervals(board: Board) -> Figure:
    """Bradley-Terry ratings, best on top, with their intervals; Elo as a hollow mark."""
    order = list(reversed(board.standings))
    figure = Figure(figsize=(8.0, 0.42 * len(order) + 1.1), layout="constrained")
    axes = figure.add_subplot()
    heights = np.arange(len(order))
    axes.axvline(1000, color="#cccccc", linewidth=1)
    axes.hlines(heights, [s.bt_low for s in order], [s.bt_high for s in order], color=BAND, linewidth=5)
    axes.plot([s.bt for s in order], heights, "o", color=DOT, label="Bradley-Terry, 95 % interval")
    axes.plot(
        [s.elo for s in order], heights, "D", markerfacecolor="none", color=INK, markersize=5, label="Elo, K = 32"
    )
    axes.set_yticks(heights, [str(s.system) for s in order])
    axes.set_ylim(-0.7, len(order) - 0.3)
    axes.set_xlabel("rating (Elo points)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside lower right", frameon=False, fontsize=8, ncols=2)
    return figure


def win_rates(board: Board) -> Figure:
    """Heat map: per cent of direct comparisons that the row won against the column, with counts."""
    names = [str(s.system) for s in board.standings]
    order = [board.systems.index(s.system) for s in board.standings]
    wins = np.array(board.wins, dtype=float).reshape(len(names), len(names))[np.ix_(order, order)]
    played = wins + wins.T
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(played > 0, wins / played, np.nan)
    labelled = len(names) <= LABELLED
    size = (0.7 if labelled else 0.22) * len(names) + 2.2
    figure = Figure(figsize=(size, size * 0.9), layout="constrained")
    axes = figure.add_subplot()
    colours = mpl.colormaps["RdYlGn"].with_extremes(bad="#f2f2f2")
    axes.imshow(np.ma.masked_invalid(share), cmap=colours, vmin=0.0, vmax=1.0)
    for i in range(len(names)):
        for j in range(len(names)):
            if labelled and played[i, j] > 0:
                text = f"{100 * share[i, j]:.0f}\n{int(wins[i, j])}/{int(played[i, j])}"
                axes.text(j, i, text, ha="center", va="center", fontsize=7, color=INK)
    turn = {"rotation": 35, "ha": "right"} if labelled else {"rotation": 90}
    axes.set_xticks(range(len(names)), names, **turn)
    axes.set_yticks(range(len(names)), names)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("row beats column, %", fontsize=9, loc="left")
    return figure


def write(board: Board, folder: Path) -> tuple[Path, ...]:
    """Both figures, each as SVG and PNG; the SVG's text stays text and its bytes depend on the board alone."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, Callable[[Board], Figure]] = {"intervals": intervals, "win_rates": win_rates}
    written = []
    with mpl.rc_context({"svg.hashsalt": "s2s-arena", "svg.fonttype": "none", "font.size": 9}):
        for name, draw in drawn.items():
            figure = draw(board)
            for suffix, options in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 160})):
                path = folder / f"{name}.{suffix}"
                figure.savefig(path, **options)
                written.append(path)
    return tuple(written)
