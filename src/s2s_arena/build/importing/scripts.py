"""The paper's script schema and the human pilot's match records, as JSON list or JSON lines."""

import json
from pathlib import Path

from s2s_arena.build.importing.locating import Locator
from s2s_arena.build.importing.rows import Clip, Row, Source
from s2s_arena.errors import SuiteError

FIELDS = frozenset({"id", "text", "task", "category", "task_description", "language", "text_cn", "level", "input_path"})


def read_scripts(path: Path) -> Source:
    """One sample a record `{id, text, task, category, task_description, language, text_cn, level[, input_path]}`.

    A record without `input_path` is a script that has yet to be spoken. In the pilot's file, where a sample
    comes back with every match, the first record counts and each later one must agree with it.

    Raises:
        SuiteError: Neither a list of objects nor one object a line.
    """
    records, problems = read_records(path)
    locator = Locator(path.parent)
    seen: dict[str, Row] = {}
    rows = []
    for where, record in records:
        try:
            row = _row(where, record, locator)
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        first = seen.setdefault(row.id, row)
        if first is row or "model_a" not in record:
            rows.append(row)
        elif _said(first) != _said(row):
            problems.append(f"{where}: id {row.id!r} differs from {first.where}; give one of them another id")
    return Source(rows=tuple(rows), problems=tuple(problems), form="scripts")


def read_records(path: Path) -> tuple[list[tuple[str, dict[str, object]]], list[str]]:
    """(where, object) for every record of a JSON list or JSON lines file, and problems of lines that are none.

    Raises:
        SuiteError: The file cannot be read, is not UTF-8, or holds no list of objects.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path}: cannot be read ({error}); give a UTF-8 text file") from error
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return _lines(path, text)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise SuiteError(f"{path}: not readable as JSON ({error}); correct it there") from error
    if not isinstance(content, list):
        raise SuiteError(f"{path}: a JSON {type(content).__name__} given, a list of records needed; wrap them in [ ]")
    records, problems = [], []
    for number, record in enumerate(content, start=1):
        where = f"{path.name} record {number}"
        if isinstance(record, dict):
            records.append((where, record))
        else:
            problems.append(f"{where}: {type(record).__name__} given, an object needed; remove or correct it")
    return records, problems


def _lines(path: Path, text: str) -> tuple[list[tuple[str, dict[str, object]]], list[str]]:
    records, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{path.name} line {number}"
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            problems.append(f"{where}: not readable as JSON ({error}); correct the line")
            continue
        if isinstance(record, dict):
            records.append((where, record))
        else:
            problems.append(f"{where}: {type(record).__name__} given, an object needed; correct the line")
    return records, problems


def _row(where: str, record: dict[str, object], locator: Locator) -> Row:
    def said(key: str) -> str:
        value = record.get(key)
        return "" if value is None else str(value).strip()

    given = said("input_path")
    clip = Clip(name=f"{where}, {given}", content=locator.find(given)) if given else None
    if not said("id"):
        raise ValueError("no id; give every record one")
    if not said("text") and clip is None:
        raise ValueError(f"id {said('id')!r} has neither text nor input_path; give one of them")
    more = {key: said(key) for key in ("text_cn",) if said(key)}
    return Row(
        where=where, id=said("id"), audio=clip, text=said("text"), language=said("language"), level=said("level"),
        domain=said("category"), task=said("task"), guideline=said("task_description"), attributes=more,
    )  # fmt: skip


def _said(row: Row) -> tuple[object, ...]:
    content = row.audio.content if row.audio else None
    return content, row.text, row.language, row.level, row.domain, row.task
