"""Who asks, and may they: sessions, form keys and rates, as dependencies of the routes."""

from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from s2s_arena.errors import ArenaError
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.web.security import Buckets

COOKIE = "arena_session"
FORM_HEADER = "x-form-key"
FORM_FIELD = "form_key"


class Turned(ArenaError):
    """A request that is turned away; `status` is that of HTTP."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def hall_of(request: Request) -> Hall:
    """The hall behind the app."""
    hall: Hall = request.app.state.hall
    return hall


# Dependencies are coroutines: a plain function would be sent to a thread and back for every request.
async def the_hall(request: Request) -> Hall:
    """`hall_of`, as a dependency."""
    return hall_of(request)


def visitor(request: Request) -> Person | None:
    """Who the session cookie says it is; None without a valid one."""
    hall = hall_of(request)
    cookie = request.cookies.get(COOKIE, "")
    return hall.holder(hall.signer.session_holder(cookie, now=hall.clock())) if cookie else None


async def known(request: Request) -> Person:
    """A person with a session, within their rate; `Turned` otherwise."""
    person = visitor(request)
    if person is None:
        raise Turned(401, "no_session", "no session: open your personal link again")
    rates: Buckets = request.app.state.rates
    if not rates.take(person.id):
        raise Turned(429, "too_fast", "too many requests: wait a moment, then go on")
    return person


async def annotator(person: Annotated[Person, Depends(known)]) -> Person:
    """A person who votes."""
    if person.leads or person.job:
        raise Turned(403, "not_an_annotator", "this page is for annotators; make a link for yourself to try it")
    return person


async def leader(person: Annotated[Person, Depends(known)]) -> Person:
    """A researcher or admin. Others are told that there is no such page."""
    if not person.leads:
        raise Turned(404, "not_found", "there is nothing here")
    return person


async def our_page(request: Request) -> None:
    """A change may only come from our own pages: the origin must be ours and the form key that of the session."""
    _check_origin(request)
    key = request.headers.get(FORM_HEADER, "")
    if not hall_of(request).signer.form_key_fits(request.cookies.get(COOKIE, ""), key):
        raise Turned(403, "form_key", "this page is out of date: reload it")


async def same_site(request: Request) -> None:
    """As `our_page`, and the body is JSON."""
    await our_page(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Turned(415, "json", "content type: application/json is needed")


async def form(request: Request) -> dict[str, str]:
    """The fields of a posted form, whose key has been checked."""
    _check_origin(request)
    body = (await request.body()).decode("utf-8", "replace")
    fields = {name: value.strip()[:4000] for name, value in parse_qsl(body, keep_blank_values=True, max_num_fields=60)}
    session = request.cookies.get(COOKIE, "")
    if not hall_of(request).signer.form_key_fits(session, fields.pop(FORM_FIELD, "")):
        raise Turned(403, "form_key", "this form is out of date: go back, reload the page and send it again")
    return fields


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Turned(403, "origin", "requests from other sites are refused")


Known = Annotated[Person, Depends(known)]
Annotator = Annotated[Person, Depends(annotator)]
Leader = Annotated[Person, Depends(leader)]
Form = Annotated[dict[str, str], Depends(form)]
TheHall = Annotated[Hall, Depends(the_hall)]
