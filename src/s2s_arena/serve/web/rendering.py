"""Pages and parts of pages from their templates, in the reader's language."""

from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from s2s_arena.serve.people.person import PAGE_LANGUAGES, Person
from s2s_arena.serve.web.asking import COOKIE, hall_of, visitor
from s2s_arena.serve.web.texts import catalogue, desks, leaders

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("s2s_arena.serve", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def page(request: Request, name: str, *, status: int = 200, session: str | None = None, **values: Any) -> HTMLResponse:
    """A page in the reader's language."""
    person = values.pop("person", None) or visitor(request)
    language = language_of(request, person)
    cookie = request.cookies.get(COOKIE, "") if session is None else session
    texts = desks(language) if values.pop("part", "") == "desks" else catalogue(language)
    text = _ENVIRONMENT.get_template(name).render(
        person=person,
        lang=language,
        languages=PAGE_LANGUAGES,
        t=texts,
        _=leaders(language),
        form_key=hall_of(request).signer.form_key(cookie) if cookie else "",
        path=request.url.path,
        **values,
    )
    return HTMLResponse(text, status_code=status)


def language_of(request: Request, person: Person | None) -> str:
    """A person's own language, or else what the browser asks for."""
    asked = request.headers.get("accept-language", "").strip().lower()
    return person.page if person is not None else ("zh" if asked.startswith("zh") else "en")


def rendered(name: str, language: str, **values: Any) -> str:
    """A part of a page that says nothing of the reader."""
    return _ENVIRONMENT.get_template(name).render(lang=language, _=leaders(language), **values)
