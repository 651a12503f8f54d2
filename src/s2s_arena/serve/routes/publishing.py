"""Published boards: versions that never change, for those who may see the live one; leaders publish them."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from s2s_arena.boards.published import published_next
from s2s_arena.records import codec
from s2s_arena.records.boards import PublishedBoard
from s2s_arena.serve.routes.boards import Open
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.voting.rooms import Room
from s2s_arena.serve.web.asking import Form, Leader, TheHall, Turned, hall_of
from s2s_arena.serve.web.rendering import page

router = APIRouter(tags=["board"])
Version = Annotated[int, Path(ge=1, le=100_000)]


@router.get("/board/{study}/published", response_class=HTMLResponse)
async def published(request: Request, room: Open) -> Response:
    """All published versions of a study's boards."""
    versions = await hall_of(request).apart(_versions, hall_of(request), room)
    return page(request, "published.html", conduct=room.desk.conduct, study=room.desk.study, versions=versions)


@router.get("/board/{study}/published/{version}", response_class=HTMLResponse)
async def one(request: Request, room: Open, version: Version) -> Response:
    """One published version."""
    found = await _version(request, room, version)
    return page(request, "published_one.html", conduct=room.desk.conduct, study=room.desk.study, made=found)


@router.get("/api/board/{study}/published/{version}")
async def one_json(request: Request, room: Open, version: Version) -> Response:
    """One published version, whole: boards, variants, judges, organiser, conflicts of interest."""
    return Response(codec.encode(await _version(request, room, version)), media_type="application/json")


@router.post("/desk/study/{study}/publish", response_class=HTMLResponse)
async def put(hall: TheHall, person: Leader, study: str, fields: Form) -> Response:
    """Publish the boards as they stand."""
    conduct = hall.room(study).desk.conduct
    work = partial(
        published_next,
        hall.store,
        conduct.study,
        at=hall.now(),
        organiser=conduct.organiser,
        interests=conduct.interests,
        note=fields.get("note", "")[:500],
        judges=hall.library.judge_cards(),
        systems=hall.library.system_cards(),
    )
    made = await hall.apart(work)
    hall.register.audit(at=hall.now(), who=person.id, what="board published", detail=f"{study}: {made.version}")
    return RedirectResponse(f"/board/{study}/published/{made.version}", status_code=303)


def _versions(hall: Hall, room: Room) -> list[PublishedBoard]:
    return sorted(hall.store.all(PublishedBoard, study=room.desk.study.name), key=lambda b: -b.version)


async def _version(request: Request, room: Room, version: int) -> PublishedBoard:
    hall = hall_of(request)
    for found in await hall.apart(_versions, hall, room):
        if found.version == version:
            return found
    raise Turned(404, "not_found", "there is no such published board")
