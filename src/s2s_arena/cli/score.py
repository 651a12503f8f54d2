"""`s2s-arena score`: absolute marks by rubric items, per system and dimension."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, print_table, say
from s2s_arena.cli.options import HERE, AsJson, JustPlan, Quiet, SuiteName, Workspace, names
from s2s_arena.compose import Arena, open_workspace, writers
from s2s_arena.protocols import Record
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import AudioHash, content_hash
from s2s_arena.score import stage
from s2s_arena.score.importing import Imported, read_marks, read_rubric
from s2s_arena.score.items import Rubric, Scale, shipped
from s2s_arena.score.scorers import GRADES, UNCALIBRATED, LogOddsScorer, Scorer
from s2s_arena.score.sheet import OVERALL, Cell, Row

app = typer.Typer(add_completion=False)
SECONDS_A_QUESTION = 1.0


@app.command()
@command
def score(
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    systems: Annotated[str | None, typer.Option("--systems", "-S", help="Whose answers; all by default.")] = None,
    rubric: Annotated[
        Path | None, typer.Option(help="Further items by sample: CSV, JSON or JSONL, or MTalk-Bench's rubric rows.")
    ] = None,
    marks: Annotated[
        Path | None, typer.Option(help="Marks made elsewhere (sample, system, item, value), instead of making them.")
    ] = None,
    scorer: Annotated[
        str, typer.Option(help="Who marks: local, or the address of an OpenAI-compatible endpoint.")
    ] = writers.LOCAL,
    model: Annotated[str | None, typer.Option(help="The scorer's weights, or its name at the endpoint.")] = None,
    general: Annotated[bool, typer.Option(help="Mark the package's general items too.")] = True,
    by: Annotated[str | None, typer.Option(help=f"Also by: {', '.join(stage.ATTRIBUTES)}.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Answers at once.")] = 1,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Mark every answer by rubric items, once; scores are 0 to 100 with intervals, and failed answers count 0."""
    with open_workspace(workspace) as arena:
        chosen = arena.suite(suite)
        takes = [take for take in arena.takes(chosen) if not names(systems) or take.system in names(systems)]
        specific, problems = read_rubric(rubric) if rubric else ({}, ())
        items = Rubric(general=shipped().item if general else (), specific=specific)
        if plan:
            questions = sum(
                len(GRADES) if item.scale is Scale.GRADE else 1
                for take in takes
                if take.failure is None
                for item in items.items(chosen.sample(take.sample))
            )
            print_plan(
                {"answers": len(takes), "calls": questions, "seconds": questions * SECONDS_A_QUESTION}, as_json=as_json
            )
            return
        who: Scorer
        if marks is not None:
            who = imported = Imported(name=marks.stem)
            scores, wrong = read_marks(marks, scorer=imported, suite=chosen, takes=takes, rubric=items)
            arena.store.put(*scores)
            problems = (*problems, *wrong)
        else:
            who = LogOddsScorer(writers.writer(scorer, model=model), texts=shipped())
        ears = _Ears(arena)
        summary = stage.run(
            chosen,
            takes,
            who,
            rubric=items,
            hear=ears.hear if marks is None else ears.known,
            store=arena.store,
            executor=arena.executor(),
            by=names(by),
            run=arena.run_record("score", suite=chosen.hash, scorer=who.identity),
            progress=TerminalProgress(quiet=quiet or as_json),
            concurrency=concurrency,
        )
        arena.store.put(*ears.new)
    if as_json:
        print_json({**_data(summary, problems), "calibrated": None if marks is not None else False})
        return
    _table(f"{chosen.name} by {summary.scorer}", summary.rows)
    for (name, value), rows in summary.slices.items():
        _table(f"{name} {value}", rows)
    if marks is None:
        say(f"note: {UNCALIBRATED}")
    if summary.unmarked:
        say(f"warning: {summary.unmarked} items have no mark and are left out")
    for problem in problems:
        say(f"warning: {problem}")


class _Ears:
    """What was heard before, or is heard now; new cues wait to be stored by whoever drives."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self.new: list[Record] = []

    def hear(self, audio: AudioHash) -> Cues:
        """Cues of the workspace's extractor."""
        extractor = self._arena.perception.extractor
        kept = self._arena.store.get(Cues, content_hash("cues", audio, extractor.identity))
        if kept is None:
            kept = extractor.hear(self._arena.store.audio(audio), audio=audio)
            self.new.append(kept)
        return kept

    def known(self, audio: AudioHash) -> Cues | None:
        """Nothing: marks that were made elsewhere need no ears."""
        return None


def _table(title: str, rows: Sequence[Row]) -> None:
    dimensions = sorted({name for row in rows for name in row.dimensions})
    cells = [
        (
            row.system,
            _cell(row.overall),
            *(_cell(row.dimensions.get(name)) for name in dimensions),
            str(row.failed),
            str(row.flagged),
        )
        for row in rows
    ]
    print_table(title, ("system", OVERALL, *dimensions, "failed", "flagged"), cells)


def _cell(cell: Cell | None) -> str:
    return "" if cell is None or not cell.samples else f"{cell.value:.1f} [{cell.low:.0f}, {cell.high:.0f}]"


def _data(summary: stage.Summary, problems: Sequence[str]) -> Mapping[str, object]:
    return {
        "scorer": summary.scorer,
        "systems": [dataclasses.asdict(row) for row in summary.rows],
        "slices": {
            f"{name}={value}": [dataclasses.asdict(row) for row in rows]
            for (name, value), rows in summary.slices.items()
        },
        "marked": summary.marked,
        "unmarked": summary.unmarked,
        "unrated": summary.unrated,
        "problems": list(problems),
    }
