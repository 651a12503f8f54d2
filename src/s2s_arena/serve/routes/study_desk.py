"""The researchers' desk: create studies, invite people, watch, pause, export, look at flagged voters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from s2s_arena.errors import ArenaError, InputError
from s2s_arena.records.studies import STRICT, Criterion, Outcome, Sampler, Sampling
from s2s_arena.serve.live import boards
from s2s_arena.serve.people.person import Conduct, Person, Role, spoken
from s2s_arena.serve.routes.typed import amount, share, whole
from s2s_arena.serve.studies import beginning, exports, progress, voters
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.voting.rooms import Room
from s2s_arena.serve.web.asking import Form, Leader, TheHall, Turned
from s2s_arena.serve.web.rendering import page

router = APIRouter(prefix="/desk", tags=["researchers"], default_response_class=HTMLResponse)
StudyName = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,59}$")]
PersonId = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{12}$")]

PARQUET = "application/vnd.apache.parquet"
DOWNLOADS = {
    "events.jsonl": "application/jsonl",
    "events.csv": "text/csv",
    "events.parquet": PARQUET,
    "board.json": "application/json",
    "board.csv": "text/csv",
    "board.parquet": PARQUET,
    "people.csv": "text/csv",
    "people.parquet": PARQUET,
}


SAMPLERS = {
    Sampler.PAPER: "by the paper's rule",
    Sampler.UNIFORM: "evenly",
    Sampler.D_OPTIMAL: "where they tell most",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One annotator on the desk."""

    person: Person
    votes: int
    quota: int
    minutes: float
    gold: tuple[int, int]
    link: str
    e_value: float | None
    flagged: bool
    habit: str
    excluded: bool


@router.get("")
async def desk(request: Request, hall: TheHall, person: Leader) -> Response:
    """All studies, and a form for another."""
    hall.refresh()
    return _desk(request, hall)


def _desk(
    request: Request,
    hall: Hall,
    *,
    problem: str = "",
    given: Mapping[str, str] | None = None,
    plan: beginning.Plan | None = None,
) -> Response:
    suites = hall.library.suites()
    rooms = [(name, room.desk, len(hall.crowd(name))) for name, room in hall.rooms.items()]
    status = 422 if problem else 200
    return page(
        request,
        "desk.html",
        status=status,
        rooms=rooms,
        suites=suites,
        problem=problem,
        given=given or {},
        plan=plan,
        samplers=SAMPLERS,
        sampling=hall.library.sampling,
    )


@router.post("/plan")
async def preview(request: Request, hall: TheHall, person: Leader, fields: Form) -> Response:
    """What a study as described would take and tell; nothing is stored."""
    try:
        study, conduct = await hall.apart(_asked, hall, {**fields, "name": fields.get("name") or "plan"})
        suite = next(s for s in hall.library.suites() if s.hash == fields["suite"])
        work = partial(beginning.plan, study, conduct, suite, hall.library.takes(suite), store=hall.store)
        plan = await hall.apart(partial(work, people=whole(fields, "people", 10)))
    except ArenaError as error:
        return _desk(request, hall, problem=str(error), given=fields)
    return _desk(request, hall, given=fields, plan=plan)


@router.post("/studies")
async def create(request: Request, hall: TheHall, person: Leader, fields: Form) -> Response:
    """Begin a study, or show what is wrong with the form."""
    try:
        study, conduct = _asked(hall, fields)
        beginning.begin(study, store=hall.store)
        await hall.begin(conduct)
    except ArenaError as error:
        return _desk(request, hall, problem=str(error), given=fields)
    hall.register.audit(at=hall.now(), who=person.id, what="study created", detail=study.name)
    return RedirectResponse(f"/desk/study/{study.name}", status_code=303)


def _asked(hall: Hall, fields: Mapping[str, str]) -> tuple[Any, Conduct]:
    suite = next((s for s in hall.library.suites() if s.hash == fields.get("suite")), None)
    if suite is None:
        raise InputError("suite: choose one of those in this workspace")
    ties = fields.get("ties") == "yes"
    study = beginning.drafted(
        fields.get("name", ""),
        suite=suite,
        takes=hall.library.takes(suite),
        systems=[part for part in fields.get("systems", "").replace(",", " ").split() if part],
        outcomes=(*STRICT, Outcome.TIE) if ties else STRICT,
        criteria=tuple(Criterion) if fields.get("criteria") == "yes" else (),
        sampling=_sampling(hall.library.sampling, fields),
        seed=hall.library.seed,
    )
    even = fields.get("full_band") != "yes"
    conduct = Conduct(study=study.name, made=hall.now(), even_band=even, even_edges=even)
    return study, _conducted(conduct, fields)


