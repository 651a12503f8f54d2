"""`s2s-arena judges card`: what is known of a judge, from the record of the last validation."""

import sys
from typing import Annotated

import typer

from s2s_arena.boards.reliability import latest
from s2s_arena.boards.reliability_card import as_data, markdown
from s2s_arena.cli.console import command, print_json
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName


@command
def show_reliability(
    name: Annotated[str, typer.Argument(help="Name of the judge.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Print a judge's reliability card, as Markdown or JSON."""
    with open_workspace(workspace) as arena:
        try:
            record = latest(arena.store.all(JudgeReliability, judge=name), judge=JudgeName(name))
        except KeyError:
            raise InputError(f"judge {name}: no reliability record; run s2s-arena judges validate {name}") from None
    if as_json:
        print_json(as_data(record))
    else:
        sys.stdout.write(markdown(record))
