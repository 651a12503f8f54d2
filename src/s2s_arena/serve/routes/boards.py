"""The live board as a page and as JSON, for those who may see it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from s2s_arena.serve.live.views import LiveRow, LiveView
from s2s_arena.serve.voting.rooms import Room
from s2s_arena.serve.web.asking import Turned, hall_of, visitor
from s2s_arena.serve.web.rendering import language_of, page, rendered

router = APIRouter(tags=["board"])


async def open_room(request: Request, study: str) -> Room:
    """The room of a study whose board the visitor may see; `Turned` otherwise, as if there were none."""
    hall = hall_of(request)
    person = visitor(request)
    leads = person is not None and person.leads
    if not leads and not (study in hall.rooms and hall.rooms[study].desk.conduct.public_board):
        raise Turned(404, "not_found", "there is no such board, or it is not open")
    return hall.room(study)


Open = Annotated[Room, Depends(open_room)]


@router.get("/board/{study}", response_class=HTMLResponse)
async def board(request: Request, room: Open) -> Response:
    """The live board: people, and models beside them."""
    desk = room.desk

    language = language_of(request, visitor(request))

    def drawn(views: tuple[LiveView, ...]) -> str:
        return rendered(
            "board_main.html",
            language,
            conduct=desk.conduct,
            study=desk.study,
            views=views,
            people=views[0],
            models=views[1:],
            counts=desk.counts,
            scale=_scale(views),
            share=_share,
        )

    main = await room.display.fragment(language, drawn)
    return page(request, "board.html", conduct=desk.conduct, study=desk.study, main=Markup(main))


@router.get("/api/board/{study}")
async def board_json(room: Open) -> Response:
    """The same as JSON: Elo, Bradley-Terry with intervals, groups, win matrix, slices, both-bad rates, per judge."""
    return Response(await room.display.as_json(), media_type="application/json")


def _scale(views: tuple[LiveView, ...]) -> tuple[float, float]:
    """Lowest point and width of what intervals are drawn on."""
    rows: list[LiveRow] = [row for view in views for row in view.rows]
    low, high = min((r.low for r in rows), default=900.0), max((r.high for r in rows), default=1100.0)
    return low, max(high - low, 1.0)


def _share(won: float, lost: float) -> int | None:
    """A share of wins in tenths, for colours; None without games."""
    return round(10 * won / (won + lost)) if won + lost else None
