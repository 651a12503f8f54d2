"""`s2s-arena judges explain`: what in the two answers of a match moved the judge."""

import dataclasses
from typing import Annotated

import typer

from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, print_table, say
from s2s_arena.cli.options import HERE, AsJson, JustPlan, Quiet, StudyName, Workspace
from s2s_arena.compose import Arena, open_workspace, validating
from s2s_arena.errors import InputError
from s2s_arena.judge import hearing
from s2s_arena.judge.costs import SECONDS_A_CALL
from s2s_arena.judge.explaining import explain as explained
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Study

SHOWN = 20


@command
def explain(
    match: Annotated[str, typer.Argument(help="The match: the beginning of its id, or ROUND/INDEX.")],
    judge: Annotated[str, typer.Option("--judge", "-J", help="Name of the judge's card.")] = "local",
    workspace: Workspace = HERE,
    study: StudyName = None,
    budget: Annotated[int, typer.Option(min=2, help="How often the judge may be asked.")] = 40,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Change one thing at a time in one answer (words, pitch, pace, loudness, noise, pauses); ask the judge again."""
    with open_workspace(workspace) as arena:
        chosen = arena.study(study)
        suite = arena.suite(chosen.suite_hash)
        found = _match(arena, chosen, match)
        card, load = arena.judge(judge, suite)
        if plan:
            print_plan({"match": found.id, "calls": budget, "seconds": budget * SECONDS_A_CALL}, as_json=as_json)
            return
        made = explained(
            hearing.comparison(found, suite=suite, store=arena.store, seed=chosen.seed),
            load(),
            match=found.id,
            name=card.judge,
            transcriber=arena.transcriber(),
            reshaper=validating.reshaper(),
            budget=budget,
            progress=TerminalProgress(quiet=quiet or as_json),
        )
        arena.store.put(*made.notes, made.explanation)
    what = made.explanation
    if as_json:
        print_json(dataclasses.asdict(what))
        return
    winner = found.first_system if what.outcome == "first" else found.second_system
    rows = [
        (
            found.first_system if effect.side == "first" else found.second_system,
            effect.edit,
            f"{effect.start_s:.1f} to {effect.end_s:.1f}",
            effect.text[:60],
            f"{effect.shift:+.3f}",
            "flips" if effect.flipped else "",
        )
        for effect in what.effects[:SHOWN]
    ]
    print_table(
        f"{winner} won by {abs(what.margin):.3f}; shift is what the answer loses by the change",
        ("answer", "change", "seconds", "words", "shift", "verdict"),
        rows,
    )
    for note in what.notes:
        say(f"note: {note}")


def _match(arena: Arena, study: Study, asked: str) -> Match:
    matches = list(arena.store.all(Match, study=study.name))
    found = [m for m in matches if f"{m.round}/{m.index}" == asked]
    found = found or [m for m in matches if m.id.startswith(asked)]
    if len(found) != 1:
        raise InputError(f"match {asked}: {len(found)} in study {study.name}; give more of its id, or ROUND/INDEX")
    return found[0]
