"""`s2s-arena bundle`: a workspace as one file that another machine reproduces the board from."""

from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.archive import bundling
from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, Workspace
from s2s_arena.compose import open_workspace
from s2s_arena.compose.arena import RECORD_KINDS
from s2s_arena.workspace.layout import create

app = typer.Typer(add_completion=False)


@app.command()
@command
def bundle(
    workspace: Workspace = HERE,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("arena-bundle.zip"),
    audio: Annotated[bool, typer.Option(help="Pack the waveforms too.")] = True,
    unpack: Annotated[
        Path | None, typer.Option(help="Instead: unpack this bundle into the workspace, which is made if need be.")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Export responses, votes, hashes, boards and the lock file; or, with --unpack, take such a file in."""
    progress = TerminalProgress(quiet=quiet or as_json)
    if unpack is not None:
        layout = create(workspace)
        with open_workspace(workspace) as arena:
            summary = bundling.unpack(unpack, arena.store, kinds=RECORD_KINDS, progress=progress)
        for name, text in bundling.extras(unpack).items():
            target = (layout.root / name).resolve()
            if target.is_relative_to(layout.root) and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        what = "unpacked"
    else:
        with open_workspace(workspace) as arena:
            root = arena.layout.root
            wanted = [arena.layout.config, *sorted(arena.layout.cards.rglob("*.toml"))]
            wanted += sorted(arena.layout.reports.glob("*/data/report.json"))
            summary = bundling.pack(
                arena.store,
                out,
                kinds=RECORD_KINDS,
                versions={d.metadata["Name"]: d.version for d in distributions()},
                extra={str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in wanted},
                audio=audio,
                progress=progress,
            )
        what = "packed"
    if as_json:
        print_json(
            {
                "path": str(summary.path),
                "records": dict(summary.records),
                "events": summary.events,
                "audio": summary.audio,
            }
        )
    else:
        total = sum(summary.records.values())
        say(f"{summary.path}: {what} {total} records, {summary.events} events, {summary.audio} waveforms")
