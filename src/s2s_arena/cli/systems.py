"""`s2s-arena systems`: which systems there are, what each is, and what it still needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from s2s_arena.cli.console import command, out, print_json, print_table
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.compose.loading import check_settings
from s2s_arena.compose.needs import missing
from s2s_arena.errors import MissingError
from s2s_arena.records.systems import Card
from s2s_arena.workspace.cards import Cards, Found
from s2s_arena.workspace.layout import Layout

C = TypeVar("C", bound=Card)

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
    list_cards("system", cards_of(workspace).systems(), as_json=as_json)


def list_cards(kind: str, cards: Mapping[str, Found[C]], *, as_json: bool) -> None:
    """Print all cards of a kind with what each still needs."""
    rows: list[dict[str, object]] = [
        {
            kind: name,
            "name": found.card.title,
            "source": found.source,
            "runs_here": not (gone := missing(found.card)),
            "missing": list(gone),
            "verified": found.card.verified.value,
        }
        for name, found in sorted(cards.items())
    ]
    if as_json:
        print_json(rows)
        return
    shown = [
        [*(str(r[c]) for c in (kind, "name", "source")), "yes" if r["runs_here"] else "no", str(r["verified"])]
        for r in rows
    ]
    print_table("", (kind, "what", "from", "runs here", "verified"), shown)


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
    cards = cards_of(workspace)
    found = cards.system(name)
    card = found.card
    check_settings(found, cards)
    gone = missing(card)
    if gone:
        raise MissingError(f"{name}: {'; '.join(gone)}")
    out().print(f"{name}: would run here (verified: {card.verified.value})")


def show_card(found: Found[C], *, as_json: bool) -> None:
    """Print a card with what it still needs."""
    card: Card = found.card
    facts: dict[str, object] = {
        "name": card.name,
        "title": card.title,
        "source": found.source,
        "model": card.model,
        "settings": dict(card.settings),
        "input_rate_hz": card.input_rate_hz,
        "output_rate_hz": card.output_rate_hz,
        "organisation": card.organisation,
        "kind": card.kind,
        "encoder": card.encoder,
        "backbone": card.backbone,
        "decoder": card.decoder,
        "weights": list(card.weights),
        "languages": list(card.languages),
        "licences": {"code": card.licences.code, "weights": card.licences.weights, "voice": card.licences.voice},
        "needs": {
            "extra": card.needs.extra,
            "env": list(card.needs.env),
            "folders": list(card.needs.folders),
            "programs": list(card.needs.programs),
            "server": card.needs.server,
            "gpu": card.needs.gpu,
        },
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
            out().print(f"{key:14} {value}")
