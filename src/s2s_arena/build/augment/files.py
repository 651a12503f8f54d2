"""Grown scripts as files in the paper's schema: one file for all, or a corpus with one file a task."""

import json
from collections.abc import Sequence
from pathlib import Path

from s2s_arena.build.augment.script import GrownScript

SINGLE = "scripts.json"
CORPUS = "scripts"


def write(scripts: Sequence[GrownScript], folder: Path, *, corpus: bool = False) -> tuple[Path, ...]:
    """Write the scripts and return the files: `scripts.json`, or `scripts/SEED_TASK.json` for each task.

    A file is replaced as a whole or not at all.
    """
    if not corpus:
        return (_replace(folder / SINGLE, scripts),)
    (folder / CORPUS).mkdir(exist_ok=True)
    by_task: dict[str, list[GrownScript]] = {}
    for script in scripts:
        by_task.setdefault(task_of(script), []).append(script)
    return tuple(_replace(folder / CORPUS / f"{task}.json", found) for task, found in by_task.items())


def task_of(script: GrownScript) -> str:
    """The seed task in an id: what stands between the prefix and the number."""
    return script.id.split("-", 1)[1].rsplit("-", 1)[0]


def _replace(path: Path, scripts: Sequence[GrownScript]) -> Path:
    draft = path.with_suffix(".part")
    records = [script.as_json() for script in scripts]
    draft.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    return path
