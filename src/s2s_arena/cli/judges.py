"""`s2s-arena judges`: which there are, how far each can be trusted, what moved one, and training the embedded one."""

from typing import Annotated

import typer

from s2s_arena.cli.console import TerminalProgress, command, print_json, print_table, say
from s2s_arena.cli.judges_card import show_reliability
from s2s_arena.cli.judges_disputed import show_disputed
from s2s_arena.cli.judges_explain import explain
from s2s_arena.cli.judges_validate import validate
from s2s_arena.cli.options import HERE, AsJson, Quiet, Workspace
from s2s_arena.cli.systems import cards_of, list_cards, show_card
from s2s_arena.compose import open_workspace
from s2s_arena.cues.training.clips import Target
from s2s_arena.cues.training.trainer import train_from_clips

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.command("validate")(validate)
app.command("card")(show_reliability)
app.command("explain")(explain)
app.command("disputed")(show_disputed)


@app.callback()
def _group() -> None:
    """The judges, and training heads for the embedded one."""


@app.command("list")
@command
def list_judges(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List all judges and say which would run here now."""
    list_cards("judge", cards_of(workspace).judges(), as_json=as_json)


@app.command("show")
@command
def show(
    name: Annotated[str, typer.Argument(help="Name of the judge's card.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Show everything a card says."""
    show_card(cards_of(workspace).judge(name), as_json=as_json)


@app.command("train")
@command
def train(
    target: Annotated[
        list[str],
        typer.Argument(help="NAME=PATH[:COLUMN]: a head's name and its labelled clips (JSONL, CSV or folder)."),
    ],
    workspace: Workspace = HERE,
    layer: Annotated[
        int | None,
        typer.Option(min=1, help="Learn from this layer of the ears' encoder (1 to 6); from the last by default."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Shuffled repeats of nested cross-validation.")] = 10,
    seed: Annotated[int | None, typer.Option(help="Of folds; the workspace's by default.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train heads on your own labelled clips; the workspace's judge then hears with them."""
    targets = [Target.parse(text) for text in target]
    with open_workspace(workspace) as arena:
        summary = train_from_clips(
            targets,
            encoder=arena.perception.encoder if layer is None else arena.perception.layer(layer),
            out=arena.layout.heads / "heads.npz",
            seed=arena.config.workspace.seed if seed is None else seed,
            cache=arena.layout.heads / "features",
            repeats=repeats,
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    rows = [{"head": h.name, "clips": h.clips, "measure": h.measure, "figure": h.figure} for h in summary.heads]
    if as_json:
        print_json({"out": str(summary.out), "identity": summary.identity, "heads": rows})
        return
    columns = ("head", "clips", "measure", "figure")
    print_table(
        "cross-validated",
        columns,
        [tuple(f"{r[c]:.3f}" if c == "figure" else str(r[c]) for c in columns) for r in rows],
    )
    say(f"{summary.out}: {summary.identity}; verdicts from now on are by another version of the judge")
