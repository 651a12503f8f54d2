"""Where the workers that come with S2S-Arena lie: beside the package in a checkout, inside it when installed."""

import os
from pathlib import Path

from s2s_arena.errors import CardError, MissingError

VARIABLE = "S2S_ARENA_WORKERS"
PACKAGE = Path(__file__).resolve().parents[2]


def folders() -> tuple[Path, ...]:
    """Where workers are looked for, in this order; only those that are there."""
    named = os.environ.get(VARIABLE, "").strip()
    places = [Path(named)] if named else []
    if PACKAGE.parent.name == "src":  # a checkout
        places.append(PACKAGE.parents[1] / "workers")
    places.append(PACKAGE / "_workers")
    return tuple(place for place in places if place.is_dir())


def known() -> tuple[str, ...]:
    """Names of the workers that are there."""
    return tuple(sorted({file.parent.name for folder in folders() for file in folder.glob("*/worker.py")}))


def find(name: str) -> Path:
    """The file of the worker of that name.

    Raises:
        CardError: A name that is none.
        MissingError: There is no such worker.
    """
    if not name.replace("_", "").replace("-", "").isalnum():
        raise CardError(
            f"settings.worker: {name!r} given, a name such as qwen_omni needed; a path goes in settings.file"
        )
    for folder in folders():
        file = folder / name / "worker.py"
        if file.is_file():
            return file
    raise MissingError(
        f"worker {name}: not here; known: {', '.join(known()) or 'none'}; set {VARIABLE} to the folder workers/ of a "
        "checkout of S2S-Arena"
    )
