"""`s2s-arena admin`: who leads, and copies of a workspace and their way back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.compose import open_workspace, serving
from s2s_arena.errors import InputError
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.tokens import new_id

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Who leads a workspace's studies.")

Url = Annotated[str, typer.Option(help="Where the pages are served; links begin with it.")]
LOCAL = "http://127.0.0.1:8765"


@app.command()
@command
def create(
    name: Annotated[str, typer.Argument(help="Of the admin or researcher.")],
    workspace: Workspace = HERE,
    role: Annotated[str, typer.Option(help="admin, or researcher (who sees no audit log).")] = "admin",
    url: Url = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Make an admin or a researcher, or a new link for one of that name: earlier links then end."""
    if role not in (Role.ADMIN, Role.RESEARCHER):
        raise InputError(f"--role {role}: admin or researcher is needed")
    with open_workspace(workspace) as arena:
        register = serving.open_register(arena)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        old = next((p for p in register.people() if p.leads and p.name == name), None)
        person = Person(id=new_id(), role=Role(role), name=name, made=now)
        if old is not None:
            person = replace(old, role=Role(role), link=old.link + 1, active=True)
        register.keep(person)
        register.audit(at=now, who="command line", what=f"{role} created", detail=person.id)
        register.close()
        link = f"{url.rstrip('/')}/join/{serving.open_signer(arena).link(person)}"
    if as_json:
        print_json({"person": person.id, "role": role, "link": link})
    else:
        say(f"{role} {name}: open this link once the pages are served; it is personal, keep it")
        typer.echo(link)


@app.command()
@command
def backup(
    folder: Annotated[Path, typer.Argument(help="Where the copy goes; made if it is not there.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Copy the whole workspace while the server runs: people, votes, records, audio, cards and the key of links.

    The same folder may be used again: audio that is there already is not copied twice. Keep it private.
    """
    with open_workspace(workspace) as arena:
        made = serving.backup(arena, folder)
        outside = "://" in arena.config.workspace.database
    if as_json:
        print_json({"folder": str(folder), "files": len(made.files), "bytes": made.size, "events": made.events})
        return
    say(f"{len(made.files)} files, {made.size / 1e6:.1f} MB, votes up to event {made.events} copied to {folder}")
    if outside:
        say("the records and votes are in a database server: copy that with pg_dump too")


@app.command()
@command
def restore(
    folder: Annotated[Path, typer.Argument(help="A backup made by s2s-arena admin backup.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Put a backup into a workspace, and replay what is there then.

    Every file is compared with its hash first: a damaged backup changes nothing. What is replaced is moved aside. A
    workspace that is being served is refused.
    """
    found, moved, summary = serving.restore(folder, workspace)
    problems = list(summary.problems)
    if summary.events < found.events:
        problems.append(f"{found.events} events were in the workspace when it was copied, {summary.events} are here")
    if as_json:
        print_json(
            {
                "workspace": str(workspace),
                "made": found.made,
                "files": len(found.files),
                "moved_aside": list(moved),
                "events": summary.events,
                "problems": problems,
            }
        )
    else:
        for problem in problems:
            say(f"  {problem}")
        say(
            f"backup of {found.made} restored: {len(found.files)} files, {summary.events} events, "
            + ("all replayed as they were" if not problems else f"{len(problems)} problems")
        )
        if moved:
            say(f"{len(moved)} files that were here are in {workspace}/before-restore-*")
    if problems:
        raise typer.Exit(1)
