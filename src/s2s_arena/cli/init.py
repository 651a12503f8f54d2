"""`s2s-arena init`: begin a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import command, say
from s2s_arena.compose import open_workspace
from s2s_arena.workspace.layout import create

app = typer.Typer(add_completion=False)


@app.command()
@command
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str | None, typer.Option(help="Name of the workspace; the folder's by default.")] = None,
) -> None:
    """Begin a workspace: arena.toml, the database, folders for audio, reports and your own cards."""
    layout = create(folder, name=name)
    open_workspace(layout.root).close()
    say(f"workspace {layout.root}: ready. Next: s2s-arena suite build -w {folder}")
