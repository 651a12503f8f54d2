"""`s2s-arena suite voices`: which voices there are, what each speaks, and what it still needs."""

from typing import Annotated

import typer

from s2s_arena.cli.console import command, out, print_json, print_table
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.cli.systems import cards_of
from s2s_arena.compose.needs import missing
from s2s_arena.errors import MissingError
from s2s_arena.records.systems import VoiceCard
from s2s_arena.workspace.cards import Found


@command
def voices(
    name: Annotated[
        str | None, typer.Argument(help="A voice: say what it still needs. Without it, all are listed.")
    ] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """List the voices, their languages, and which would run here now."""
    cards = cards_of(workspace)
    if name is not None:
        _check(cards.voice(name), as_json=as_json)
        return
    rows = [_row(found) for _, found in sorted(cards.voices().items())]
    if as_json:
        print_json(rows)
        return
    print_table(
        "",
        ("voice", "what", "languages", "quality", "runs here", "used unasked", "verified"),
        [
            (
                *(str(row[key]) for key in ("voice", "name", "languages", "quality")),
                *("yes" if row[key] else "no" for key in ("runs_here", "unasked")),
                str(row["verified"]),
            )
            for row in rows
        ],
    )


def _check(found: Found[VoiceCard], *, as_json: bool) -> None:
    card = found.card
    if as_json:
        print_json(_row(found))
        return
    gone = missing(card)
    if gone:
        raise MissingError(f"{card.name}: {'; '.join(gone)}")
    out().print(f"{card.name}: would run here and speaks {', '.join(card.languages)} (verified: {card.verified.value})")


def _row(found: Found[VoiceCard]) -> dict[str, object]:
    card, gone = found.card, missing(found.card)
    return {
        "voice": card.name,
        "name": card.title,
        "source": found.source,
        "languages": " ".join(card.languages),
        "gender": card.gender,
        "quality": card.quality,
        "unasked": card.unasked,
        "runs_here": not gone,
        "missing": list(gone),
        "verified": card.verified.value,
    }
