"""`s2s-arena study`: studies in which people vote, from the command line."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from s2s_arena.boards.published import published_next
from s2s_arena.boards.votes import current
from s2s_arena.cli.admin import LOCAL, Url
from s2s_arena.cli.console import command, print_json, print_plan, print_table, say
from s2s_arena.cli.options import HERE, AsJson, JustPlan, SuiteName, Workspace, names
from s2s_arena.compose import open_workspace, serving
from s2s_arena.records.codec import encode
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import STRICT, Criterion, Outcome, Sampler
from s2s_arena.serve.people.person import Conduct, Role, spoken
from s2s_arena.serve.studies import beginning, exports

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Studies in which people vote.")
Name = Annotated[str, typer.Argument(help="Of the study.")]


@app.command()
@command
def create(
    name: Name,
    workspace: Workspace = HERE,
    suite: SuiteName = None,
    systems: Annotated[str | None, typer.Option(help="Contestants; all that have answered by default.")] = None,
    title: Annotated[str, typer.Option(help="What annotators see.")] = "",
    ties: Annotated[bool, typer.Option(help="Allow ties; strict by default.")] = False,
    criteria: Annotated[bool, typer.Option(help="Ask for reasons beside the vote.")] = True,
    sampler: Annotated[Sampler | None, typer.Option(help="How pairs are drawn; by default as arena.toml says.")] = None,
    quota: Annotated[int, typer.Option(min=1, help="Votes asked of each person.")] = 40,
    overlap: Annotated[float, typer.Option(min=0, max=1, help="Share that two people judge.")] = 0.1,
    listen: Annotated[float, typer.Option(min=0, max=1, help="Share of each clip to be heard before a vote.")] = 0.9,
    full_band: Annotated[
        bool,
        typer.Option(help="Leave each system its whole band, and the silence at the edges: a 16 kHz one can be told."),
    ] = False,
    people: Annotated[int, typer.Option(min=1, help="For --plan.")] = 10,
    plan: JustPlan = False,
    as_json: AsJson = False,
) -> None:
    """Begin a study, or with --plan say what it would take and tell."""
    with open_workspace(workspace) as arena:
        chosen, sampling = arena.suite(suite), arena.config.study.sampling()
        takes = arena.takes(chosen)
        study = beginning.drafted(
            name,
            suite=chosen,
            takes=takes,
            systems=names(systems),
            outcomes=(*STRICT, Outcome.TIE) if ties else STRICT,
            criteria=tuple(Criterion) if criteria else (),
            sampling=replace(sampling, sampler=sampler or sampling.sampler),
            seed=arena.config.workspace.seed,
        )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        conduct = Conduct(study=study.name, title=title, quota=quota, overlap=overlap, listen=listen, made=now)
        conduct = replace(conduct, even_band=not full_band, even_edges=not full_band)
        if plan:
            would = beginning.plan(study, conduct, chosen, takes, store=arena.store, people=people)
            print_plan(asdict(would), as_json=as_json)
            return
        beginning.begin(study, store=arena.store)
        register = serving.open_register(arena)
        register.keep(conduct)
        register.audit(at=now, who="command line", what="study created", detail=study.name)
        register.close()
    if as_json:
        print_json({"study": study.name, "suite": study.suite, "systems": list(study.systems), "quota": quota})
    else:
        say(f"study {study.name}: {len(study.systems)} systems, suite {study.suite}; now s2s-arena study invite {name}")


@app.command()
@command
def invite(
    study: Name,
    workspace: Workspace = HERE,
    count: Annotated[int, typer.Option(min=1, help="How many, if no names are given.")] = 1,
    people: Annotated[str | None, typer.Option(help="Names or participant ids: ann,bo,chen.")] = None,
    languages: Annotated[str, typer.Option(help="What they speak: en:native,zh:fluent; all if empty.")] = "",
    page: Annotated[str, typer.Option(help="Language of their pages: en or zh.")] = "en",
    url: Url = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Make annotators and print their personal links."""
    with open_workspace(workspace) as arena:
        register, signer = serving.open_register(arena), serving.open_signer(arena)
        conduct = register.conduct(study)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = beginning.invited(
            conduct, count=count, names=names(people), languages=spoken(languages), page=page, made=now
        )
        register.keep(*made)
        register.audit(at=now, who="command line", what="invited", detail=f"{study}: {len(made)}")
        register.close()
    links = [{"name": p.name, "person": p.judge, "link": f"{url.rstrip('/')}/join/{signer.link(p)}"} for p in made]
    if as_json:
        print_json({"study": study, "people": links})
    else:
        print_table("", ("name", "person", "link"), [(x["name"], x["person"], x["link"]) for x in links])


