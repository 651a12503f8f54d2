"""The pages that annotators see: their link, the check, the voting page, thanks."""

from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from s2s_arena.serve.people.person import PAGE_LANGUAGES, Person
from s2s_arena.serve.people.tokens import SESSION_S
from s2s_arena.serve.routes.voting import stage_before
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.web.asking import COOKIE, Annotator, Form, Known, TheHall, Turned, visitor
from s2s_arena.serve.web.rendering import page
from s2s_arena.serve.web.security import Buckets

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


def set_session(response: Response, request: Request, session: str) -> None:
    """The session cookie: not for scripts, not for other sites, only over TLS where there is TLS."""
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(SESSION_S),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


@router.get("/")
async def home(request: Request, hall: TheHall) -> Response:
    """Where a person belongs."""
    person = visitor(request)
    if person is None:
        return page(request, "outside.html")
    if person.leads:
        return RedirectResponse("/desk", status_code=303)
    if person.job:
        return RedirectResponse("/job", status_code=303)
    before = stage_before(hall, person)
    if before == "begin":
        return _welcome(request, hall, person)
    return RedirectResponse("/check" if before == "check" else "/vote", status_code=303)


@router.get("/join/{token}")
async def join(request: Request, hall: TheHall, token: str) -> Response:
    """A personal link: it begins a session and shows what the study asks. It may be opened again."""
    address = request.client.host if request.client else "unknown"
    attempts: Buckets = request.app.state.attempts
    person = hall.holder(hall.signer.link_holder(token))
    if person is None:
        if not attempts.take(address):
            raise Turned(429, "too_fast", "too many attempts: wait a minute")
        hall.register.audit(at=hall.now(), who="", what="link refused", detail=address)
        raise Turned(404, "link", "this link does not work, or no longer: ask whoever sent it for a new one")
    session = hall.signer.session(person, now=hall.clock())
    if person.leads:
        response: Response = page(request, "leader.html", person=person, session=session)
    elif person.job:
        response = RedirectResponse("/job", status_code=303)
    else:
        response = _welcome(request, hall, person, session=session)
    set_session(response, request, session)
    hall.register.audit(at=hall.now(), who=person.id, what="session")
    return response


def _welcome(request: Request, hall: Hall, person: Person, *, session: str | None = None) -> Response:
    desk = hall.room(person.study).desk
    told = desk.conduct.instructions
    return page(
        request,
        "welcome.html",
        person=person,
        session=session,
        conduct=desk.conduct,
        told=told.get(person.page) or told.get("en") or "",
        quota=desk.quota(person),
    )


@router.post("/begin")
async def begin(hall: TheHall, person: Annotator, fields: Form) -> Response:
    """The person has read what is asked, and agrees."""
    if fields.get("agree") == "yes" and not person.began:
        hall.keep(replace(person, began=hall.now()))
    return RedirectResponse("/", status_code=303)


@router.post("/language")
async def language(request: Request, hall: TheHall, person: Known, fields: Form) -> Response:
    """The language of the pages."""
    if fields.get("language") in PAGE_LANGUAGES:
        hall.keep(replace(person, page=fields["language"]))
    back = urlsplit(fields.get("back", "/")).path
    # A join link is not shown twice, and two slashes would lead to another host.
    here = ("/vote", "/check", "/thanks", "/job", "/job/thanks", "/job/rights")
    if person.leads and back.startswith("/desk"):
        # Some pages are answers to a form, and cannot be asked for: what they are about can.
        return RedirectResponse("/".join(back.split("/")[:4]), status_code=303)
    return RedirectResponse(back if back in here else "/", status_code=303)


@router.post("/leave")
async def leave(person: Known, fields: Form) -> Response:
    """End the session on this device."""
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/check")
async def check(request: Request, hall: TheHall, person: Annotator) -> Response:
    """Headphones and hearing."""
    if stage_before(hall, person) == "begin":
        return RedirectResponse("/", status_code=303)
    required = hall.room(person.study).desk.conduct.check == "require"
    return page(request, "check.html", person=person, required=required)


@router.get("/vote")
async def vote(request: Request, hall: TheHall, person: Annotator) -> Response:
    """The voting page; its script asks for the task."""
    if stage_before(hall, person) in ("begin", "check"):
        return RedirectResponse("/", status_code=303)
    return page(request, "vote.html", person=person, conduct=hall.room(person.study).desk.conduct)


@router.get("/thanks")
async def thanks(request: Request, hall: TheHall, person: Annotator) -> Response:
    """The end, with a completion code once everything asked is done."""
    desk = hall.room(person.study).desk
    done, quota = desk.done(person), desk.quota(person)
    code = hall.signer.completion_code(person) if done >= quota else None
    return page(request, "thanks.html", person=person, done=done, quota=quota, code=code, conduct=desk.conduct)
