"""The researchers' side of work on suites: make jobs, invite, watch, take in, finish, pause, export."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from s2s_arena.errors import ArenaError, InputError
from s2s_arena.serve.jobs.book import REPLY_COLUMNS, Progress
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.job import Job, JobKind, Reply
from s2s_arena.serve.people.person import Person, spoken
from s2s_arena.serve.routes.job import TheWorkshop
from s2s_arena.serve.routes.typed import amount, share, whole
from s2s_arena.serve.studies import beginning, exports
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.web.asking import Form, Leader, TheHall, Turned
from s2s_arena.serve.web.rendering import page

router = APIRouter(prefix="/desk", tags=["researchers"], default_response_class=HTMLResponse)
JobName = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,59}$")]

DOWNLOADS = ("replies.csv", "people.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person on a job's page."""

    person: Person
    progress: Progress
    link: str


@router.get("/jobs")
async def jobs(request: Request, hall: TheHall, workshop: TheWorkshop, person: Leader) -> Response:
    """All jobs, and a form for another."""
    hall.refresh()
    return _jobs(request, hall, workshop)


def _jobs(
    request: Request, hall: Hall, workshop: Workshop, *, problem: str = "", given: Mapping[str, str] | None = None
) -> Response:
    rows = [
        (job, len(workshop.crowd(job.name)), sum(1 for _ in hall.register.replies(job.name))) for job in workshop.jobs()
    ]
    return page(
        request,
        "jobs.html",
        status=422 if problem else 200,
        rows=rows,
        suites=hall.library.suites(),
        nouns={str(kind): kind.noun for kind in JobKind},
        problem=problem,
        given=given or {},
    )


@router.post("/jobs")
async def create(request: Request, hall: TheHall, workshop: TheWorkshop, person: Leader, fields: Form) -> Response:
    """Make a job, or show what is wrong with the form."""
    try:
        job = await hall.apart(_made, hall, workshop, fields)
    except ArenaError as error:
        return _jobs(request, hall, workshop, problem=str(error), given=fields)
    hall.register.audit(at=hall.now(), who=person.id, what="job created", detail=job.name)
    return RedirectResponse(f"/desk/job/{job.name}", status_code=303)


def _made(hall: Hall, workshop: Workshop, fields: Mapping[str, str]) -> Job:
    suite = next((s for s in hall.library.suites() if s.hash == fields.get("suite")), None)
    if suite is None:
        raise InputError("suite: choose one of those in this workspace")
    if fields.get("kind") not in set(JobKind):
        raise InputError(f"kind: one of {', '.join(JobKind)} is needed")
    system = fields.get("system") or "human"
    job = Job(
        name=fields.get("name", ""),
        kind=JobKind(fields["kind"]),
        suite=suite.name,
        suite_hash=suite.hash,
        title=fields.get("title", "")[:120],
        instructions={code: fields[f"told_{code}"] for code in ("en", "zh") if fields.get(f"told_{code}")},
        listen=share(fields, "listen", 0.9),
        quota=whole(fields, "quota", 1) if fields.get("quota") else None,
        system=beginning.named(system),
        licence=fields.get("licence", "")[:60] or "CC-BY-4.0",
        pay_per_item=amount(fields, "pay"),
        currency=fields.get("currency", "")[:3].upper() or "EUR",
        made=hall.now(),
    )
    return workshop.begin(job, per_level=whole(fields, "per_level", 25))


@router.get("/job/{name}")
async def job_page(request: Request, hall: TheHall, workshop: TheWorkshop, person: Leader, name: JobName) -> Response:
    """Progress, people, and what has come of it."""
    hall.refresh()
    return await _job(request, hall, workshop, name)


async def _job(
    request: Request,
    hall: Hall,
    workshop: Workshop,
    name: str,
    *,
    problem: str = "",
    told: str = "",
    fresh: frozenset[str] = frozenset(),
) -> Response:
    job = workshop.job(name)
    items = await hall.apart(workshop.items, job)
    replies = list(hall.register.replies(name))
    rows = [_row(request, hall, workshop, job, person, replies) for person in workshop.crowd(name)]
    return page(
        request,
        "job.html",
        status=422 if problem else 200,
        job=job,
        items=len(items),
        covered=len({reply.item for reply in replies}),
        replies=len(replies),
        open=sum(not reply.settled for reply in replies),
        rows=rows,
        fresh=fresh,
        found=await hall.apart(workshop.found, job),
        downloads=DOWNLOADS,
        problem=problem,
        told=told,
    )


def _row(request: Request, hall: Hall, workshop: Workshop, job: Job, person: Person, replies: list[Reply]) -> Row:
    link = f"{str(request.base_url).rstrip('/')}/join/{hall.signer.link(person)}"
    return Row(person=person, progress=workshop.progress(job, person, replies), link=link)


@router.post("/job/{name}/invite")
async def invite(
    request: Request, hall: TheHall, workshop: TheWorkshop, person: Leader, name: JobName, fields: Form
) -> Response:
    """New people; the page shows their links."""
    workshop.job(name)
    try:
        made = beginning.invited_to(
            count=whole(fields, "count", 1),
            names=fields.get("names", "").splitlines(),
            languages=spoken(fields.get("languages", "")),
            page="zh" if fields.get("page") == "zh" else "en",
            made=hall.now(),
            job=name,
        )
    except ArenaError as error:
        return await _job(request, hall, workshop, name, problem=str(error))
    for new in made:
        hall.keep(new)
    hall.register.audit(at=hall.now(), who=person.id, what="invited", detail=f"{name}: {len(made)}")
    return await _job(request, hall, workshop, name, fresh=frozenset(new.id for new in made))


@router.post("/job/{name}/{action}")
async def act(
    request: Request,
    hall: TheHall,
    workshop: TheWorkshop,
    person: Leader,
    name: JobName,
    action: str,
    fields: Form,
) -> Response:
    """Pause or go on; take in what is still open; make what the job is to bring."""
    job = workshop.job(name)
    told = ""
    try:
        if action == "pause":
            hall.register.keep(replace(job, paused=fields.get("paused") == "yes"))
        elif action == "take-in":
            await workshop.hand_in(job)
        elif action == "finish":
            told = await workshop.finish(job)
        else:
            raise Turned(404, "not_found", "there is nothing here")
    except InputError as error:
        return await _job(request, hall, workshop, name, problem=str(error))
    hall.register.audit(at=hall.now(), who=person.id, what=f"job {action}", detail=f"{name} {told}".strip())
    if told:
        return await _job(request, hall, workshop, name, told=told)
    return RedirectResponse(f"/desk/job/{name}", status_code=303)


@router.get("/job/{name}/export/{file}")
async def export(hall: TheHall, workshop: TheWorkshop, person: Leader, name: JobName, file: str) -> Response:
    """Every reply as it was given, and the pay log."""
    job = workshop.job(name)
    if file not in DOWNLOADS:
        raise Turned(404, "not_found", f"there is no such export; there are {', '.join(DOWNLOADS)}")
    if file == "replies.csv":
        text = exports.table(REPLY_COLUMNS, workshop.reply_rows(job))
    else:
        text = exports.table(exports.PAY_COLUMNS, workshop.pay_rows(job, code=hall.signer.completion_code))
    hall.register.audit(at=hall.now(), who=person.id, what="export", detail=f"{name}: {file}")
    headers = {"content-disposition": f'attachment; filename="{name}-{file}"'}
    return PlainTextResponse(text, media_type="text/csv", headers=headers)