def _sampling(usual: Sampling, fields: Mapping[str, str]) -> Sampling:
    """How pairs are drawn: the workspace's way with a form's changes."""
    return replace(
        usual,
        sampler=Sampler(fields["sampler"]) if fields.get("sampler") in set(Sampler) else usual.sampler,
        uniform_mix=share(fields, "uniform_mix", usual.uniform_mix),
        floor=whole(fields, "floor", usual.floor, least=0),
        round_size=whole(fields, "round_size", usual.round_size),
    )


def _conducted(old: Conduct, fields: Mapping[str, str]) -> Conduct:
    """The conduct with a form's changes; a form that has `flags` says all that is off by leaving it out."""
    told = {code: fields[f"told_{code}"] for code in ("en", "zh") if fields.get(f"told_{code}")}
    flags = "flags" in fields
    return replace(
        old,
        title=fields.get("title", old.title)[:120],
        instructions=told or old.instructions,
        quota=whole(fields, "quota", old.quota),
        overlap=share(fields, "overlap", old.overlap),
        repeats=share(fields, "repeats", old.repeats),
        swaps=share(fields, "swaps", old.swaps),
        gold=share(fields, "gold", old.gold),
        listen=share(fields, "listen", old.listen),
        check=fields.get("check", old.check),
        practice=fields.get("practice") == "yes" if flags else old.practice,
        ask_both_bad=fields.get("ask_both_bad") == "yes" if flags else old.ask_both_bad,
        reveal=fields.get("reveal") == "yes" if flags else old.reveal,
        public_board=fields.get("public_board") == "yes" if flags else old.public_board,
        pay_per_vote=amount(fields, "pay", old.pay_per_vote),
        currency=fields.get("currency", "")[:3].upper() or old.currency,
        organiser=fields.get("organiser", old.organiser)[:200],
        interests=fields.get("interests", old.interests)[:500],
    )


@router.get("/study/{study}")
async def study_page(request: Request, hall: TheHall, person: Leader, study: StudyName) -> Response:
    """Progress, people, boards with and without flagged voters."""
    hall.refresh()
    return await _study(request, hall, study)


async def _study(
    request: Request, hall: Hall, study: str, *, problem: str = "", fresh: frozenset[str] = frozenset()
) -> Response:
    room = hall.room(study)
    await hall.catch_up()
    seen = await _reviewed(hall, room)
    crowd, everyone = seen if seen is not None else (None, None)
    known = {rater.judge: rater for rater in crowd.raters} if crowd else {}
    rows = []
    for person in hall.people.values():
        if person.study != study or person.role is not Role.ANNOTATOR:
            continue
        rater = known.get(person.judge)
        rows.append(
            Row(
                person=person,
                votes=room.desk.done(person),
                quota=room.desk.quota(person),
                minutes=round(progress.seconds(room.desk, person.judge) / 60.0, 1),
                gold=progress.gold_score(room.desk, person.judge),
                link=_link(request, hall, person),
                e_value=None if rater is None else rater.e_value,
                flagged=rater is not None and rater.flagged,
                habit="" if rater is None else rater.habit,
                excluded=voters.excluded(room.desk.own(person.judge)),
            )
        )
    people = max(1, len(hall.crowd(study)))
    suite = hall.library.suite(room.desk.study)
    work = partial(
        beginning.plan,
        room.desk.study,
        room.desk.conduct,
        suite,
        tuple(room.desk.takes.values()),
        store=hall.store,
        people=people,
    )
    return page(
        request,
        "study.html",
        status=422 if problem else 200,
        desk=room.desk,
        conduct=room.desk.conduct,
        counts=room.desk.counts,
        view=room.live.view(),
        rows=rows,
        fresh=fresh,
        plan=await hall.apart(work),
        planned_for=people,
        crowd=crowd,
        whole=everyone,
        downloads=tuple(DOWNLOADS),
        problem=problem,
    )


async def _reviewed(hall: Hall, room: Room) -> Any:
    matches, events = list(room.desk.matches.values()), sorted(room.desk.events, key=lambda e: e.number or 0)
    return await hall.apart(partial(voters.reviewed, room.desk.study, matches=matches, events=events))


def _link(request: Request, hall: Hall, person: Person) -> str:
    return f"{str(request.base_url).rstrip('/')}/join/{hall.signer.link(person)}"


@router.post("/study/{study}/invite")
async def invite(request: Request, hall: TheHall, person: Leader, study: StudyName, fields: Form) -> Response:
    """New annotators; the page shows their links."""
    room = hall.room(study)
    try:
        made = beginning.invited(
            room.desk.conduct,
            count=whole(fields, "count", 1),
            names=fields.get("names", "").splitlines(),
            languages=spoken(fields.get("languages", "")),
            quota=whole(fields, "quota", 1) if fields.get("quota") else None,
            page="zh" if fields.get("page") == "zh" else "en",
            made=hall.now(),
        )
    except ArenaError as error:
        return await _study(request, hall, study, problem=str(error))
    for new in made:
        hall.keep(new)
    hall.register.audit(at=hall.now(), who=person.id, what="invited", detail=f"{study}: {len(made)}")
    return await _study(request, hall, study, fresh=frozenset(new.id for new in made))


