"""`s2s-arena import`: bring in finished responses, and votes that people or models gave elsewhere."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.answer.importing import FORMATS, import_responses, imported_card
from s2s_arena.cli.console import command, print_json, say
from s2s_arena.cli.options import HERE, AsJson, StudyName, SuiteName, Workspace
from s2s_arena.cli.reading import (
    BadRowsOption,
    Columns,
    CriterionName,
    LevelScheme,
    RejectedFile,
    Swapped,
    TiesOption,
    Words,
    reading,
    say_source,
    ties_of,
    write_rejected,
)
from s2s_arena.compose import open_workspace
from s2s_arena.compose.arena import DEFAULT_STUDY
from s2s_arena.errors import CardError, InputError
from s2s_arena.rank.importing import digest_of, import_votes
from s2s_arena.rank.reading.shapes import FORMATS as SHAPES
from s2s_arena.rank.reading.votes import read_votes
from s2s_arena.rank.summary import Ties

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Bring in finished responses, and votes from elsewhere."""


@app.command("responses")
@command
def responses(
    format: Annotated[str, typer.Argument(help=f"One of {', '.join(FORMATS)}.")],
    path: Annotated[Path, typer.Argument(help="Folder of recordings named by sample, or a table of them.")],
    system: Annotated[str, typer.Option("--system", "-S", help="Whose answers they are.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    title: Annotated[str, typer.Option(help="What the system is, for the board.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a folder of recordings the answers of a system: no model, no card needed."""
    with open_workspace(workspace) as arena:
        try:
            card = arena.cards.system(system).card
        except CardError:
            card = imported_card(system, title=title)
        summary = import_responses(
            path,
            format=format,
            suite=arena.suite(suite),
            card=card,
            store=arena.store,
            seed=arena.config.workspace.seed,
            run=arena.run_record("import", system=system, path=path.name),
        )
    if as_json:
        print_json(dataclasses.asdict(summary))
        return
    for problem in summary.problems:
        say(f"  {problem}")
    say(
        f"{system}: {summary.responses} answers taken in ({summary.failures} of them failed), {summary.kept} were "
        f"there before, {summary.takes} finished takes, {len(summary.problems)} left out"
    )


@app.command("votes")
@command
def votes(
    format: Annotated[str, typer.Argument(help=f"auto, or one of {', '.join(SHAPES)}; may be left out.")],
    path: Annotated[Path | None, typer.Argument(help="CSV, JSON, JSONL or Parquet file of votes.")] = None,
    workspace: Workspace = HERE,
    study: StudyName = None,
    suite: Annotated[
        str | None,
        typer.Option("--suite", "-s", help="Suite whose samples were judged; by default the votes make their own."),
    ] = None,
    judge: Annotated[str | None, typer.Option(help="Who voted, where the file does not say; else 'unnamed'.")] = None,
    audio: Annotated[
        Path | None, typer.Option(help="Folder of the recordings that the file names, to be heard in reports.")
    ] = None,
    ties: TiesOption = None,
    columns: Columns = None,
    words: Words = None,
    bad_rows: BadRowsOption = None,
    rejected: RejectedFile = None,
    criterion: CriterionName = "overall",
    swapped: Swapped = False,
    level_scheme: LevelScheme = None,
    as_json: AsJson = False,
) -> None:
    """Make a file of votes a study of this workspace: rank, agree and report then work on it."""
    if path is None:
        format, path = "auto", Path(format)
    if format != "auto" and format not in SHAPES:
        raise InputError(f"format {format}: not known; auto or one of {', '.join(SHAPES)}")
    how = reading(
        format=None if format == "auto" else format,
        columns=columns,
        words=words,
        bad_rows=bad_rows,
        rejected=rejected,
        criterion=criterion,
        swapped=swapped,
        level_scheme=level_scheme,
    )
    if audio is not None and not audio.is_dir():
        raise InputError(f"--audio {audio}: is not a folder; name the folder that the file's paths start from")
    given = read_votes(path, how=how)
    with open_workspace(workspace) as arena:
        summary = import_votes(
            given,
            store=arena.store,
            study=study or DEFAULT_STUDY,
            suite=arena.suite(suite) if suite is not None else None,
            judge=judge,
            keep_ties=ties_of(ties, allow=False) is not Ties.DROP,
            audio=audio,
            run=arena.run_record("import votes", path=path.name, format=given.source.format),
            digest=digest_of(path),
        )
    write_rejected(given.source, rejected)
    if as_json:
        print_json({**dataclasses.asdict(summary), "source": dataclasses.asdict(given.source)})
        return
    say_source(given.source)
    for warning in (*given.source.warnings, *summary.problems):
        say(f"  {warning}")
    for reason, count in summary.left_out.items():
        say(f"  left out, {reason}: {count}")
    say(
        f"study {summary.study}: {summary.votes} votes ({summary.new} new) of {summary.judges} judges on "
        f"{summary.matches} matches of {summary.systems} systems and {summary.samples} samples; "
        f"{summary.recordings} answers can be heard"
    )
