"""Copies of a workspace while it is in use, and their way back: every file by its hash, databases as of one moment."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import InputError, WorkspaceError

FORMAT = 1
MANIFEST = "backup.json"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup holds.

    Attributes:
        folder: Where it is.
        files: Path below the folder -> (SHA-256, bytes).
        events: Number of the last event in it.
        made: ISO 8601 UTC.
    """

    folder: Path
    files: Mapping[str, tuple[str, int]]
    events: int
    made: str

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(size for _, size in self.files.values())


def backup(
    root: Path, folder: Path, *, databases: Sequence[str], plain: Iterable[str], audio: str, events: int, made: str
) -> Backup:
    """Copy a workspace into a folder; audio that an earlier backup has put there is not copied again.

    Args:
        root: The workspace.
        folder: Where to; made if it is not there.
        databases: SQLite files below `root`, in the order of copying: what refers before what is referred to.
        plain: Other files and folders below `root`; those that are not there are left out.
        audio: The folder of audio: files that never change.
        events: Number of the last event when this began; the copy has at least these.
        made: ISO 8601 UTC.

    Raises:
        WorkspaceError: A file cannot be read or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = _read(folder).files if (folder / MANIFEST).exists() else {}
        files: dict[str, tuple[str, int]] = {}
        for name in databases:
            if (root / name).exists():
                _copy_database(root / name, folder / name)
                files[name] = _digest(folder / name)
        for path in sorted(file for name in plain for file in _files(root / name)):
            files[path.relative_to(root).as_posix()] = _copy(path, folder / path.relative_to(root))
        for path in _files(root / audio):
            name = path.relative_to(root).as_posix()
            there = folder / name
            same = name in known and there.exists() and there.stat().st_size == known[name][1]
            files[name] = known[name] if same else _copy(path, there)
        made_of = Backup(folder=folder, files=files, events=events, made=made)
        _write(made_of)
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"backup {folder}: {error}; check space and rights, then run it again") from error
    return made_of


def checked(folder: Path) -> Backup:
    """A backup whose every file is as it was.

    Raises:
        InputError: Not a backup, a file is missing or changed, or a database is damaged.
    """
    found = _read(folder)
    for name, wanted in found.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"backup {folder}: names {name}, which lies elsewhere; take another backup")
        if not path.exists():
            raise InputError(f"backup {folder}: {name} is missing; take another backup")
        if _digest(path) != wanted:
            raise InputError(f"backup {folder}: {name} is not what was copied; take another backup")
        if name.endswith(".db"):
            _check_database(path)
    return found


def restore(found: Backup, root: Path, *, aside: Path) -> tuple[str, ...]:
    """Put a checked backup into a workspace; what it replaces is moved aside first, never removed.

    Args:
        found: From `checked`.
        root: The workspace; made if it is not there.
        aside: Folder for what is replaced.

    Returns:
        What was moved aside, below `root`.

    Raises:
        WorkspaceError: A file cannot be moved or written.
    """
    moved: list[str] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name in found.files:
            # A journal left behind would be played into the restored database.
            for old in (root / name, root / f"{name}-wal", root / f"{name}-shm"):
                if old.exists() and not _kept(old, found, name):
                    kept = aside / old.relative_to(root)
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    old.replace(kept)
                    moved.append(old.relative_to(root).as_posix())
        for name, wanted in found.files.items():
            if not (root / name).exists() and _copy(found.folder / name, root / name) != wanted:
                raise WorkspaceError(f"{root / name}: was not written as it is in the backup; check the disk")
    except OSError as error:
        raise WorkspaceError(f"{root}: {error}; what was there is in {aside}") from error
    return tuple(moved)


def _kept(old: Path, found: Backup, name: str) -> bool:
    """Whether a file is what the backup has: audio mostly is."""
    return old.name == Path(name).name and _digest(old) == found.files[name]


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.endswith(".part"))
    return [path] if path.exists() else []


def _copy_database(source: Path, copy: Path) -> None:
    """As of one moment, while others write."""
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(part)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, whole
    _sync(part)
    part.replace(copy)


def _check_database(path: Path) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
        try:
            (said,) = database.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as error:
            said = str(error)
    if said != "ok":
        raise InputError(f"{path}: the database is damaged ({said}); take another backup")


def _copy(source: Path, copy: Path) -> tuple[str, int]:
    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_name(copy.name + ".part")
    shutil.copy2(source, part)
    _sync(part)
    part.replace(copy)
    return _digest(copy)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> tuple[str, int]:
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha256.update(block)
            size += len(block)
    return sha256.hexdigest(), size


def _write(made: Backup) -> None:
    said = {
        "format": FORMAT,
        "made": made.made,
        "events": made.events,
        "files": {name: {"sha256": sha256, "bytes": size} for name, (sha256, size) in sorted(made.files.items())},
    }
    part = made.folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    _sync(part)
    part.replace(made.folder / MANIFEST)


def _read(folder: Path) -> Backup:
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise InputError(f"backup {folder}: format {said['format']}, this version reads {FORMAT}; update s2s-arena")
        files = {str(name): (str(one["sha256"]), int(one["bytes"])) for name, one in said["files"].items()}
        return Backup(folder=folder, files=files, events=int(said["events"]), made=str(said["made"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"backup {folder}: not a backup ({error}); make one with s2s-arena admin backup") from error
