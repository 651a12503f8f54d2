"""`s2s-arena rank`: standings with intervals, of a workspace or of any file of matches."""

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.boards.analysis import Part
from s2s_arena.cli.console import command, out, print_json, say
from s2s_arena.cli.options import HERE, StudyName, names
from s2s_arena.cli.reading import (
    AllowTies,
    BadRowsOption,
    Columns,
    CriterionName,
    InputFormat,
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
from s2s_arena.errors import InputError
from s2s_arena.rank.analysis_formats import analysis_lines, analysis_tables
from s2s_arena.rank.files import games_of, run_file
from s2s_arena.rank.formats import board_table, notes, slices_table, to_csv, to_json, to_latex
from s2s_arena.rank.reading.votes import How
from s2s_arena.rank.summary import Options, Summary

app = typer.Typer(add_completion=False)

TEXTS = {"json": to_json, "csv": to_csv, "latex": to_latex}


@app.command()
@command
def rank(
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Folder of the workspace.")] = HERE,
    matches: Annotated[
        Path | None,
        typer.Option(
            help="Instead: a CSV, JSON, JSONL or Parquet file of votes; any known shape (see docs/ranking.md)."
        ),
    ] = None,
    study: StudyName = None,
    by: Annotated[
        str | None, typer.Option(help="Attributes to slice by: level,domain,task,language,gender ...")
    ] = None,
    judge: Annotated[str | None, typer.Option(help="One judge's verdicts only.")] = None,
    method: Annotated[
        str | None, typer.Option(help="What the order goes by: bt or elo; the workspace's by default, else bt.")
    ] = None,
    bootstraps: Annotated[
        int | None, typer.Option(min=0, help="Resamples for the intervals; the workspace's by default, else 1000.")
    ] = None,
    clusters: Annotated[str | None, typer.Option(help="What the bootstrap draws whole: sample,judge.")] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    ties: TiesOption = None,
    allow_ties: AllowTies = False,
    input_format: InputFormat = None,
    columns: Columns = None,
    words: Words = None,
    bad_rows: BadRowsOption = None,
    rejected: RejectedFile = None,
    criterion: CriterionName = "overall",
    swapped: Swapped = False,
    level_scheme: LevelScheme = None,
    weights: Annotated[
        str, typer.Option(help="none, or inverse-probability: by the stored chance with which each match was drawn.")
    ] = "none",
    elo_within: Annotated[
        float | None,
        typer.Option(help="With --method elo: Elo points of error allowed, for boards of millions of matches."),
    ] = None,
    plan_more: Annotated[
        bool, typer.Option("--plan-more", help="How many more matches would separate neighbours on the board.")
    ] = False,
    raters: Annotated[
        bool, typer.Option("--raters", help="Each judge's ability, careless and partisan voters, the board without.")
    ] = False,
    style_control: Annotated[
        bool, typer.Option("--style-control", help="The board at equal length, loudness, silence, pace and position.")
    ] = False,
    factors: Annotated[
        bool, typer.Option("--factors", help="What ratings go with: source, backbone, size, encoder, decoder.")
    ] = False,
    anchor: Annotated[
        str | None, typer.Option(help="People whose votes on a part are the truth; with --cheap. Names, by commas.")
    ] = None,
    cheap: Annotated[
        str | None, typer.Option(help="A judge that judged everything: sharpens the people's board, never biases it.")
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="The ratings alone: no groups, flips, order noise.")] = False,
    up_to: Annotated[int | None, typer.Option(min=1, help="The board as it stood after this event.")] = None,
    selftest: Annotated[
        bool,
        typer.Option(
            "--selftest", help="Replay the paper's invariants; with --matches also enter each system of the file twice."
        ),
    ] = False,
    format: Annotated[str, typer.Option("--format", "-f", help="table, json, csv or latex.")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Rank systems: Elo, Bradley-Terry with intervals, rank intervals, win rates, slices."""
    format = "json" if as_json else format
    if format not in ("table", *TEXTS):
        raise InputError(f"--format {format}: not known; one of table, {', '.join(TEXTS)}")
    if elo_within is not None and not elo_within > 0.0:
        raise InputError(f"--elo-within {elo_within}: above 0 points needed, such as 1")
    if bool(names(anchor)) is not bool(cheap):
        raise InputError("--anchor and --cheap go together: people's names, and the judge that judged everything")
    asked_for = (
        (Part.PLAN, plan_more),
        (Part.JUDGES, raters),
        (Part.STYLE, style_control),
        (Part.FACTORS, factors),
    )
    options = Options(
        method=method or "bt",
        judge=judge,
        by=names(by),
        seed=seed,
        bootstraps=1000 if bootstraps is None else bootstraps,
        clusters=names(clusters),
        up_to=up_to,
        ties=ties_of(ties, allow=allow_ties),
        weighted=_weighted(weights),
        elo_within=elo_within,
        analysed=not brief,
        anchor=names(anchor),
        cheap=cheap,
        parts=frozenset(part for part, asked in asked_for if asked),
    )
    how = reading(
        format=input_format,
        columns=columns,
        words=words,
        bad_rows=bad_rows,
        rejected=rejected,
        criterion=criterion,
        swapped=swapped,
        level_scheme=level_scheme,
    )
    if selftest:
        _selftest(matches, options, how, as_json=format == "json")
        return
    if matches is not None:
        summary = run_file(matches, options=options, how=how)
        write_rejected(summary.source, rejected)
        say_source(summary.source)
    else:
        # The store is not needed for a file of matches, and takes a quarter of a second to import.
        from s2s_arena.compose import open_workspace  # noqa: PLC0415
        from s2s_arena.rank.stage import run  # noqa: PLC0415

        with open_workspace(workspace) as arena:
            chosen = arena.study(study)
            suite = arena.suite(chosen.suite_hash)
            section = arena.config.rank
            options = replace(
                options,
                method=method or section.method,
                bootstraps=section.bootstraps if bootstraps is None else bootstraps,
            )
            cards = {name: found.card for name, found in arena.cards.systems().items()}
            judges = {name: found.card for name, found in arena.cards.judges().items()}
            summary = run(arena.store, study=chosen, suite=suite, options=options, cards=cards, judges=judges)
    if format in TEXTS:
        text = TEXTS[format](summary)
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    else:
        _print(summary, method=summary.board.method)
    for warning in summary.warnings:
        say(f"warning: {warning}")


def _weighted(text: str) -> bool:
    if text not in ("none", "inverse-probability"):
        raise InputError(f"--weights {text}: not known; none or inverse-probability")
    return text == "inverse-probability"


def _selftest(matches: Path | None, options: Options, how: How, *, as_json: bool) -> None:
    # Run once on a machine; ranking a file need not wait for it.
    from s2s_arena.rank.selftest import clones_of, selftest  # noqa: PLC0415

    checks = selftest(seed=options.seed)
    if matches is not None:
        checks += tuple(clones_of(games_of(matches, options=options, how=how), seed=options.seed))
    if as_json:
        print_json([{**asdict(check), "passed": check.passed} for check in checks])
    else:
        for check in checks:
            out().print(check.line)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


def _print(summary: Summary, *, method: str) -> None:
    console = out()
    analysis = summary.analysis
    console.print(board_table(summary.board, insight=analysis.insight if analysis else None))
    for slices in summary.slices.values():
        console.print(slices_table(slices, method=method))
    for table in analysis_tables(analysis) if analysis else ():
        console.print(table)
    if analysis is not None and analysis.crowd is not None and analysis.crowd.without is not None:
        flagged = ", ".join(analysis.crowd.flagged)
        console.print(board_table(analysis.crowd.without, title=f"without the flagged judges ({flagged})"))
    for line in (*notes(summary), *(analysis_lines(analysis) if analysis else ())):
        console.print(line)
