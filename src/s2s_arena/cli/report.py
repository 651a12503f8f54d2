"""`s2s-arena report`: a folder of pages in which every verdict can be heard."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, StudyName, Workspace, names
from s2s_arena.compose import Arena, open_workspace
from s2s_arena.errors import InputError
from s2s_arena.protocols import Progress
from s2s_arena.records.identity import JudgeName
from s2s_arena.report import stage

app = typer.Typer(add_completion=False)


@app.command()
@command
def report(
    workspace: Workspace = HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write; reports/STUDY by default.")] = None,
    study: StudyName = None,
    judge: Annotated[str | None, typer.Option(help="One judge's verdicts only.")] = None,
    by: Annotated[str, typer.Option(help="Attributes to slice by.")] = ",".join(stage.DEFAULT_SLICES),
    method: Annotated[str | None, typer.Option(help="What the order goes by: bt or elo.")] = None,
    bootstraps: Annotated[int | None, typer.Option(min=0, help="Resamples for the intervals.")] = None,
    paper: Annotated[
        bool, typer.Option("--paper", help="Also write paper/: LaTeX tables, figures, methods and bibliography.")
    ] = False,
    people: Annotated[
        str | None, typer.Option(help="For --paper: which judges are people; by default those who voted by hand.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write leaderboard, slices, systems, methods and an explorer that plays every match; opens offline."""
    with open_workspace(workspace) as arena:
        summary = write_report(
            arena,
            study=study,
            out=out,
            judge=judge,
            by=names(by),
            method=method,
            bootstraps=bootstraps,
            paper=paper,
            people=names(people),
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    if as_json:
        print_json(
            {
                "index": str(summary.index),
                "paper": str(summary.out / "paper" / "paper.tex") if paper else None,
                "matches": summary.matches,
                "warnings": list(summary.warnings),
            }
        )
    else:
        for warning in summary.warnings:
            say(f"  {warning}")
        say(f"report: {summary.index}")
        if paper:
            say(f"paper: {summary.out / 'paper' / 'paper.tex'}")


def write_report(
    arena: Arena,
    *,
    study: str | None = None,
    out: Path | None = None,
    judge: str | None = None,
    by: tuple[str, ...] = stage.DEFAULT_SLICES,
    method: str | None = None,
    bootstraps: int | None = None,
    paper: bool = False,
    people: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> stage.Summary:
    """Write the report of a study of the workspace."""
    chosen = arena.study(study)
    how = method or arena.config.rank.method
    if how not in ("bt", "elo"):
        raise InputError(f"--method {how}: not known; bt or elo")
    return stage.run(
        chosen,
        arena.suite(chosen.suite_hash),
        store=arena.store,
        out=out or arena.layout.reports / chosen.name,
        systems={name: found.card for name, found in arena.cards.systems().items()},
        judges={name: found.card for name, found in arena.cards.judges().items()},
        judge=JudgeName(judge) if judge else None,
        by=by,
        method=how,
        bootstraps=arena.config.rank.bootstraps if bootstraps is None else bootstraps,
        seed=arena.config.workspace.seed,
        paper=paper,
        people=people,
        progress=progress,
    )
