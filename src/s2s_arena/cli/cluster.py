"""`s2s-arena cluster`: whether a Ray cluster would answer and judge for us."""

from typing import Annotated

import typer

from s2s_arena.cli.console import command, out, print_json
from s2s_arena.cli.options import HERE, Address, AsJson, Workspace, names
from s2s_arena.compose import cluster

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Answering and judging on many machines: `answer --executor ray`, `judge --executor ray`."""


@app.command("doctor")
@command
def doctor(
    workspace: Workspace = HERE,
    address: Address = None,
    systems: Annotated[str | None, typer.Option("--systems", "-S", help="Systems that are to run there.")] = None,
    judges: Annotated[str | None, typer.Option("--judges", "-J", help="Judges that are to run there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in one line each whether the cluster would work, and what to do where it would not."""
    found = []
    for finding in cluster.doctor(workspace, address=address, systems=names(systems), judges=names(judges)):
        found.append(finding)
        if not as_json:
            out().print(f"{'ok ' if finding.well else 'BAD'} {finding.what}: {finding.message}")
    if as_json:
        print_json([{"what": f.what, "well": f.well, "message": f.message} for f in found])
    if not all(finding.well for finding in found):
        raise typer.Exit(1)
