"""`s2s-arena serve`: the pages on which people vote, the researchers' desk and the live board."""

from typing import Annotated

import typer

from s2s_arena.cli.console import command, say
from s2s_arena.cli.options import HERE, Workspace
from s2s_arena.compose import open_workspace, serving
from s2s_arena.serve.people.person import Role

app = typer.Typer(add_completion=False)


@app.command()
@command
def serve(
    workspace: Workspace = HERE,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    proxy: Annotated[
        str | None, typer.Option(help="Believe X-Forwarded headers of these addresses, such as that of nginx.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=32, help="So many on this port; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Let people vote: blind, in a browser, by personal links. Ctrl-C stops; nothing is lost.

    On PostgreSQL several of these may run at once, with --processes, on other ports and on other machines: each knows
    what the others store, and all give out one study's tasks together.
    """
    with open_workspace(workspace) as arena:
        register = serving.open_register(arena)
        people = list(register.people())
        register.close()
        say(f"voting on http://{host}:{port}")
        if not any(person.role is Role.ADMIN for person in people):
            say(f"nobody can open the desk yet; run s2s-arena admin create NAME -w {arena.layout.root}")
        serving.run(arena, host=host, port=port, proxy=proxy, processes=processes)