@router.post("/study/{study}/conduct")
async def change(request: Request, hall: TheHall, person: Leader, study: StudyName, fields: Form) -> Response:
    """Pause, go on, or change what may change while a study runs."""
    old = hall.room(study).desk.conduct
    try:
        if "paused" in fields:
            new = replace(old, paused=fields["paused"] == "yes")
        else:
            new = _conducted(old, {k: v for k, v in fields.items() if k != "overlap"})
        hall.conduct(new)
    except ArenaError as error:
        return await _study(request, hall, study, problem=str(error))
    hall.register.audit(at=hall.now(), who=person.id, what="conduct", detail=f"{study}: {', '.join(fields)}")
    return RedirectResponse(f"/desk/study/{study}", status_code=303)


@router.post("/person/{id}/{action}")
async def decide(hall: TheHall, person: Leader, id: PersonId, action: str, fields: Form) -> Response:
    """A new link (the old one ends), leave or return, votes kept out of boards or brought back."""
    subject = hall.people.get(id)
    if subject is None or subject.role is not Role.ANNOTATOR:
        raise Turned(404, "not_found", "there is no such annotator")
    if action == "relink":
        hall.keep(replace(subject, link=subject.link + 1))
    elif action in ("leave", "return"):
        hall.keep(replace(subject, active=action == "return"))
    elif action in ("exclude", "restore") and subject.study:
        async with hall.lock(subject):
            events = voters.exclusions(
                hall.room(subject.study).desk,
                subject.judge,
                restore=action == "restore",
                reason=f"by {person.id}: {fields.get('reason', '')}"[:300],
                at=hall.now(),
            )
            await hall.append(subject.study, events)
    else:
        raise Turned(404, "not_found", "there is nothing here")
    hall.register.audit(at=hall.now(), who=person.id, what=action, detail=id)
    place = f"job/{subject.job}" if subject.job else f"study/{subject.study}"
    return RedirectResponse(f"/desk/{place}", status_code=303)


@router.get("/study/{study}/export/{name}")
async def export(hall: TheHall, person: Leader, study: StudyName, name: str) -> Response:
    """Raw events, boards and the pay log."""
    if name not in DOWNLOADS:
        raise Turned(404, "not_found", f"there is no such export; there are {', '.join(DOWNLOADS)}")
    room = hall.room(study)
    await hall.catch_up()
    hall.register.audit(at=hall.now(), who=person.id, what="export", detail=f"{study}: {name}")
    headers = {"content-disposition": f'attachment; filename="{study}-{name}"'}
    if name == "board.json":
        text = boards.to_json(await room.display.views(), study=study)
        return PlainTextResponse(text, media_type=DOWNLOADS[name], headers=headers)
    events = sorted(room.desk.events, key=lambda e: e.number or 0)
    if name == "events.jsonl":
        text = "".join(exports.events_jsonl(events))
        return PlainTextResponse(text, media_type=DOWNLOADS[name], headers=headers)
    columns: Sequence[str]
    if name.startswith("events"):
        columns = exports.EVENT_COLUMNS
        rows = exports.event_rows(events, matches=room.desk.matches, samples=room.desk.samples)
    elif name.startswith("board"):
        columns, rows = exports.BOARD_COLUMNS, exports.board_rows(room.live.view())
    else:
        people = [p for p in hall.people.values() if p.study == study]
        columns, rows = exports.PAY_COLUMNS, [_pay(hall, room, p) for p in people]
    content = exports.parquet(columns, rows) if name.endswith(".parquet") else exports.table(columns, rows).encode()
    return Response(content, media_type=DOWNLOADS[name], headers=headers)


def _pay(hall: Hall, room: Room, person: Person) -> dict[str, object]:
    votes = room.desk.done(person)
    right, asked = progress.gold_score(room.desk, person.judge)
    conduct = room.desk.conduct
    return {
        "person": person.judge,
        "external": person.external,
        "name": person.name,
        "role": str(person.role),
        "languages": " ".join(f"{tag}:{level}" for tag, level in person.languages.items()),
        "votes": votes,
        "quota": room.desk.quota(person),
        "minutes": round(progress.seconds(room.desk, person.judge) / 60.0, 1),
        "gold": f"{right}/{asked}",
        "check": person.check,
        "code": hall.signer.completion_code(person) if votes >= room.desk.quota(person) else "",
        "pay": round(votes * conduct.pay_per_vote, 2),
        "currency": conduct.currency,
        "active": person.active,
    }


@router.get("/audit")
async def audit(request: Request, hall: TheHall, person: Leader) -> Response:
    """Who did what; for admins."""
    if person.role is not Role.ADMIN:
        raise Turned(404, "not_found", "there is nothing here")
    return page(request, "audit.html", entries=hall.register.audited())
