"""`s2s-arena agree`: how far judges agree with each other and with themselves."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.agree_counted import show_counted
from s2s_arena.cli.console import command, out, say
from s2s_arena.cli.options import HERE, AsJson, StudyName, names
from s2s_arena.cli.reading import (
    AllowTies,
    BadRowsOption,
    Columns,
    CriterionName,
    InputFormat,
    LevelScheme,
    RejectedFile,
    Swapped,
    TiesOption,
    Words,
    reading,
    say_source,
    ties_of,
    write_rejected,
)
from s2s_arena.rank import agreeing
from s2s_arena.rank.agree_files import agree_file
from s2s_arena.rank.agree_formats import agree_json, agree_tables, plain

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
    by: Annotated[str | None, typer.Option(help="Attributes to compare judges by: level,domain ...")] = None,
    ties: TiesOption = None,
    allow_ties: AllowTies = False,
    input_format: InputFormat = None,
    columns: Columns = None,
    words: Words = None,
    bad_rows: BadRowsOption = None,
    rejected: RejectedFile = None,
    criterion: CriterionName = "overall",
    swapped: Swapped = False,
    level_scheme: LevelScheme = None,
    counts: Annotated[
        list[str] | None, typer.Option(help="Instead: published counts AGREED/CASES, such as 358/432; repeatable.")
    ] = None,
    joint: Annotated[
        list[str] | None, typer.Option(help="Instead: a joint table row by row, such as 180,35,39,178; gives kappa.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap of Krippendorff's alpha.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Kappa, agreement with intervals beside a system-identity baseline, position and length bias."""
    if counts or joint:
        show_counted(counts or (), joint or (), as_json=as_json)
        return
    if matches is not None:
        how = reading(
            format=input_format,
            columns=columns,
            words=words,
            bad_rows=bad_rows,
            rejected=rejected,
            criterion=criterion,
            swapped=swapped,
            level_scheme=level_scheme,
        )
        summary = agree_file(
            matches,
            judges=names(judges),
            reference=names(reference),
            key=key,
            by=names(by),
            ties=ties_of(ties, allow=allow_ties),
            seed=seed,
            how=how,
        )
        write_rejected(summary.source, rejected)
        say_source(summary.source)
    else:
        # The store is not needed for a file of votes, and takes a quarter of a second to import.
        from s2s_arena.compose import open_workspace  # noqa: PLC0415

        with open_workspace(workspace) as arena:
            chosen = arena.study(study)
            summary = agreeing.run(
                arena.store,
                study=chosen,
                judges=names(judges),
                reference=names(reference),
                samples=arena.suite(chosen.suite_hash).samples if by else (),
                by=names(by),
                seed=seed,
            )
    if as_json:
        sys.stdout.write(agree_json(summary) + "\n")
    else:
        console = out()
        for table in agree_tables(summary):
            console.print(table)
        if summary.alpha is not None:
            console.print(f"Krippendorff's alpha of all: {plain(summary.alpha)}")
    for warning in summary.warnings:
        say(f"warning: {warning}")
