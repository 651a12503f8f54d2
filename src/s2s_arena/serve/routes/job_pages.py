"""The pages of people who work on a suite: what is asked and consent, the desk itself, what is stored, withdrawal."""

from dataclasses import replace

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from s2s_arena.records.identity import content_hash
from s2s_arena.records.scores import PURPOSES
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.routes.job import TheWorkshop, Worker, stage_before
from s2s_arena.serve.web.asking import Form, TheHall
from s2s_arena.serve.web.rendering import page
from s2s_arena.serve.web.texts import desks

router = APIRouter(prefix="/job", tags=["job pages"], default_response_class=HTMLResponse)

CONSENT_TEXTS = ("consent_lead", *(f"consent_{p}" for p in PURPOSES), "consent_licence", "consent_rights")
VOICES = {"gender": ("female", "male"), "age": ("child", "adult", "elder")}


@router.get("")
async def work(request: Request, workshop: TheWorkshop, person: Worker) -> Response:
    """The desk, or what comes before it."""
    job = workshop.job(person.job)
    before = stage_before(person, job)
    if before == "begin":
        return welcome(request, workshop, person)
    if before == "withdrawn":
        return page(request, "job_gone.html", person=person, part="desks", job=job)
    name = "record.html" if job.kind.speaks else "examine.html"
    return page(request, name, person=person, part="desks", job=job)


def welcome(request: Request, workshop: Workshop, person: Person, *, session: str | None = None) -> Response:
    """What is asked of a person and what is stored; where they record, what they allow."""
    job = workshop.job(person.job)
    told = job.instructions
    return page(
        request,
        "job_welcome.html",
        person=person,
        session=session,
        part="desks",
        job=job,
        told=told.get(person.page) or told.get("en") or "",
        quota=len([i for i in workshop.items(job) if person.speaks(i.language)]) if job.quota is None else job.quota,
        purposes=PURPOSES,
        voices=VOICES,
    )


@router.post("/begin")
async def begin(hall: TheHall, workshop: TheWorkshop, person: Worker, fields: Form) -> Response:
    """The person has read what is asked and agrees; where they record, they say to what."""
    job = workshop.job(person.job)
    now = hall.now()
    if person.withdrawn:
        return RedirectResponse("/job", status_code=303)
    if job.kind.speaks:
        allowed = tuple(p for p in PURPOSES if fields.get(p) == "yes")
        if "evaluation" in allowed and fields.get("agree") == "yes":
            voice = {name: fields[name] for name, values in VOICES.items() if fields.get(name) in values}
            if accent := fields.get("accent", "")[:60]:
                voice["accent"] = accent
            hall.keep(
                replace(
                    person,
                    began=person.began or now,
                    consent=allowed,
                    consented=now,
                    consent_text=text_version(person.page, job.licence),
                    voice=voice,
                )
            )
            hall.register.audit(at=now, who=person.id, what="consent", detail=" ".join(allowed))
    elif fields.get("agree") == "yes" and not person.began:
        hall.keep(replace(person, began=now))
    return RedirectResponse("/job", status_code=303)


@router.get("/thanks")
async def thanks(request: Request, hall: TheHall, workshop: TheWorkshop, person: Worker) -> Response:
    """The end, with a completion code once everything asked is done and handed in."""
    job = workshop.job(person.job)
    async with hall.lock(person):
        stands = workshop.standing(person)
    whole = stands.done >= stands.quota and not stands.open
    code = hall.signer.completion_code(person) if whole and stands.done else None
    return page(request, "job_thanks.html", person=person, part="desks", job=job, stands=stands, code=code)


@router.get("/rights")
async def rights(request: Request, hall: TheHall, workshop: TheWorkshop, person: Worker) -> Response:
    """What is stored of a speaker, and how to withdraw."""
    job = workshop.job(person.job)
    if not job.kind.speaks or stage_before(person, job) is not None:
        return RedirectResponse("/job", status_code=303)
    kept = [r for r in hall.register.replies(job.name, person=person.id) if r.audio is not None]
    seconds = sum(r.audio.duration_s for r in kept if r.audio is not None)
    return page(
        request, "job_rights.html", person=person, part="desks", job=job, kept=len(kept), seconds=round(seconds)
    )


@router.post("/withdraw")
async def withdraw(hall: TheHall, workshop: TheWorkshop, person: Worker, fields: Form) -> Response:
    """Erase all that the person recorded. It cannot be undone, so the form asks for it twice."""
    if fields.get("sure") == "yes" and workshop.job(person.job).kind.speaks:
        async with hall.lock(person):
            erased = await workshop.withdraw(person)
        hall.register.audit(at=hall.now(), who=person.id, what="withdrew", detail=f"{erased} waveforms erased")
    return RedirectResponse("/job", status_code=303)


def text_version(language: str, licence: str) -> str:
    """Which text somebody agreed to: its language, and a hash of every word of it."""
    texts = desks(language)
    return f"{language}-{content_hash('consent', [texts[name] for name in CONSENT_TEXTS], licence)[:12]}"
