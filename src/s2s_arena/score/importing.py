"""Marks and rubric items that others made: marks by system and item, items by sample, MTalk-Bench's prompts."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.errors import InputError, JudgeFailure
from s2s_arena.records.identity import SampleId, SystemName
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Score
from s2s_arena.score.items import Item, Rubric, Scale
from s2s_arena.score.scorers import Dialogue, Mark
from s2s_arena.score.stage import subject

WORDS = {"pass": 1.0, "yes": 1.0, "true": 1.0, "fail": 0.0, "no": 0.0, "false": 0.0}
MTALK = ("type", "number", "rubric_prompt_general", "rubric_prompt_specific")
MTALK_DIMENSIONS = {"sem": "semantic", "para": "paralinguistic", "amb": "ambient"}
_POINT = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):、])\s*(?P<text>\S.*)$")
_GRADED = re.compile(r"1\s*(?:-|–|to|~|至|到)\s*5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Implements `Scorer` for marks that are there already: it has none of its own."""

    name: str

    @property
    def identity(self) -> str:
        return f"imported:{self.name}"

    def mark(self, item: Item, dialogue: Dialogue) -> Mark:
        raise JudgeFailure(f"{self.name}: no mark for {item.name} of {dialogue.sample.id} in the file")


def read_marks(
    path: Path, *, scorer: Imported, suite: Suite, takes: Iterable[Take], rubric: Rubric
) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """The marks of a file as records, and what is wrong with rows that were left out.

    Rows have `sample`, `system`, `item` (an item's id, or dimension/id), `value` (a number on the item's scale, or
    pass, fail, yes, no) and, where known, `reason`. A red flag's value is whether the fault is absent.

    Args:
        path: CSV, JSON list or JSONL.
        scorer: Under whose name they are kept.
        suite: The samples.
        takes: The answers, one a system and sample.
        rubric: The items.

    Raises:
        InputError: The file cannot be read, or a column is missing.
    """
    there = {(take.sample, take.system): take for take in takes}
    items = {sample.id: _by_id(rubric.items(sample)) for sample in suite.samples}
    scores: list[Score] = []
    problems: list[str] = []
    for number, row in enumerate(_rows(path), start=1):
        missing = [name for name in ("sample", "system", "item", "value") if not str(row.get(name, "")).strip()]
        if missing:
            raise InputError(f"{path.name} row {number}: no {missing[0]}; give sample, system, item and value")
        where = f"{path.name} row {number}"
        take = there.get((SampleId(str(row["sample"])), SystemName(str(row["system"]))))
        if take is None:
            problems.append(f"{where}: no answer of {row['system']} to {row['sample']} here")
            continue
        item = items[take.sample].get(str(row["item"]))
        if item is None:
            problems.append(f"{where}: sample {take.sample} has no item {row['item']}")
            continue
        value = _value(row["value"], item)
        if value is None:
            low, high = item.scale.ends
            problems.append(f"{where}: value {row['value']!r}; {low:g}..{high:g} needed for {item.name}")
            continue
        scores.append(
            Score(
                subject=subject(take, item),
                scale=item.name,
                judge=scorer.identity,
                value=value,
                reason=str(row.get("reason") or ""),
                raw=str(row["value"]),
            )
        )
    return tuple(scores), tuple(problems)


def read_rubric(path: Path) -> tuple[dict[SampleId, tuple[Item, ...]], tuple[str, ...]]:
    """Further items by sample, and what is wrong with rows that gave none.

    Either rows of `sample`, `id`, `text` and, where wanted, `dimension`, `scale` (pass, grade) and `red_flag`; or
    MTalk-Bench's rows with `type`, `number`, `rubric_prompt_general` and `rubric_prompt_specific`: each numbered or
    bulleted line of a prompt is an item of sample TYPE-NUMBER, graded where the line names 1 to 5. Rows of several
    systems and turns repeat their dialogue's prompts; each item counts once.

    Args:
        path: CSV, JSON list or JSONL.

    Raises:
        InputError: The file cannot be read or is of neither shape.
    """
    rows = list(_rows(path))
    if rows and all(name in rows[0] for name in MTALK):
        return _mtalk(rows, path.name)
    found: dict[SampleId, dict[str, Item]] = {}
    for number, row in enumerate(rows, start=1):
        missing = [name for name in ("sample", "id", "text") if not str(row.get(name, "")).strip()]
        scale = str(row.get("scale") or Scale.PASS)
        if missing or scale not in tuple(Scale):
            what = f"no {missing[0]}" if missing else f"scale {scale!r}"
            raise InputError(f"{path.name} row {number}: {what}; give sample, id, text and scale pass or grade")
        item = Item(
            id=str(row["id"]),
            text=str(row["text"]),
            dimension=str(row.get("dimension") or "instruction"),
            scale=Scale(scale),
            red_flag=str(row.get("red_flag", "")).lower() in ("1", "true", "yes"),
        )
        found.setdefault(SampleId(str(row["sample"])), {})[item.name] = item
    return {sample: tuple(items.values()) for sample, items in found.items()}, ()


def points(prompt: str) -> tuple[str, ...]:
    """The numbered or bulleted lines of a prompt, each with the plain lines that go on with it."""
    found: list[str] = []
    going = False
    for line in prompt.splitlines():
        point = _POINT.match(line)
        if point:
            found.append(point["text"].strip())
            going = True
        elif going and line.strip() and line[:1].isspace():
            found[-1] = f"{found[-1]} {line.strip()}"
        else:
            going = False
    return tuple(found)


def _mtalk(rows: Sequence[Mapping[str, object]], file: str) -> tuple[dict[SampleId, tuple[Item, ...]], tuple[str, ...]]:
    found: dict[SampleId, dict[str, Item]] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, start=1):
        kind = str(row["type"])
        sample = SampleId(f"{kind}-{row['number']}")
        for part in ("general", "specific"):
            prompt = str(row.get(f"rubric_prompt_{part}") or "")
            texts = points(prompt)
            if prompt.strip() and not texts:
                problems.append(f"{file} row {number}: no numbered or bulleted line in rubric_prompt_{part}")
            for place, text in enumerate(texts, start=1):
                item = Item(
                    id=f"{part}-{place}",
                    text=text,
                    dimension=MTALK_DIMENSIONS.get(kind, kind),
                    scale=Scale.GRADE if _GRADED.search(text) else Scale.PASS,
                    general=part == "general",
                )
                found.setdefault(sample, {}).setdefault(item.name, item)
    return {sample: tuple(items.values()) for sample, items in found.items()}, tuple(problems)


def _by_id(items: Iterable[Item]) -> dict[str, Item]:
    named: dict[str, Item] = {}
    for item in items:
        named |= {f"{item.dimension}/{item.id}": item}
        named.setdefault(item.id, item)
    return named


def _value(given: object, item: Item) -> float | None:
    low, high = item.scale.ends
    text = str(given).strip().lower()
    if item.scale is Scale.PASS and text in WORDS:
        return WORDS[text]
    try:
        value = float(text)
    except ValueError:
        return None
    return value if low <= value <= high else None


def _rows(path: Path) -> Iterator[Mapping[str, object]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".csv":
            yield from csv.DictReader(text.splitlines())
            return
        lines = [json.loads(line) for line in text.splitlines() if line.strip()] if path.suffix == ".jsonl" else None
        content = json.loads(text) if lines is None else lines
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not readable ({error}); give CSV, a JSON list or JSONL") from error
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise InputError(f"{path}: not a list of rows; give CSV, a JSON list or JSONL")
    yield from content
