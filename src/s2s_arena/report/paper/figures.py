"""The paper's figures as PDF and SVG: who beats whom, and ratings by level and by domain."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from s2s_arena.records.boards import Slices
from s2s_arena.report.figures import win_rates
from s2s_arena.report.paper.material import Material

KINDS = ("pdf", "svg")
COLOURS = ("#1f6f8b", "#c8553d", "#588157", "#7a5195", "#b8860b", "#4a4e69", "#d81b60", "#00897b", "#6d4c41", "#546e7a")
MARKS = "osD^vPX<>*"


def by_value(slices: Slices, *, method: str) -> Figure:
    """Ratings per value of an attribute, one line a system, with intervals where the order goes by Bradley-Terry."""
    values = list(slices.boards)
    macro = slices.macro_elo if method == "elo" else slices.macro_bt
    order = sorted(macro, key=lambda name: -macro[name])
    figure = Figure(figsize=(1.6 + 1.5 * len(values), 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.axhline(1000, color="#cccccc", linewidth=1)
    spread = np.linspace(-0.18, 0.18, len(order)) if len(order) > 1 else np.zeros(1)
    for number, system in enumerate(order):
        rows = [next(s for s in slices.boards[value].standings if s.system == system) for value in values]
        places = np.arange(len(values)) + spread[number]
        colour = COLOURS[number % len(COLOURS)]
        played = np.array([row.matches > 0 for row in rows])
        rated = np.array([row.elo if method == "elo" else row.bt for row in rows])
        axes.plot(
            places[played],
            rated[played],
            marker=MARKS[number % len(MARKS)],
            color=colour,
            linewidth=1,
            markersize=4,
            label=str(system),
        )
        if method != "elo":
            low, high = np.array([row.bt_low for row in rows]), np.array([row.bt_high for row in rows])
            axes.vlines(places[played], low[played], high[played], color=colour, alpha=0.35, linewidth=2)
    axes.set_xticks(range(len(values)), values)
    axes.set_ylabel("Elo" if method == "elo" else "Bradley-Terry rating")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    return figure


def write(material: Material, folder: Path) -> list[str]:
    """Write each figure as PDF and SVG; returns their names. The bytes depend on the study alone."""
    drawn = {"win_rates": win_rates(material.board)}
    for by in ("level", "domain"):
        slices = material.slices.get(by)
        if slices is not None and len(slices.boards) > 1:
            drawn[f"by_{by}"] = by_value(slices, method=material.board.method)
    with mpl.rc_context({"svg.hashsalt": "s2s-arena", "svg.fonttype": "none", "font.size": 9, "pdf.fonttype": 42}):
        for name, figure in drawn.items():
            figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    return list(drawn)
