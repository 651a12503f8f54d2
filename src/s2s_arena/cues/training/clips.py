"""Labelled clips: a JSONL or CSV file beside its audio, read into numbers or classes for one head."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s_arena.errors import InputError, MissingError

AUDIO_COLUMNS = ("audio", "path", "file", "filename")
FEWEST_CLIPS = 20
FEWEST_OF_A_CLASS = 4

Label = float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One recording and what is known of it."""

    audio: Path
    label: Label
    group: str | None = None  # voice or speaker; clips of one group are held out together


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a head is to learn, and from where.

    `column` None stands for the only label column; lists of listeners' scores are averaged.
    """

    name: str
    source: Path  # the JSONL or CSV file, or the folder it is in
    column: str | None = None
    group_column: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Target":
        """From `NAME=PATH` or `NAME=PATH:COLUMN`, as on the command line."""
        name, equals, rest = text.partition("=")
        if not (equals and name and rest):
            raise InputError(f"target {text!r}: NAME=PATH or NAME=PATH:COLUMN needed")
        source, colon, column = rest.rpartition(":")
        if colon and "/" not in column and "\\" not in column and len(source) > 1:
            return cls(name=name, source=Path(source), column=column)
        return cls(name=name, source=Path(rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The clips of one target: all labels numbers, or all of them classes."""

    name: str
    clips: tuple[Clip, ...]
    classes: tuple[str, ...]  # empty for a scale

    @property
    def groups(self) -> tuple[str, ...] | None:
        """The group of each clip, or None where one is not known."""
        known = tuple(clip.group for clip in self.clips if clip.group is not None)
        return known if len(known) == len(self.clips) else None


def read_clips(target: Target) -> Labelled:
    """The clips that have a label for the target; rows without one are left out.

    Raises:
        MissingError: The list or a clip is not there.
        InputError: No such column, labels that are neither numbers nor names, or too few to learn from.
    """
    path = _list_of_clips(target.source)
    rows = _rows(path)
    audio_column = _audio_column(rows, path)
    column = target.column or _only_label(rows, path, skip={audio_column, target.group_column})
    if not any(column in row for row in rows):
        raise InputError(f"{path}: no column {column!r}; there are {', '.join(sorted(rows[0]))}")
    labels = [_label(row.get(column), f"{path}:{number}: {column}") for number, row in enumerate(rows, start=1)]
    present = [label for label in labels if label is not None]
    numeric = all(isinstance(label, float) for label in present)
    if not numeric and any(isinstance(label, float) for label in present):
        raise InputError(f"{path}: column {column!r} mixes numbers and names; use one kind for one target")
    clips = tuple(
        _clip(row, label, path=path, number=number, audio_column=audio_column, group_column=target.group_column)
        for number, (row, label) in enumerate(zip(rows, labels, strict=True), start=1)
        if label is not None
    )
    classes = () if numeric else tuple(sorted({str(clip.label) for clip in clips}))
    _enough(target.name, clips, classes, path=path)
    return Labelled(name=target.name, clips=clips, classes=classes)


def _list_of_clips(source: Path) -> Path:
    if source.is_file():
        return source
    if not source.is_dir():
        raise MissingError(f"labelled clips {source}: no such file or folder")
    found = sorted(each for each in source.iterdir() if each.suffix.lower() in (".jsonl", ".csv"))
    if len(found) != 1:
        raise InputError(f"labelled clips {source}: {len(found)} JSONL or CSV files in it, one needed; name the file")
    return found[0]


def _rows(path: Path) -> list[Mapping[str, object]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    rows: list[Mapping[str, object]] = []
    if path.suffix.lower() == ".csv":
        rows.extend({name: value for name, value in row.items() if name} for row in csv.DictReader(text.splitlines()))
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}:{number}: not JSON ({error.msg}); one object a line needed") from error
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: {type(row).__name__} given, one JSON object a line needed")
            rows.append(row)
    if not rows:
        raise InputError(f"{path}: no clips in it; one line a clip needed, with its audio and labels")
    return rows


def _audio_column(rows: Sequence[Mapping[str, object]], path: Path) -> str:
    for name in AUDIO_COLUMNS:
        if name in rows[0]:
            return name
    raise InputError(f"{path}: no audio column; one of {', '.join(AUDIO_COLUMNS)} needed")


def _only_label(rows: Sequence[Mapping[str, object]], path: Path, *, skip: set[str | None]) -> str:
    names = sorted({name for row in rows for name in row} - skip)
    if len(names) != 1:
        has = ", ".join(names) or "none"
        raise InputError(f"{path}: label columns: {has}; name one (NAME=PATH:COLUMN)")
    return names[0]


def _label(value: object, where: str) -> Label | None:
    if value is None or value == "":
        return None
    if isinstance(value, list):
        scores = [_label(each, where) for each in value]
        numbers = [each for each in scores if isinstance(each, float)]
        if not numbers or len(numbers) != len(scores):
            raise InputError(f"{where}: {value!r} given, a list of listeners' numbers needed")
        return float(np.mean(numbers))
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except ValueError:
            return str(value).strip()
        if not math.isfinite(number):
            raise InputError(f"{where}: {value!r} given, a finite number needed")
        return number
    raise InputError(f"{where}: {value!r} given, a number, a list of numbers or a name needed")


def _clip(
    row: Mapping[str, object],
    label: Label,
    *,
    path: Path,
    number: int,
    audio_column: str,
    group_column: str | None,
) -> Clip:
    name = row.get(audio_column)
    if not isinstance(name, str) or not name:
        raise InputError(f"{path}:{number}: {audio_column} is {name!r}; the path of a clip needed")
    audio = path.parent / name
    if not audio.is_file():
        raise MissingError(f"{path}:{number}: clip {name} is not there; paths are relative to the list's folder")
    group = row.get(group_column) if group_column else None
    return Clip(audio=audio, label=label, group=None if group in (None, "") else str(group))


def _enough(name: str, clips: Sequence[Clip], classes: Sequence[str], *, path: Path) -> None:
    if len(clips) < FEWEST_CLIPS:
        raise InputError(f"{path}: {len(clips)} labelled clips for {name}, {FEWEST_CLIPS} or more needed")
    if len(classes) == 1 or (not classes and len({clip.label for clip in clips}) == 1):
        raise InputError(f"{path}: every clip has the label {clips[0].label!r} for {name}; two or more labels needed")
    for each in classes:
        count = sum(clip.label == each for clip in clips)
        if count < FEWEST_OF_A_CLASS:
            raise InputError(
                f"{path}: {count} clips of {name}:{each}, {FEWEST_OF_A_CLASS} needed; add some or drop the class"
            )
