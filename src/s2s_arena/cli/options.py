"""Options that several commands take, written once."""

from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the workspace.", show_default=True)]
SuiteName = Annotated[
    str | None, typer.Option("--suite", "-s", help="Name (or hash prefix) of the suite; the latest one by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print machine-readable results on standard output.")]
JustPlan = Annotated[bool, typer.Option("--plan", help="Say what would be done and what it would take; spend nothing.")]
StudyName = Annotated[str | None, typer.Option("--study", help="Name of the study; 'default' by default.")]
ExecutorName = Annotated[str, typer.Option(help="threads of this process, or ray: actors on a cluster.")]
Address = Annotated[
    str | None, typer.Option(help="Of a Ray cluster; 'auto' finds one here. By default one is started.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]

HERE = Path()


def names(text: str | None) -> tuple[str, ...]:
    """A comma-separated list as given on the command line, without empty parts and duplicates."""
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
