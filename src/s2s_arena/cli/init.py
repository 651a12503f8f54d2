"""`s2s-arena init`: begin a workspace."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import command, say
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.workspace.config import holds_password, load
from s2s_arena.workspace.layout import create

app = typer.Typer(add_completion=False)


@app.command()
@command
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    name: Annotated[str | None, typer.Option(help="Name of the workspace; the folder's by default.")] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="Where records and votes are kept: postgresql://USER@HOST/DATABASE, without a password, or env:NAME, "
            "the variable that holds the URL. A file in the folder by default."
        ),
    ] = None,
) -> None:
    """Begin a workspace: arena.toml, the database, folders for audio, reports and your own cards."""
    if store is not None and holds_password(store):
        raise InputError(
            "--store: the URL holds a password, which arena.toml must not; set PGPASSWORD or ~/.pgpass, or put the URL "
            "into a variable and give --store env:NAME"
        )
    layout = create(folder, name=name, database=store)
    if store is not None and load(layout.config).workspace.database != store:
        raise InputError(f"workspace {layout.root}: is there already, with another database; edit {layout.config}")
    open_workspace(layout.root).close()
    say(f"workspace {layout.root}: ready. Next: s2s-arena suite build -w {folder}")
