"""`s2s-arena import`: bring in finished responses."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.answer.importing import FORMATS, import_responses, imported_card
from s2s_arena.cli.console import command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, SuiteName, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.errors import CardError

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Bring in finished responses."""


@app.command("responses")
@command
def responses(
    format: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMATS)}.")],
    path: Annotated[Path, typer.Argument(help="Folder of recordings named by sample, or a table of them.")],
    system: Annotated[str, typer.Option("--system", "-S", help="Whose answers they are.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    title: Annotated[str, typer.Option(help="What the system is, for the board.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a folder of recordings the answers of a system: no model, no card needed."""
    with open_workspace(workspace) as arena:
        try:
            card = arena.cards.system(system).card
        except CardError:
            card = imported_card(system, title=title)
        summary = import_responses(
            path,
            format=format,
            suite=arena.suite(suite),
            card=card,
            store=arena.store,
            seed=arena.config.workspace.seed,
            run=arena.run_record("import", system=system, path=path.name),
        )
    if as_json:
        print_json(dataclasses.asdict(summary))
        return
    for problem in summary.problems:
        say(f"  {problem}")
    say(
        f"{system}: {summary.responses} answers taken in ({summary.failures} of them failed), {summary.kept} were "
        f"there before, {summary.takes} finished takes, {len(summary.problems)} left out"
    )
