"""The JSON side of work on suites: the item in front of a person, its clips, answers, recordings and undoing."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from s2s_arena.serve.jobs.items import Item, Part
from s2s_arena.serve.jobs.uploads import Doubtful
from s2s_arena.serve.jobs.workshop import Standing, Workshop
from s2s_arena.serve.people.job import Job, JobKind
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.web.asking import Known, TheHall, Turned, our_page, same_site
from s2s_arena.serve.web.bodies import Handover, WorkBody
from s2s_arena.serve.web.texts import refused

router = APIRouter(prefix="/api/job", tags=["jobs"])
Token = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
ItemId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Changing = Depends(same_site)
ABOUT = ("microphone", "room", "rate_hz", "echo_cancellation", "noise_suppression", "auto_gain", "browser")
"""What is kept of how a recording was made: nothing that names the device's owner."""


async def the_workshop(request: Request) -> Workshop:
    """The jobs behind the app; there are none where it was made without."""
    workshop: Workshop | None = request.app.state.workshop
    if workshop is None:
        raise Turned(404, "not_found", "there is nothing here")
    return workshop


async def worker(person: Known) -> Person:
    """A person with a job."""
    if person.leads or not person.job:
        raise Turned(403, "no_job", "this page is for people with a job on a suite; open your own link")
    return person


TheWorkshop = Annotated[Workshop, Depends(the_workshop)]
Worker = Annotated[Person, Depends(worker)]


@router.get("")
async def standing(workshop: TheWorkshop, hall: TheHall, person: Worker) -> JSONResponse:
    """Where the person stands, and the item in front of them."""
    await hall.apart(workshop.items, workshop.job(person.job))  # the first time, a whole suite is gone through
    async with hall.lock(person):
        return JSONResponse(shown(workshop, person))


@router.post("/answer", dependencies=[Changing])
async def answer(workshop: TheWorkshop, hall: TheHall, person: Worker, body: WorkBody) -> JSONResponse:
    """Keep what is said about an item. The same again gives the same."""
    async with hall.lock(person):
        _ready(person)
        await workshop.answer(
            person, body.item, body.answers, comment=body.comment, heard=dict(body.heard), s=body.seconds
        )
        return JSONResponse({"accepted": True, "next": shown(workshop, person)})


@router.post("/undo", dependencies=[Changing])
async def undo(workshop: TheWorkshop, hall: TheHall, person: Worker, body: Handover) -> JSONResponse:
    """Take the last answer back; audio is erased."""
    async with hall.lock(person):
        await workshop.undo(person, body.item)
        return JSONResponse({"accepted": True, "next": shown(workshop, person)})


@router.post("/hand-in", dependencies=[Changing])
async def hand_in(workshop: TheWorkshop, hall: TheHall, person: Worker) -> JSONResponse:
    """All answers stand from now on."""
    async with hall.lock(person):
        count = await workshop.hand_in(workshop.job(person.job), person)
        return JSONResponse({"accepted": True, "settled": count, "next": shown(workshop, person)})


@router.post("/recording/{item}", dependencies=[Depends(our_page)])
async def recording(
    request: Request,
    workshop: TheWorkshop,
    hall: TheHall,
    person: Worker,
    item: ItemId,
    anyway: bool = False,
    seconds: Annotated[float, Query(ge=0.0, le=86400.0, allow_inf_nan=False)] = 0.0,
    microphone: Annotated[str, Query(pattern=r"^[a-z_]{0,20}$")] = "",
    room: Annotated[str, Query(pattern=r"^[a-z_]{0,20}$")] = "",
    rate_hz: Annotated[str, Query(pattern=r"^[0-9]{0,6}$")] = "",
    echo_cancellation: Annotated[str, Query(pattern=r"^(on|off|)$")] = "",
    noise_suppression: Annotated[str, Query(pattern=r"^(on|off|)$")] = "",
    auto_gain: Annotated[str, Query(pattern=r"^(on|off|)$")] = "",
    browser: Annotated[str, Query(pattern=r"^[A-Za-z0-9 ./_]{0,40}$")] = "",
) -> JSONResponse:
    """Keep a recording that its speaker has heard and accepted: a WAV, which is decoded before it is believed."""
    if not request.headers.get("content-type", "").startswith("audio/wav"):
        raise Turned(415, "wav", "content type: audio/wav is needed")
    given = (microphone, room, rate_hz, echo_cancellation, noise_suppression, auto_gain, browser)
    about = {name: value for name, value in zip(ABOUT, given, strict=True) if value}
    content = await request.body()
    async with hall.lock(person):
        _ready(person)
        try:
            kept = await workshop.record(person, item, content, about=about, anyway=anyway, s=seconds)
        except Doubtful as error:
            message = refused(person.page, "doubtful", str(error))
            said = {"code": "doubtful", "message": message, "flags": error.flags, "final": error.final}
            return JSONResponse({"error": said}, status_code=422)
        length = None if kept.audio is None else round(kept.audio.duration_s, 2)
        return JSONResponse({"accepted": True, "duration_s": length, "next": shown(workshop, person)})


