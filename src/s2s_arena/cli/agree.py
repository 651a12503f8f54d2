"""`s2s-arena agree`: how far judges agree with each other and with themselves."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import command, out, say
from s2s_arena.cli.options import HERE, AsJson, StudyName, names
from s2s_arena.compose import open_workspace
from s2s_arena.rank import agreeing
from s2s_arena.rank.formats import agree_json, agree_tables, plain

app = typer.Typer(add_completion=False)


@app.command()
@command
def agree(
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the workspace.")] = HERE,
    matches: Annotated[Path | None, typer.Option(help="Instead: a file of matches with a judge column.")] = None,
    study: StudyName = None,
    judges: Annotated[str | None, typer.Option(help="Only these judges; all by default.")] = None,
    reference: Annotated[
        str | None, typer.Option(help="Judges taken together as the side to agree with: people, say.")
    ] = None,
    key: Annotated[str, typer.Option(help="In --matches: the column that says what was judged.")] = "sample",
    allow_ties: Annotated[bool, typer.Option("--allow-ties", help="In --matches: ties are legal.")] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap of Krippendorff's alpha.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Kappa, agreement with intervals beside a system-identity baseline, position and length bias."""
    if matches is not None:
        summary = agreeing.run_file(matches, judges=names(judges), key=key, allow_ties=allow_ties)
    else:
        with open_workspace(workspace) as arena:
            summary = agreeing.run(
                arena.store, study=arena.study(study), judges=names(judges), reference=names(reference), seed=seed
            )
    if as_json:
        sys.stdout.write(agree_json(summary) + "\n")
    else:
        console = out()
        for table in agree_tables(summary):
            console.print(table)
        if summary.alpha is not None:
            console.print(f"Krippendorff's alpha of all: {plain(summary.alpha)}", markup=False)
    for warning in summary.warnings:
        say(f"warning: {warning}")
