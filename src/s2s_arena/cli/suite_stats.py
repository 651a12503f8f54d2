"""`s2s-arena suite stats`: the paper's tables for any suite, its task names merged and clustered, its duplicates."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.augment.speaking import is_growth
from s2s_arena.build.augment.speaking import load as load_grown
from s2s_arena.build.scripts import SHIPPED, load, shipped
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.statistics import Statistics, statistics
from s2s_arena.build.tasks.clusters import Clustering, clustered
from s2s_arena.build.tasks.figure import write
from s2s_arena.build.tasks.names import MergedTask, merged
from s2s_arena.cli.console import command, out, print_json, print_table, say
from s2s_arena.cli.options import HERE, AsJson, SuiteName, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.records.samples import Sample

FIGURES = (".svg", ".png")
_SHOWN = 30


@command
def stats(
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    scripts: Annotated[
        str | None,
        typer.Option(help=f"Scripts instead of a suite: {', '.join(SHIPPED)}, a TOML file or folder, or a growth."),
    ] = None,
    tasks: Annotated[bool, typer.Option("--tasks", help="Merge the task names and sort them into clusters.")] = False,
    figure: Annotated[
        Path | None, typer.Option(help="Draw the clusters into this file (.svg or .png); implies --tasks.")
    ] = None,
    duplicates: Annotated[bool, typer.Option("--duplicates", help="List scripts that say nearly the same.")] = False,
    seed: Annotated[int, typer.Option(help="Of the sample and of k-means.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Count samples by level, domain, task and language; with options, task clusters and duplicates."""
    if figure is not None and figure.suffix.lower() not in FIGURES:
        raise InputError(f"--figure {figure}: give a name that ends in {' or '.join(FIGURES)}")
    samples = _samples(workspace, suite, scripts)
    counted = statistics(samples)
    told: dict[str, object] = dict(counted.as_json())
    found: tuple[tuple[MergedTask, ...], Clustering | None] | None = None
    if tasks or figure is not None:
        names = merged(sample.task for sample in samples if sample.task)
        found = names, clustered([task.name for task in names], seed=seed)
        told["task_names"] = _as_json(*found)
        if figure is not None:
            _draw(found[1], names, figure)
            told["figure"] = str(figure)
    pairs = near_duplicates(samples) if duplicates else ()
    if duplicates:
        told["near_duplicates"] = [{"a": a, "b": b, "share": round(share, 4)} for a, b, share in pairs]
    if as_json:
        print_json(told)
        return
    _print_counts(counted)
    if found is not None:
        _print_tasks(*found)
    if duplicates:
        print_table("near-duplicates", ("a", "b", "share"), [(a, b, f"{share:.2f}") for a, b, share in pairs])
    if figure is not None:
        say(f"figure: {figure}")


def _samples(workspace: Path, suite: str | None, scripts: str | None) -> tuple[Sample, ...]:
    if scripts is None:
        with open_workspace(workspace) as arena:
            return arena.suite(suite).samples
    if scripts in SHIPPED:
        return shipped(scripts)
    path = Path(scripts)
    return load_grown(path) if is_growth(path) else load(path)


def _as_json(tasks: tuple[MergedTask, ...], clustering: Clustering | None) -> dict[str, object]:
    return {
        "distinct": sum(len(task.names) for task in tasks),
        "merged": [{"task": task.name, "count": task.count, "names": list(task.names)} for task in tasks],
        "k": len(clustering.clusters) if clustering else None,
        "silhouettes": {str(k): round(v, 5) for k, v in clustering.silhouettes.items()} if clustering else {},
        "clusters": [
            {"terms": list(one.terms), "tasks": [tasks[i].name for i in one.members]}
            for one in (clustering.clusters if clustering else ())
        ],
    }


def _draw(clustering: Clustering | None, tasks: tuple[MergedTask, ...], path: Path) -> None:
    if clustering is None:
        raise InputError(f"--figure {path}: {len(tasks)} task names are too few to cluster; leave --figure out")
    write(clustering, path, title=f"{len(tasks)} task names in {len(clustering.clusters)} clusters")


def _print_counts(counted: Statistics) -> None:
    levels = list(counted.levels)
    print_table(
        f"{counted.samples} samples, {counted.audio_s / 60:.1f} minutes of speech",
        ("domain", "task", *levels, "total"),
        [
            (t.domain or "", t.task or "", *(str(t.levels.get(x, 0) or "") for x in levels), str(t.total))
            for t in counted.tasks
        ]
        + [("", "", *(str(counted.levels[x]) for x in levels), str(counted.samples))],
    )
    for what, table in (("domain", counted.domain_levels), ("language", counted.language_levels)):
        rows = [
            (name, *(str(cells.get(x, 0) or "") for x in levels), str(sum(cells.values())))
            for name, cells in table.items()
        ]
        print_table("", (what, *levels, "total"), rows)


def _print_tasks(tasks: tuple[MergedTask, ...], clustering: Clustering | None) -> None:
    print_table(
        f"{sum(len(t.names) for t in tasks)} task names, {len(tasks)} after merging",
        ("task", "samples", "names"),
        [(t.name, str(t.count), str(len(t.names))) for t in tasks[:_SHOWN]],
    )
    if len(tasks) > _SHOWN:
        say(f"... and {len(tasks) - _SHOWN} more; --json lists them all")
    if clustering is None:
        out().print("too few task names to cluster")
        return
    best = clustering.silhouettes[max(clustering.silhouettes, key=lambda k: clustering.silhouettes[k])]
    print_table(
        f"{len(clustering.clusters)} clusters (mean silhouette {best:.3f} on {clustering.sampled} names)",
        ("terms", "task names"),
        [(", ".join(one.terms), str(len(one.members))) for one in clustering.clusters],
    )
