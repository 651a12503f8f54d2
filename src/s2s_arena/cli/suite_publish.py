"""`s2s-arena suite publish`: a folder with Parquet, data card and Croissant metadata, if licences allow."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.build.publishing import stage
from s2s_arena.cli.console import TerminalProgress, command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, Quiet, SuiteName, Workspace
from s2s_arena.compose import open_workspace


@command
def publish(
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    draft: Annotated[bool, typer.Option(help="Although no review is recorded; the card says so.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a suite as a folder that datasets.load_dataset opens, with a data card and Croissant metadata.

    It inherits the strictest licence inside. Audio of unknown licence, or whose speaker does not consent to
    publication, is refused.
    """
    with open_workspace(workspace) as arena:
        voices = {name: found.card.licences.voice for name, found in arena.cards.voices().items()}
        done = stage.run(
            arena.suite(suite),
            folder,
            store=arena.store,
            voices=voices,
            draft=draft,
            date=datetime.now(UTC).date().isoformat(),
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    if as_json:
        print_json(
            {
                "folder": str(done.folder),
                "licence": done.rights.licence,
                "licences": dict(done.rights.counts),
                "files": [{"path": s.path, "split": s.split, "rows": s.rows, "bytes": s.size} for s in done.shards],
                "unspoken": done.unspoken,
            }
        )
        return
    for shard in done.shards:
        say(f"  {shard.path}: {shard.rows} rows, {shard.size / 1e6:.1f} MB")
    left = f"; {done.unspoken} samples have no speech and stay out" if done.unspoken else ""
    say(f"{done.folder}: published under {done.rights.licence}{left}")
