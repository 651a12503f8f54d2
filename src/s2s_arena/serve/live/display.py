"""A live board as it is shown: made when somebody looks and something has changed, and kept as bytes until then."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from s2s_arena.serve.live.boards import LiveBoards
from s2s_arena.serve.live.doubts import Doubts, Models, Warnings
from s2s_arena.serve.live.views import LiveView

REST = 3.0  # times as long as making took, before it is made again: boards never take more than a quarter of the time
CATCH_UP_S = 1.0  # how long what other processes appended may go unseen


class Display:
    """The boards of one study for any number of people who look at them.

    Whoever asks gets the state after every vote acknowledged before they asked: many who ask at once wait for the same
    making, and nobody gets an older one.

    Args:
        study: Its name.
        live: The boards.
        catch_up: Takes in what other processes appended.
        doubts: Looks up what is to be said of model judges; without it nothing is.
    """

    def __init__(
        self,
        study: str,
        live: LiveBoards,
        catch_up: Callable[[], Awaitable[None]],
        doubts: Callable[[Models], Awaitable[Warnings]] | None = None,
    ) -> None:
        self._study, self._live, self._catch_up = study, live, catch_up
        self._doubts = Doubts(doubts) if doubts is not None else None
        self._views: tuple[LiveView, ...] = ()
        self._json = b""
        self._fragments: dict[str, str] = {}
        self._made_at = -1  # version of the boards
        self._seen = self._rested = -1e9
        self._coming: asyncio.Task[None] | None = None

    async def views(self) -> tuple[LiveView, ...]:
        """People's board, then models' by name."""
        if self._made_at != self._live.version or time.monotonic() - self._seen > CATCH_UP_S:
            if self._coming is None:
                self._coming = asyncio.ensure_future(self._make())
            await asyncio.shield(self._coming)
        return self._views

    async def as_json(self) -> bytes:
        """All boards, whole."""
        views = await self.views()
        if not self._json:
            said = {"study": self._study, "boards": [view.as_json() for view in views]}
            self._json = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        return self._json

    async def fragment(self, language: str, render: Callable[[tuple[LiveView, ...]], str]) -> str:
        """The part of the page that is the same for all readers of a language."""
        views = await self.views()
        if language not in self._fragments:
            self._fragments[language] = render(views)
        return self._fragments[language]

    def touch(self) -> None:
        """What is said around the boards has changed: make the page again."""
        self._fragments.clear()

    async def _make(self) -> None:
        try:
            await asyncio.sleep(max(0.0, self._rested - time.monotonic()))
            if time.monotonic() - self._seen > CATCH_UP_S:
                await self._catch_up()
                self._seen = time.monotonic()
            if self._doubts is not None and await self._doubts.renew(self._live.models):
                self._made_at = -1
        finally:
            self._coming = None  # who asks from here on asks for what comes after
        if self._made_at == self._live.version:
            return
        began = time.monotonic()
        self._made_at = self._live.version
        said = self._doubts.found if self._doubts is not None else {}
        views = (self._live.view(judge) for judge in self._live.judges)
        self._views = tuple(replace(view, warnings=said.get(view.who, ())) for view in views)
        self._json = b""
        self._fragments.clear()
        self._rested = time.monotonic() + REST * (time.monotonic() - began)
