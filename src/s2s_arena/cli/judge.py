"""`s2s-arena judge`: let a judge hear matches and give verdicts."""

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import typer

from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, results_alone, say
from s2s_arena.cli.options import (
    HERE,
    Address,
    AsJson,
    ExecutorName,
    JustPlan,
    Quiet,
    StudyName,
    SuiteName,
    Workspace,
    names,
)
from s2s_arena.compose import open_workspace
from s2s_arena.errors import InputError
from s2s_arena.judge import stage
from s2s_arena.records.identity import SystemName
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Sampler

app = typer.Typer(add_completion=False)


@app.command()
@command
def judge(
    judge: Annotated[str, typer.Option("--judge", "-J", help="Name of the judge's card.")] = "local",
    workspace: Workspace = HERE,
    matches: Annotated[int, typer.Option("--matches", "-n", min=1, help="Rated comparisons wanted in all.")] = 60,
    suite: SuiteName = None,
    study: StudyName = None,
    systems: Annotated[
        str | None, typer.Option("--systems", "-S", help="Contestants; all that have answered the suite by default.")
    ] = None,
    sampler: Annotated[Sampler | None, typer.Option(help="How pairs are drawn; the study's own by default.")] = None,
    orders: Annotated[str | None, typer.Option(help="one or both; the study's and the judge's own by default.")] = None,
    same_matches: Annotated[
        bool, typer.Option(help="Judge what other judges have judged first, so that agreement can be measured.")
    ] = False,
    short_circuit: Annotated[bool, typer.Option(help="A failed answer loses by rule, without being heard.")] = True,
    concurrency: Annotated[int, typer.Option(min=1, help="Matches judged at once.")] = 1,
    executor: ExecutorName = "threads",
    address: Address = None,
    budget: Annotated[
        float | None, typer.Option(min=0.0, help="USD after which no further match is begun, by the card's prices.")
    ] = None,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw matches, have them judged, append the verdicts. What is judged already counts; a stopped run goes on."""
    with open_workspace(workspace) as arena:
        how = arena.executor(executor, address=address)
        chosen = arena.suite(suite)
        card, load = arena.judge(judge, chosen, here=executor == "threads")
        takes = arena.takes(chosen)
        drafted = arena.drafted_study(
            chosen,
            name=study,
            systems=contestants(chosen, names(systems), takes),
            judges=(card.judge,),
            sampler=sampler,
        )
        if plan:
            would = stage.plan(
                drafted, chosen, card, store=arena.store, matches=matches, orders=orders, same_matches=same_matches
            )
            print_plan(dataclasses.asdict(would), as_json=as_json)
            return
        arena.store.put(drafted)
        with results_alone():
            summary = stage.run(
                drafted,
                chosen,
                card,
                load,
                store=arena.store,
                executor=how,
                matches=matches,
                takes=takes,
                progress=TerminalProgress(quiet=quiet or as_json),
                orders=orders,
                run=arena.run_record("judge", judge=judge, suite=chosen.hash, matches=matches),
                short_circuit=short_circuit,
                same_matches=same_matches,
                concurrency=concurrency,
                budget_usd=budget,
            )
    if as_json:
        print_json(dataclasses.asdict(summary))
    else:
        failures = ", ".join(f"{n} {kind}" for kind, n in summary.failures.items())
        say(
            f"{summary.judge}: {summary.rated} of {summary.wanted} comparisons rated; now {summary.by_judge} by the "
            f"judge, {summary.by_rule} by rule, {summary.both_failed} with two failed answers, "
            f"{summary.given_up} given up"
            + (f"; failures: {failures}" if failures else "")
            + (f"; {summary.cost_usd:.2f} USD" if summary.cost_usd is not None else "")
            + ("; the budget is spent" if summary.out_of_budget else "")
        )
    if not summary.complete:
        raise typer.Exit(1)


def contestants(suite: Suite, given: tuple[str, ...], takes: Sequence[Take]) -> tuple[SystemName, ...]:
    """The systems to compare: those named, or all that have answered the suite.

    Raises:
        InputError: Fewer than two, or one that has not answered.
    """
    answered = tuple(sorted({take.system for take in takes}))
    for name in given:
        if name not in answered:
            raise InputError(f"system {name}: no finished answers to suite {suite.name}; run s2s-arena answer first")
    chosen = tuple(SystemName(name) for name in given) or answered
    if len(chosen) < 2:
        raise InputError(
            f"suite {suite.name}: {len(chosen)} systems with answers, two needed; run s2s-arena answer first"
        )
    return chosen
