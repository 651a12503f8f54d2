"""`s2s-arena cluster`: whether a Ray cluster would answer for us."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.answer.questions import resources_of
from s2s_arena.cli.console import command, out, print_json
from s2s_arena.cli.options import HERE, AsJson, Workspace, names
from s2s_arena.cli.systems import cards_of
from s2s_arena.compose.arena import VERSIONED
from s2s_arena.compose.needs import variables_of
from s2s_arena.executors.checkup import Wanted, checkup
from s2s_arena.workspace.layout import Layout

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Answering on many machines with `answer --executor ray`."""


@app.command("doctor")
@command
def doctor(
    workspace: Workspace = HERE,
    address: Annotated[
        str | None, typer.Option(help="Of the cluster; 'auto' finds one here. By default one is started.")
    ] = None,
    systems: Annotated[str | None, typer.Option("--systems", "-S", help="Systems that are to run there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in one line each whether the cluster would work, and what to do where it would not."""
    cards = cards_of(workspace)
    wanted = [
        Wanted(name=card.name, each=resources_of(card), variables=variables_of(card))
        for card in (cards.system(name).card for name in names(systems))
    ]
    folder: Path | None = workspace.resolve() if Layout(workspace).config.is_file() else None
    found = []
    for finding in checkup(address=address, packages=VERSIONED, folder=folder, systems=wanted):
        found.append(finding)
        if not as_json:
            out().print(f"{'ok ' if finding.well else 'BAD'} {finding.what}: {finding.message}")
    if as_json:
        print_json([{"what": f.what, "well": f.well, "message": f.message} for f in found])
    if not all(finding.well for finding in found):
        raise typer.Exit(1)