@app.command()
@command
def status(study: Name, workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """Votes of each annotator so far."""
    with open_workspace(workspace) as arena:
        register = serving.open_register(arena)
        conduct = register.conduct(study)
        people = [p for p in register.people() if p.study == study and p.role is Role.ANNOTATOR]
        register.close()
        votes = current(arena.store.events(study=conduct.study))
    counted = [
        {
            "person": p.judge,
            "name": p.name,
            "votes": sum(v.judge == p.judge for v in votes.standing),
            "quota": p.quota or conduct.quota,
            "active": p.active,
        }
        for p in people
    ]
    if as_json:
        print_json({"study": study, "paused": conduct.paused, "people": counted})
        return
    rows = [(str(c["person"]), str(c["name"]), str(c["votes"]), str(c["quota"])) for c in counted]
    print_table(study, ("person", "name", "votes", "quota"), rows)


@app.command()
@command
def export(
    study: Name,
    folder: Annotated[Path, typer.Argument(help="Where events.jsonl and events.csv go.")],
    workspace: Workspace = HERE,
) -> None:
    """Write a study's raw events as JSONL and CSV. Boards: s2s-arena rank --study NAME."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_workspace(workspace) as arena:
        found = arena.study(study)
        events = list(arena.store.events(study=found.name))
        matches = {m.id: m for m in arena.store.all(Match, study=found.name)}
        samples = {s.id: s for s in serving.library(arena).suite(found).samples}
        (folder / "events.jsonl").write_text("".join(exports.events_jsonl(events)), encoding="utf-8")
        table = exports.events_csv(events, matches=matches, samples={str(id): sample for id, sample in samples.items()})
        (folder / "events.csv").write_text(table, encoding="utf-8")
    say(f"study {study}: {len(events)} events written to {folder}")


@app.command()
@command
def publish(
    study: Name,
    workspace: Workspace = HERE,
    note: Annotated[str, typer.Option(help="For readers: what changed, or why now.")] = "",
    organiser: Annotated[str | None, typer.Option(help="Who ran the study; by default as on the desk.")] = None,
    interests: Annotated[str | None, typer.Option(help="Conflicts of interest; 'none' is an answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """Publish the boards as they stand, as a version that never changes; s2s-arena verify replays it."""
    with open_workspace(workspace) as arena:
        register = serving.open_register(arena)
        conduct = register.conduct(study)
        made = published_next(
            arena.store,
            conduct.study,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            organiser=conduct.organiser if organiser is None else organiser,
            interests=conduct.interests if interests is None else interests,
            note=note,
            judges=serving.judge_cards(arena),
            systems=serving.system_cards(arena),
        )
        register.audit(at=made.at, who="command line", what="board published", detail=f"{study}: {made.version}")
        register.close()
    if as_json:
        print_json(json.loads(encode(made)))
        return
    say(f"study {study}: version {made.version} published, {len(made.variants)} variants, up to event {made.up_to}")
    rows = [
        (str(n + 1), s.system, f"{s.bt:.0f}", f"{s.bt_low:.0f} to {s.bt_high:.0f}")
        for n, s in enumerate(made.boards["people"].standings)
    ]
    print_table("people", ("place", "system", "rating", "95 %"), rows)
