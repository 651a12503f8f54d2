"""`s2s-arena jobs`: work of people on a suite beside voting, from the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.cli.admin import LOCAL, Url
from s2s_arena.cli.console import command, print_json, print_table, say
from s2s_arena.cli.options import HERE, AsJson, SuiteName, Workspace, names
from s2s_arena.compose import Arena, desk_work, open_workspace, serving
from s2s_arena.serve.jobs.book import REPLY_COLUMNS, Book
from s2s_arena.serve.people.job import Job, JobKind
from s2s_arena.serve.people.person import spoken
from s2s_arena.serve.studies import beginning, exports

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="What people do on a suite beside voting: review, verification, identification, dubbing, answers.",
)
Name = Annotated[str, typer.Argument(help="Of the job.")]


@contextmanager
def _opened(workspace: Path) -> Iterator[tuple[Arena, Book]]:
    with open_workspace(workspace) as arena:
        register = serving.open_register(arena)
        try:
            yield arena, desk_work.open_book(arena, register)
        finally:
            register.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@app.command()
@command
def create(
    name: Name,
    kind: Annotated[JobKind, typer.Option(help="What is asked of people.")],
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    title: Annotated[str, typer.Option(help="What people see.")] = "",
    told: Annotated[str, typer.Option(help="What they are told besides, on English pages.")] = "",
    told_zh: Annotated[str, typer.Option(help="The same on Chinese pages.")] = "",
    listen: Annotated[float, typer.Option(min=0, max=1, help="Share of each clip to be heard first.")] = 0.9,
    quota: Annotated[int | None, typer.Option(min=1, help="Items of each person; all there are by default.")] = None,
    per_level: Annotated[int, typer.Option(min=1, help="verify: samples drawn of each level.")] = 25,
    system: Annotated[str, typer.Option(help="answer: the contestant's name.")] = "human",
    licence: Annotated[str, typer.Option(help="dub, answer: under which people give recordings.")] = "CC-BY-4.0",
    pay: Annotated[float, typer.Option(min=0, help="For each item, for the pay log.")] = 0.0,
    currency: Annotated[str, typer.Option(help="Of the pay.")] = "EUR",
    as_json: AsJson = False,
) -> None:
    """Make a job on a suite; `jobs invite` then makes personal links."""
    with _opened(workspace) as (arena, book):
        chosen = arena.suite(suite)
        job = Job(
            name=name,
            kind=kind,
            suite=chosen.name,
            suite_hash=chosen.hash,
            title=title,
            instructions={code: text for code, text in (("en", told), ("zh", told_zh)) if text},
            listen=listen,
            quota=quota,
            system=beginning.named(system),
            licence=licence,
            seed=arena.config.workspace.seed,
            pay_per_item=pay,
            currency=currency,
            made=_now(),
        )
        made = book.begin(job, per_level=per_level)
        book.register.audit(at=_now(), who="command line", what="job created", detail=name)
        items = len(book.items(made))
    if as_json:
        print_json({"job": name, "kind": str(kind), "suite": made.suite, "suite_hash": made.suite_hash, "items": items})
    else:
        say(f"job {name}: {kind.noun.lower()}, {items} items of suite {made.suite}; now s2s-arena jobs invite {name}")


@app.command("list")
@command
def list_(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """All jobs of a workspace."""
    with _opened(workspace) as (_, book):
        rows = [
            {
                "job": job.name,
                "kind": str(job.kind),
                "suite": job.suite,
                "people": len(book.crowd(job.name)),
                "replies": sum(1 for _ in book.register.replies(job.name)),
                "paused": job.paused,
            }
            for job in book.jobs()
        ]
    if as_json:
        print_json(rows)
    else:
        shown = [
            (*(str(value) for value in list(row.values())[:-1]), "closed" if row["paused"] else "") for row in rows
        ]
        print_table("", ("job", "kind", "suite", "people", "replies", ""), shown)


@app.command()
@command
def invite(
    job: Name,
    workspace: Workspace = HERE,
    count: Annotated[int, typer.Option(min=1, help="How many, if no names are given.")] = 1,
    people: Annotated[str | None, typer.Option(help="Names or participant ids: ann,bo,chen.")] = None,
    languages: Annotated[str, typer.Option(help="What they speak: en:native,zh:fluent; all if empty.")] = "",
    page: Annotated[str, typer.Option(help="Language of their pages: en or zh.")] = "en",
    url: Url = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Invite people to a job and print their personal links."""
    with _opened(workspace) as (arena, book):
        made = beginning.invited_to(
            book.job(job).name, count=count, names=names(people), languages=spoken(languages), page=page, made=_now()
        )
        book.register.keep(*made)
        book.register.audit(at=_now(), who="command line", what="invited", detail=f"{job}: {len(made)}")
        signer = serving.open_signer(arena)
    links = [{"name": p.name, "person": p.judge, "link": f"{url.rstrip('/')}/join/{signer.link(p)}"} for p in made]
    if as_json:
        print_json({"job": job, "people": links})
    else:
        print_table("", ("name", "person", "link"), [(x["name"], x["person"], x["link"]) for x in links])


