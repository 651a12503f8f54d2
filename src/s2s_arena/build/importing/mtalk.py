"""MTalk-Bench's submission file: three dimensions, dialogues of up to three spoken turns."""

import json
import re
from pathlib import Path

from s2s_arena.build.importing.locating import Locator
from s2s_arena.build.importing.rows import Clip, Row, Source
from s2s_arena.errors import SuiteError

DIMENSIONS = {"Semantic information": "sem", "Paralinguistic information": "para", "Ambient sound": "amb"}


def read_mtalk(path: Path) -> Source:
    """One sample a dialogue, named dimension-number as in `sem-1-10`; the systems' answers are left out.

    Raises:
        SuiteError: Not an object of the three dimensions.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path}: not readable as JSON ({error}); give MTalk-Bench's submission file") from error
    if not is_mtalk(content):
        raise SuiteError(
            f"{path}: none of {', '.join(map(repr, DIMENSIONS))} in it; give MTalk-Bench's submission file"
        )
    locator = Locator(path.parent)
    rows: list[Row] = []
    problems: list[str] = []
    for dimension, short in DIMENSIONS.items():
        for number, dialogue in enumerate(content.get(dimension, ()), start=1):
            if not isinstance(dialogue, list):
                problems.append(f"{path.name} {dimension}, dialogue {number}: a list of turns needed; correct it there")
                continue
            for place, turn in enumerate(dialogue, start=1):
                where = f"{path.name} {dimension}, dialogue {number}, turn {place}"
                given = str(turn.get("question", "")) if isinstance(turn, dict) else ""
                record = re.search(r"record_(\d+-\d+)", given)
                if record is None:
                    problems.append(f"{where}: question {given!r} names no record_N-M; correct its path")
                    continue
                try:
                    found = locator.find(given, by_name=True)
                except ValueError as error:
                    problems.append(f"{where}: {error}")
                    continue
                rows.append(
                    Row(
                        where=where,
                        id=f"{short}-{record[1]}",
                        turn=place,
                        text=str(turn.get("question_transcription") or ""),
                        audio=Clip(name=f"{where}, {given}", content=found),
                        attributes={"dimension": dimension},
                    )
                )
    return Source(rows=tuple(rows), problems=tuple(problems), form="mtalk")


def is_mtalk(content: object) -> bool:
    """Whether parsed JSON looks like a submission file."""
    return isinstance(content, dict) and any(isinstance(content.get(name), list) for name in DIMENSIONS)
