"""The figure of a clustering: silhouette by number of clusters, and what each cluster is about."""

import warnings
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from s2s_arena.build.tasks.clusters import Clustering

INK, BAR, DOT = "#1c2330", "#9cc5d3", "#1f6f8b"


def draw(clustering: Clustering, *, title: str) -> Figure:
    """Left, the mean silhouette by k with the best one marked; right, names a cluster under its weightiest terms."""
    clusters = clustering.clusters[::-1]
    figure = Figure(figsize=(11.0, 0.3 * len(clusters) + 1.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.6))
    numbers, scores = list(clustering.silhouettes), list(clustering.silhouettes.values())
    best = max(range(len(numbers)), key=lambda i: scores[i])
    left.plot(numbers, scores, "-", color=BAR, linewidth=2)
    left.plot(numbers[best], scores[best], "o", color=DOT)
    left.annotate(f"k = {numbers[best]}", (numbers[best], scores[best]), xytext=(0, 7), textcoords="offset points")
    left.set_xlabel("clusters")
    left.set_ylabel(f"mean silhouette of {clustering.sampled} names")
    heights = range(len(clusters))
    right.barh(heights, [len(one.members) for one in clusters], color=BAR)
    right.set_yticks(heights, [", ".join(one.terms) for one in clusters], fontsize=8)
    right.set_xlabel("task names")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    right.tick_params(axis="y", length=0)
    figure.suptitle(title, fontsize=10, color=INK, ha="left", x=0.01)
    return figure


def write(clustering: Clustering, path: Path, *, title: str) -> None:
    """Draw into an SVG or PNG file; in SVG, text stays text, so that the reader's own fonts show every script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        draw(clustering, title=title).savefig(path, dpi=150)
