"""`s2s-arena answer`: let systems answer a suite in speech."""

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import typer

from s2s_arena.answer import examining, stage
from s2s_arena.cli.console import TerminalProgress, command, print_json, print_plan, print_table, results_alone, say
from s2s_arena.cli.options import HERE, Address, AsJson, ExecutorName, JustPlan, Quiet, SuiteName, Workspace, names
from s2s_arena.compose import open_workspace
from s2s_arena.compose.arena import Arena
from s2s_arena.errors import InputError
from s2s_arena.protocols import Executor
from s2s_arena.records.systems import SystemCard

app = typer.Typer(add_completion=False)


@app.command()
@command
def answer(
    systems: Annotated[str, typer.Option("--systems", "-S", help="Names of system cards, separated by commas.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many samples, in suite order.")] = None,
    levels: Annotated[str | None, typer.Option(help="Only these levels, e.g. L1,L3.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Only these tasks.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests in flight; a card's own limit holds too.")] = 1,
    executor: ExecutorName = "threads",
    address: Address = None,
    budget_usd: Annotated[float | None, typer.Option(help="Start no request that could pass this sum.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Start no request after so many minutes.")] = None,
    first: Annotated[str | None, typer.Option(help="Levels in the order to be asked, e.g. L4,L3.")] = None,
    hedge_after: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds after which a slow request is made twice; both are billed.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option(help="Ask again what failed by the system's own fault.")] = False,
    validate_only: Annotated[
        bool,
        typer.Option(help="Ask nobody; look at finished answers again, and listen to them (extra local)."),
    ] = False,
    ears: Annotated[bool, typer.Option(help="With --validate-only: also hear the words and their language.")] = True,
    plan: JustPlan = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Let systems answer a suite. What is answered already is never asked again; a stopped run goes on."""
    wanted = names(systems)
    if not wanted:
        raise InputError("--systems: no names given; see s2s-arena systems list")
    with open_workspace(workspace) as arena:
        how = arena.executor(executor, address=address)
        if validate_only:
            cards = [arena.system_card(name) for name in wanted]
            _validate(arena, cards, suite, how=how, ears=ears, concurrency=concurrency, quiet=quiet, as_json=as_json)
            return
        contestants = [arena.contestant(name, here=executor == "threads") for name in wanted]
        chosen = arena.suite(suite)
        seed = arena.config.workspace.seed
        if plan:
            would = stage.plan(
                chosen,
                contestants,
                store=arena.store,
                seed=seed,
                limit=limit,
                levels=names(levels) or None,
                tasks=names(tasks) or None,
                concurrency=concurrency,
            )
            print_plan(dataclasses.asdict(would), as_json=as_json)
            return
        with results_alone():
            summary = stage.run(
                chosen,
                contestants,
                store=arena.store,
                executor=how,
                seed=seed,
                limit=limit,
                levels=names(levels) or None,
                tasks=names(tasks) or None,
                concurrency=concurrency,
                retry_failed=retry_failed,
                budget=stage.Budget(usd=budget_usd, minutes=budget_minutes),
                first=names(first),
                hedge_after_s=hedge_after,
                progress=TerminalProgress(quiet=quiet or as_json),
                run=arena.run_record("answer", systems=list(wanted), suite=chosen.hash),
            )
    if as_json:
        print_json(dataclasses.asdict(summary))
        return
    print_table(
        f"{summary.samples} samples of {chosen.name}",
        (
            "system",
            "answered now",
            "kept from before",
            "failed now",
            "asked again",
            "finished takes",
            "failed takes",
            "$",
        ),
        [
            (
                s.system,
                str(s.answered),
                str(s.kept),
                str(sum(s.failures.values())),
                str(s.asked_again),
                str(s.takes),
                str(s.failed_takes),
                f"{s.spent_usd:.4f}",
            )
            for s in summary.systems
        ],
    )
    for each in summary.systems:
        if each.withheld:
            say(f"{each.system}: {each.withheld} samples withheld; their speakers allow no third_party_processing")
    if summary.stopped:
        say(f"stopped: {summary.stopped}; the same command with a larger budget goes on")
    if summary.unreached:
        raise typer.Exit(1)


def _validate(
    arena: Arena,
    cards: Sequence[SystemCard],
    suite: str | None,
    *,
    how: Executor,
    ears: bool,
    concurrency: int,
    quiet: bool,
    as_json: bool,
) -> None:
    load = arena.ears() if ears else None
    if ears and load is None:
        say("no ears here: only the sound is looked at; for words and language run pip install 's2s-arena[local]'")
    with results_alone():
        done = examining.run(
            arena.suite(suite),
            cards,
            store=arena.store,
            executor=how,
            ears=load,
            ears_name=load.name if load else "no ears",
            concurrency=concurrency,
            progress=TerminalProgress(quiet=quiet or as_json),
        )
    if as_json:
        print_json([dataclasses.asdict(each) for each in done])
        return
    rows = [
        (
            each.system,
            str(each.examined),
            str(each.known),
            str(sum(each.failures.values())),
            ", ".join(f"{flag} {count}" for flag, count in sorted(each.flags.items())) or "none",
        )
        for each in done
    ]
    print_table("", ("system", "examined now", "examined before", "not usable", "flags"), rows)
