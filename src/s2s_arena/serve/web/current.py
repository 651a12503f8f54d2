"""Where several servers share a store: what was done on the others is known before a request is answered here."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from s2s_arena.errors import ArenaError
from s2s_arena.serve.voting.hall import Hall

FOLLOW_S = 0.25  # how long what other servers did may go unseen


class Current:
    """ASGI middleware: whoever did something on one server finds it done on the next one they reach.

    Args:
        app: What answers.
        hall: What is to know.
    """

    def __init__(self, app: ASGIApp, *, hall: Hall) -> None:
        self._app, self._hall = app, hall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            with suppress(ArenaError):  # a database that is away is told by what needs it
                await self._hall.catch_up()
        await self._app(scope, receive, send)


async def follow(hall: Hall) -> None:
    """Keep up with other servers while nobody asks here, until cancelled."""
    while True:
        await asyncio.sleep(FOLLOW_S)
        with suppress(ArenaError):
            await hall.catch_up()
