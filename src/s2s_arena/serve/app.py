"""The web application: routes, limits, and how errors become answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from s2s_arena import __version__
from s2s_arena.errors import ArenaError, ConflictError, IllegalVoteError, InputError, StoreError
from s2s_arena.serve.hearing.listening import Unheard
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.routes import boards, job, job_desk, job_pages, publishing, study_desk, voting, voting_pages
from s2s_arena.serve.routes.lane import Lane
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.web.asking import Turned, visitor
from s2s_arena.serve.web.current import Current, follow
from s2s_arena.serve.web.document import documented
from s2s_arena.serve.web.rendering import language_of, page
from s2s_arena.serve.web.security import Buckets, Guard
from s2s_arena.serve.web.texts import refused

STATUS: dict[type[ArenaError], tuple[int, str]] = {
    ConflictError: (409, "conflict"),
    IllegalVoteError: (409, "illegal_vote"),
    StoreError: (503, "not_stored"),
    InputError: (422, "input"),
}


def create_app(hall: Hall, *, workshop: Workshop | None = None, rate: float = 20.0, burst: float = 80.0) -> FastAPI:
    """The application on a hall, which it closes at its end.

    Args:
        hall: Studies, people and the store.
        workshop: Review, verification and recording desks; without it there are none.
        rate: Requests a second for one person in the long run.
        burst: At once.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.ensure_future(follow(hall)) if hall.shared else None
        yield
        if following is not None:
            following.cancel()
        hall.close()

    app = FastAPI(
        title="S2S-Arena voting",
        version=__version__,
        description="Blind pairwise votes of people on speech-to-speech systems.",
        docs_url=None,  # its pages would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.hall = hall
    app.state.workshop = workshop
    app.state.rates = Buckets(rate=rate, burst=burst, clock=hall.clock)
    app.state.attempts = Buckets(rate=0.2, burst=10.0, clock=hall.clock)
    app.include_router(voting.router)
    app.include_router(voting_pages.router)
    app.include_router(boards.router)
    app.include_router(publishing.router)
    app.include_router(study_desk.router)
    app.include_router(job.router)
    app.include_router(job_pages.router)
    app.include_router(job_desk.router)
    app.mount("/static", StaticFiles(packages=[("s2s_arena.serve", "static")]), name="static")
    if hall.shared:
        app.add_middleware(Current, hall=hall)
    app.add_middleware(Lane, told=_told, invalid=_invalid)
    app.add_middleware(Guard)  # the last one is the outermost
    app.add_exception_handler(Exception, _broken)
    app.add_exception_handler(ArenaError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.openapi = documented(app)  # type: ignore[method-assign]  # FastAPI's own way to change its document
    return app


async def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, Turned):
        return _answer(request, error.status, error.code, str(error))
    if isinstance(error, Unheard):
        lacking = [{"clip": m.clip, "heard_s": m.heard_s, "needed_s": m.needed_s} for m in error.lacking]
        return _answer(request, 422, "not_heard", str(error), missing=lacking)
    status, code = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), (500, "failed"))
    return _answer(request, status, code, str(error))


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = {404: "there is nothing here", 405: "not this way", 413: "more than is read"}.get(status, "not possible")
    return _answer(request, status, "http", message)


async def _invalid(request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) and error.errors() else {}
    where = ".".join(str(part) for part in first.get("loc", ()))
    return _answer(request, 422, "invalid", f"{where}: {first.get('msg', 'not valid')}")


async def _broken(request: Request, error: Exception) -> Response:
    return _answer(request, 500, "failed", "something broke on the server; what was stored is kept, try again")


def _answer(request: Request, status: int, code: str, message: str, **more: object) -> Response:
    message = refused(language_of(request, visitor(request)), code, message)
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if wants_page:
        return page(request, "error.html", status=status, message=message, code=status)
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status_code=status)
