"""`s2s-arena systems`: which systems there are, what each is, and what it still needs."""

from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import command, out, print_json, print_table
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.compose.needs import missing
from s2s_arena.errors import MissingError
from s2s_arena.records.systems import Card
from s2s_arena.workspace.cards import Cards, Found
from s2s_arena.workspace.layout import Layout

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The systems that can be evaluated, and what each needs."""


def cards_of(workspace: Path) -> Cards:
    """The cards of a workspace, or of the package alone where there is none."""
    layout = Layout(workspace)
    return Cards(layout.cards if layout.config.is_file() else None)


@app.command("list")
@command
def list_systems(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List all systems and say which would run here now."""
    found = cards_of(workspace).systems()
    rows = [
        {
            "system": name,
            "name": each.card.title,
            "source": each.source,
            "runs_here": not (gone := missing(each.card)),
            "missing": list(gone),
            "verified": each.card.verified.value,
        }
        for name, each in sorted(found.items())
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("system", "what", "from", "runs here", "verified"),
        [
            (
                str(r["system"]),
                str(r["name"]),
                str(r["source"]),
                "yes" if r["runs_here"] else "no",
                str(r["verified"]),
            )
            for r in rows
        ],
    )


@app.command("show")
@command
def show(
    name: Annotated[str, typer.Argument(help="Name of the system's card.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Show everything a card says."""
    show_card(cards_of(workspace).system(name), as_json=as_json)


@app.command("check")
@command
def check(name: Annotated[str, typer.Argument(help="Name of the system's card.")], workspace: Workspace = HERE) -> None:
    """Say in one line what is missing before the system runs here, and how to get it."""
    card = cards_of(workspace).system(name).card
    gone = missing(card)
    if gone:
        raise MissingError(f"{name}: {'; '.join(gone)}")
    out().print(f"{name}: would run here (verified: {card.verified.value})", markup=False)


def show_card(found: Found[Card] | Found, *, as_json: bool) -> None:  # type: ignore[type-arg]  # any kind of card
    """Print a card with what it still needs."""
    card: Card = found.card
    facts: dict[str, object] = {
        "name": card.name,
        "title": card.title,
        "source": found.source,
        "model": card.model,
        "settings": dict(card.settings),
        "organisation": card.organisation,
        "kind": card.kind,
        "encoder": card.encoder,
        "backbone": card.backbone,
        "decoder": card.decoder,
        "weights": list(card.weights),
        "languages": list(card.languages),
        "licences": {"code": card.licences.code, "weights": card.licences.weights, "voice": card.licences.voice},
        "needs": {"extra": card.needs.extra, "env": list(card.needs.env), "programs": list(card.needs.programs)},
        "price": dict(card.price),
        "verified": card.verified.value,
        "version": card.version,
        "notes": card.notes,
        "missing": list(missing(card)),
    }
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if value not in ("", [], {}, None):
            out().print(f"{key:14} {value}", markup=False)
