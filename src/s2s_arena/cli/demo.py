"""`s2s-arena demo`: the whole thing on embedded local models."""

import time
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.answer import stage as answering
from s2s_arena.build.scripts import starter
from s2s_arena.build.subset import subset
from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.console import out as out_console
from s2s_arena.cli.options import AsJson, Quiet
from s2s_arena.cli.report import write_report
from s2s_arena.cli.suite_build import build_suite
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.judge import stage as judging
from s2s_arena.rank.formats import board_json, board_table
from s2s_arena.records.identity import SystemName
from s2s_arena.workspace.layout import create

app = typer.Typer(add_completion=False)

SYSTEMS = ("expressive", "qwen-kokoro", "qwen-hibari", "qwen-hibari-flat", "gemma-hibari", "echo", "silence")
QUICK_SYSTEMS = ("expressive", "qwen-hibari", "qwen-hibari-flat", "echo")
JUDGE = "local"


@app.command()
@command
def demo(
    quick: Annotated[bool, typer.Option("--quick", help="4 samples, 4 systems, 12 matches: a few minutes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="All 40 samples and 7 systems, 420 matches.")] = False,
    out: Annotated[Path, typer.Option("--out", help="Folder of the demo's workspace.")] = Path("arena-demo"),
    matches: Annotated[int | None, typer.Option(min=1, help="Rated comparisons, if not the usual number.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Speech in, leaderboard and HTML report out, on this machine alone: no key, no GPU, no network.

    Builds a part of the starter suite with local voices, lets seven real speech-to-speech systems answer, has the
    embedded judge hear the matches, and writes a report in which each of them can be heard. Run again, it does
    nothing that was done before.
    """
    if quick and full:
        raise InputError("--quick --full: choose one")
    samples, systems, wanted = _size(quick=quick, full=full)
    began = time.monotonic()
    progress = TerminalProgress(quiet=quiet or as_json)
    create(out, name="demo")
    with open_workspace(out) as arena:
        seed = arena.config.workspace.seed
        say(f"demo: {samples} samples, {len(systems)} systems, {matches or wanted} matches, in {out}")
        scripts = subset(starter(), samples)
        name = "starter" if len(scripts) == len(starter()) else f"starter-{len(scripts)}"
        suite = build_suite(arena, scripts, name=name, progress=progress).suite
        contestants = [arena.contestant(system) for system in systems]
        answering.run(
            suite,
            contestants,
            store=arena.store,
            executor=arena.executor(),
            seed=seed,
            progress=progress,
            run=arena.run_record("answer", systems=list(systems), suite=suite.hash),
        )
        card, load = arena.judge(JUDGE, suite)
        study = arena.drafted_study(
            suite, name=name, systems=tuple(SystemName(s) for s in systems), judges=(card.judge,)
        )
        arena.store.put(study)
        judging.run(
            study,
            suite,
            card,
            load,
            store=arena.store,
            executor=arena.executor(),
            matches=matches or wanted,
            takes=arena.takes(suite),
            progress=progress,
            run=arena.run_record("judge", judge=JUDGE, suite=suite.hash, matches=matches or wanted),
        )
        report = write_report(arena, study=name, progress=progress)
    seconds = time.monotonic() - began
    if as_json:
        print_json({**board_json(report.board), "report": str(report.index), "seconds": round(seconds, 1)})
        return
    out_console().print(board_table(report.board))
    say(f"{seconds:.0f} s. Open the report: {report.index}")


def _size(*, quick: bool, full: bool) -> tuple[int, tuple[str, ...], int]:
    """Samples, systems, matches."""
    if quick:
        return 4, QUICK_SYSTEMS, 12
    return (len(starter()), SYSTEMS, 420) if full else (12, SYSTEMS, 60)
