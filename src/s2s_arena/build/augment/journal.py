"""The journal of a growth: every reply as one durable line, so that a growth that was killed goes on exactly there."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from s2s_arena.build.augment.script import GrownScript
from s2s_arena.errors import InputError, SuiteError
from s2s_arena.records.codec import parse

NAME = "journal.jsonl"
FORM = "s2s-arena growth/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reply of the writer to one call.

    Attributes:
        target: Id of the script that was asked for.
        round: Which choice of five seeds, from 0.
        attempt: Within the round, from 0; later ones were told why the one before was not accepted.
        reason: Why it was not accepted; empty if it was.
        message: What the writer is told about it.
        reply: As it came; empty where none did.
        script: The accepted script.
        asked_characters: Of all messages of the call.
        seconds: What the call took.
    """

    target: str
    round: int
    attempt: int
    reason: str = ""
    message: str = ""
    reply: str = ""
    script: GrownScript | None = None
    asked_characters: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Journal:
    """Lines kept in a folder; open with `open_journal`."""

    path: Path
    entries: list[Entry] = field(default_factory=list)

    def append(self, entry: Entry) -> None:
        """Keep an entry; durable on return.

        Raises:
            OSError: The disk does not take it.
        """
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())
        self.entries.append(entry)

    @property
    def accepted(self) -> tuple[GrownScript, ...]:
        """In the order of acceptance."""
        return tuple(entry.script for entry in self.entries if entry.script is not None)


def open_journal(folder: Path, settings: Mapping[str, str]) -> Journal:
    """The journal in a folder, made if there is none; a last line that was cut short by a kill is dropped.

    Args:
        folder: Made if it does not exist.
        settings: All that replies depend on. A journal of other settings is refused.

    Raises:
        SuiteError: The folder holds a growth of other settings, or a journal that is damaged before its end.
    """
    path = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    head = {"form": FORM, **settings}
    lines = _whole_lines(path)
    if not lines:
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps(head, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return Journal(path)
    kept = _json(path, 1, lines[0])
    for key in sorted({*kept, *head}):
        if kept.get(key) != head.get(key):
            raise SuiteError(
                f"{path}: grown with {key} {kept.get(key)!r}, not {head.get(key)!r}; "
                "give the same settings, or another folder with --out"
            )
    return Journal(path, [_entry(path, n, line) for n, line in enumerate(lines[1:], start=2)])


def read_accepted(path: Path) -> tuple[GrownScript, ...]:
    """The accepted scripts of a journal, whatever its settings; SuiteError if it is none."""
    lines = _whole_lines(path)
    if not lines or _json(path, 1, lines[0]).get("form") != FORM:
        raise SuiteError(f"{path}: not the journal of a growth; give a folder that s2s-arena suite augment made")
    return Journal(path, [_entry(path, n, line) for n, line in enumerate(lines[1:], start=2)]).accepted


def _whole_lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        # Cut off a torn line, or the next one would be glued to it.
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return whole.decode("utf-8").split("\n")[:-1]


def _line(entry: Entry) -> str:
    record = {
        "target": entry.target,
        "round": entry.round,
        "attempt": entry.attempt,
        "reason": entry.reason,
        "message": entry.message,
        "reply": entry.reply,
        "script": entry.script.as_json() if entry.script else None,
        "asked_characters": entry.asked_characters,
        "seconds": round(entry.seconds, 3),
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def _entry(path: Path, number: int, line: str) -> Entry:
    try:
        return parse(Entry, _json(path, number, line))
    except InputError as error:
        raise SuiteError(
            f"{path} line {number}: not an entry of a journal ({error}); grow into another folder"
        ) from error


def _json(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise SuiteError(f"{path} line {number}: damaged ({error}); grow into another folder with --out") from error
    if not isinstance(found, dict):
        raise SuiteError(f"{path} line {number}: damaged; grow into another folder with --out")
    return found
