"""`s2s-arena verify`: replay the events and check every hash of a workspace."""

import dataclasses

import typer

from s2s_arena.archive import verifying
from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, Workspace
from s2s_arena.compose import open_workspace

app = typer.Typer(add_completion=False)


@app.command()
@command
def verify(workspace: Workspace = HERE, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Check every hash and reference, replay all events, and compare with the boards of earlier reports."""
    with open_workspace(workspace) as arena:
        summary = verifying.run(
            arena.store,
            reports=sorted(arena.layout.reports.glob("*/data/report.json")),
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    if as_json:
        print_json({**dataclasses.asdict(summary), "sound": summary.sound})
    else:
        for problem in summary.problems:
            say(f"  {problem}")
        say(
            f"{summary.suites} suites, {summary.responses} responses, {summary.matches} matches, "
            f"{summary.events} events, "
            f"{summary.audio} waveforms, {summary.boards} boards: "
            + ("all as they were" if summary.sound else f"{len(summary.problems)} problems")
        )
    if not summary.sound:
        raise typer.Exit(1)