@router.get("/clip/{token}", response_class=Response)
async def clip(workshop: TheWorkshop, person: Worker, token: Token) -> Response:
    """A clip of an item, as WAV."""
    made = await workshop.clip(person, token)
    if made is None:
        raise Turned(404, "not_found", "there is no such clip for you: reload the page")
    return Response(made.wav, media_type="audio/wav")


@router.get("/clip/{token}/peaks")
async def clip_peaks(workshop: TheWorkshop, person: Worker, token: Token) -> JSONResponse:
    """What its waveform is drawn from."""
    made = await workshop.clip(person, token)
    if made is None:
        raise Turned(404, "not_found", "there is no such clip for you: reload the page")
    return JSONResponse({"duration_s": made.duration_s, "peaks": made.peaks, "turns": made.turns})


def stage_before(person: Person, job: Job) -> str | None:
    """What comes before items: begin (which asks for consent where people record); None if nothing."""
    if person.withdrawn:
        return "withdrawn"
    if not person.began or (job.kind.speaks and "evaluation" not in person.consent):
        return "begin"
    return None


def shown(workshop: Workshop, person: Person) -> dict[str, Any]:
    """What a page gets: begin, task, paused or done. The caller holds the person's lock."""
    job = workshop.job(person.job)
    if (before := stage_before(person, job)) is not None:
        return {"state": before}
    stands = workshop.standing(person)
    said: dict[str, Any] = {
        "progress": {"done": stands.done, "quota": stands.quota},
        "undo": stands.undo,
        "open": stands.open,
        "kind": str(job.kind),
    }
    if stands.item is not None:
        return said | {"state": "task", "item": _item(workshop, job, stands.item)}
    return said | {"state": _without(job, stands)}


def _without(job: Job, stands: Standing) -> str:
    return "paused" if job.paused and stands.done < stands.quota else "done"


def _ready(person: Person) -> None:
    if not person.began:
        raise Turned(409, "begin", "your agreement comes first: reload the page")


def _item(workshop: Workshop, job: Job, item: Item) -> dict[str, Any]:
    tokens = workshop.tokens(job, item)
    if job.kind is JobKind.ANSWER:
        # Whoever answers hears what a system hears: no words, no labels, nothing of what a good answer shows.
        heard = [Part(language=part.language) for part in item.parts[: item.turn + 1]]
        item = Item(id=item.id, group="", turn=item.turn, language=item.language, parts=tuple(heard))
    parts = [_part(part, tokens.get(n)) for n, part in enumerate(item.parts)]
    return {
        "id": item.id,
        "language": item.language,
        "level": item.level,
        "domain": item.domain,
        "task": item.task,
        "guideline": item.guideline,
        "turn": item.turn,
        "parts": parts,
        "questions": [{"name": q.name, "options": q.options, "when": q.when} for q in item.questions],
        "notes": item.notes,
        "asked_of_answer": item.asked_of_answer,
        "listen": job.listen,
    }


def _part(part: Part, token: str | None) -> dict[str, Any]:
    return {
        "script": part.script,
        "language": part.language,
        "labels": sorted(part.labels.items()),
        "directions": part.directions,
        "background": part.background,
        "url": None if token is None else f"/api/job/clip/{token}",
    }
