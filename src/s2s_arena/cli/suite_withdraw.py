"""`s2s-arena suite withdraw`: erase a speaker's audio, leave a tombstone, make new versions of the suites."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from s2s_arena.build.withdrawing import withdraw as withdraw_speaker
from s2s_arena.cli.console import command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.errors import StoreError
from s2s_arena.protocols import AudioEraser


@command
def withdraw(
    speaker: Annotated[str, typer.Argument(help="Pseudonym of the speaker, as imported.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Erase all audio of a speaker who withdraws. This cannot be undone."""
    with open_workspace(workspace) as arena:
        store = arena.store
        if not isinstance(store, AudioEraser):
            raise StoreError(f"{type(store).__name__} cannot erase audio; remove the speaker's files by hand")
        done = withdraw_speaker(speaker, store=store, eraser=store, at=datetime.now(UTC).isoformat(timespec="seconds"))
    if as_json:
        print_json(
            {
                "speaker": speaker,
                "erased": done.erased,
                "samples": list(done.samples),
                "suites": [{"suite": s.name, "version": s.version, "hash": s.hash} for s in done.suites],
                "emptied": list(done.emptied),
                "lone_twins": list(done.lone_twins),
            }
        )
        return
    for suite in done.suites:
        say(f"  suite {suite.name} version {suite.version}: {len(suite.samples)} samples, hash {suite.hash[:12]}")
    for name in done.emptied:
        say(f"  suite {name}: nobody else speaks in it, so it has no new version")
    if done.lone_twins:
        say(f"  their twin is gone: {', '.join(done.lone_twins)}")
    say(
        f"speaker {speaker}: {done.erased} waveforms erased, {len(done.samples)} samples withdrawn; tell those who "
        "hold published copies or review forms to delete them"
    )
