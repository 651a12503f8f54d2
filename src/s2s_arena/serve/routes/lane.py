"""The quick lane for what a crowd asks all the time, tasks and votes: the same routes, wired by hand.

A web framework's general way to a route (matching, collecting dependencies, validating field by field) costs more than
taking a vote. The checks and the routes themselves are those of `asking` and `api`; tests hold both ways equal.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from s2s_arena.errors import ArenaError
from s2s_arena.serve.routes import voting
from s2s_arena.serve.web.asking import annotator, hall_of, known, same_site
from s2s_arena.serve.web.bodies import VoteBody

Way = Callable[[Request], Awaitable[Response]]
Fault = Callable[[Request, Exception], Awaitable[Response]]
B = TypeVar("B", bound=BaseModel)


class Lane:
    """ASGI middleware: answers the requests of `WAYS` itself and passes on all others.

    Args:
        app: What answers the others.
        told: Turns an error of ours into an answer.
        invalid: Turns a body that does not fit into an answer.
    """

    def __init__(self, app: ASGIApp, *, told: Fault, invalid: Fault) -> None:
        self._app, self._told, self._invalid = app, told, invalid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = WAYS.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if way is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await way(request)
        except ArenaError as error:
            response = await self._told(request, error)
        except RequestValidationError as error:
            response = await self._invalid(request, error)
        await response(scope, receive, send)


async def _task(request: Request) -> Response:
    hall = hall_of(request)
    if hall.shared:
        with suppress(ArenaError):  # a database that is away is told when something is to be stored
            await hall.catch_up()
    person = await annotator(await known(request))
    return await voting.task(hall, person)


async def _vote(request: Request) -> Response:
    await same_site(request)
    person = await annotator(await known(request))
    return await voting.vote(hall_of(request), person, await _body(VoteBody, request))


async def _body(kind: type[B], request: Request) -> B:
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error


WAYS: Mapping[tuple[str, str], Way] = {("GET", "/api/task"): _task, ("POST", "/api/vote"): _vote}