@app.command()
@command
def status(job: Name, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """What each person has done, and what has come of it so far."""
    with _opened(workspace) as (_, book):
        found = book.job(job)
        replies = list(book.register.replies(job))
        items, findings = len(book.items(found)), book.found(found)
        people = [
            {
                "person": done.person.judge,
                "name": done.person.name,
                "done": done.done,
                "quota": done.quota,
                "open": done.open,
                "minutes": done.minutes,
                "active": done.person.active,
            }
            for done in (book.progress(found, person, replies) for person in book.crowd(job))
        ]
    if as_json:
        told = {"job": job, "kind": str(found.kind), "paused": found.paused, "items": items, "replies": len(replies)}
        print_json({**told, "people": people, "found": dict(findings.figures)})
        return
    rows = [tuple(str(row[c]) for c in ("person", "name", "done", "quota", "open", "minutes")) for row in people]
    print_table(job, ("person", "name", "done", "quota", "open", "minutes"), rows)
    for what, value in findings.figures:
        say(f"{what}: {value}")


@app.command()
@command
def close(job: Name, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Give out nothing more, let every reply stand, and make what the job is to bring, such as a dubbed suite."""
    with _opened(workspace) as (_, book):
        found = replace(book.job(job), paused=True)
        book.register.keep(found)
        still_open = book.open(found)
        book.settle(found, still_open)
        made = book.make(found)
        book.register.audit(at=_now(), who="command line", what="job closed", detail=f"{job} {made}".strip())
    if as_json:
        print_json({"job": job, "settled": len(still_open), "made": made})
    else:
        say(f"job {job}: closed, {len(still_open)} open replies now stand" + (f"; {made}" if made else ""))


@app.command()
@command
def reopen(job: Name, workspace: Workspace = HERE) -> None:
    """Give out what is left of a job that was closed or paused."""
    with _opened(workspace) as (_, book):
        book.register.keep(replace(book.job(job), paused=False))
        book.register.audit(at=_now(), who="command line", what="job reopened", detail=job)
    say(f"job {job}: open")


@app.command()
@command
def export(
    job: Name,
    folder: Annotated[Path, typer.Argument(help="Where replies.csv and people.csv (the pay log) go.")],
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Write every reply as it was given, and the pay log with completion codes."""
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(workspace) as (arena, book):
        found = book.job(job)
        replies = book.reply_rows(found)
        people = book.pay_rows(found, code=serving.open_signer(arena).completion_code)
        book.register.audit(at=_now(), who="command line", what="export", detail=job)
    (folder / "replies.csv").write_text(exports.table(REPLY_COLUMNS, replies), encoding="utf-8")
    (folder / "people.csv").write_text(exports.table(exports.PAY_COLUMNS, people), encoding="utf-8")
    if as_json:
        print_json({"job": job, "folder": str(folder), "replies": len(replies), "people": len(people)})
    else:
        say(f"job {job}: {len(replies)} replies of {len(people)} people written to {folder}")
