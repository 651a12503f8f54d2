"""`s2s-arena judges disputed`: the comparisons that people should decide, because judges differ on them."""

from typing import Annotated

import typer

from s2s_arena.cli.console import command, print_json, print_table
from s2s_arena.cli.options import HERE, AsJson, StudyName, Workspace, names
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.judge.escalation import Disputed, disputed
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match


@command
def show_disputed(
    workspace: Workspace = HERE,
    study: StudyName = None,
    judges: Annotated[
        str | None, typer.Option("--judges", "-J", help="Whose votes count; everybody's by default.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the most disputed first.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List comparisons on which judges differ, one judge's order flips it, or a panel is split."""
    wanted = [JudgeName(name) for name in names(judges)] or None
    with open_workspace(workspace) as arena:
        chosen = arena.study(study)
        events = list(arena.store.events(study=chosen.name))
        known = {event.judge for event in events}
        for name in wanted or ():
            if name not in known:
                raise InputError(f"judge {name}: no votes in study {chosen.name}; those there are: {', '.join(known)}")
        found = disputed(list(arena.store.all(Match, study=chosen.name)), events, judges=wanted)[:limit]
    rows = [_row(one) for one in found]
    if as_json:
        print_json({"study": chosen.name, "disputed": rows})
        return
    columns = ("match", "sample", "dispute", "votes", "flipped")
    shown = [
        (
            str(row["match"])[:12],
            str(row["sample"]),
            f"{one.dispute:.2f}",
            ", ".join(f"{judge} {outcome}" for judge, outcome in one.votes),
            ", ".join(one.flipped),
        )
        for row, one in zip(rows, found, strict=True)
    ]
    print_table(f"disputed in {chosen.name}", columns, shown)


def _row(one: Disputed) -> dict[str, object]:
    return {
        "match": one.match.id,
        "group": one.match.group,
        "sample": one.match.sample,
        "round": one.match.round,
        "index": one.match.index,
        "dispute": one.dispute,
        "votes": [{"judge": judge, "outcome": outcome.value} for judge, outcome in one.votes],
        "flipped": list(one.flipped),
    }
