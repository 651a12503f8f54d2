"""The JSON side of voting: the task, its clips, votes, undoing, practice and the check of headphones."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse

from s2s_arena.errors import IllegalVoteError
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Criterion
from s2s_arena.records.verdicts import CriterionOutcome, Verdict
from s2s_arena.serve.hearing import checks
from s2s_arena.serve.hearing.practice import Item
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.voting.drawing import chance
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.voting.playback import CLIPS
from s2s_arena.serve.voting.tasks import Task
from s2s_arena.serve.web.asking import Annotator, TheHall, Turned, same_site
from s2s_arena.serve.web.bodies import CheckBody, HeardBody, PracticeBody, UndoBody, VoteBody, raw_of

router = APIRouter(prefix="/api", tags=["voting"])
Token = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Changing = Depends(same_site)
VERSION = "serve/1"


@router.get("/task")
async def task(hall: TheHall, person: Annotator) -> JSONResponse:
    """Where the person stands, and the task in front of them."""
    async with hall.lock(person):
        return JSONResponse(await standing(hall, person))


@router.post("/vote", dependencies=[Changing])
async def vote(hall: TheHall, person: Annotator, body: VoteBody) -> JSONResponse:
    """Accept a vote, durably, and say what comes next. The same key and body again gives the same event."""
    person = await _ready(hall, person)
    room = hall.room(person.study)
    async with hall.lock(person):
        assignment = await hall.given(person, body.assignment)
        match = room.desk.matches[assignment.match]
        if (body.both_bad is None) is room.desk.conduct.ask_both_bad:
            raise IllegalVoteError(f"both_bad: {body.both_bad} given; this study asks otherwise, reload the page")
        await hall.playback.hear(person, assignment.id, body.heard.model_dump())
        verdict = Verdict(
            match=match.id,
            study=match.study,
            judge=person.judge,
            order=(match.round, match.index),
            outcome=body.outcome,
            criteria={Criterion(c): CriterionOutcome(outcome=o) for c, o in body.criteria.items()},
            reason=body.reason,
            raw=raw_of(body.model_dump(mode="json")),
            parsed="person",
            judge_version=VERSION,
            seconds=body.seconds,
            both_bad=body.both_bad,
        )
        event = await hall.vote(person, verdict, key=body.key, assignment=assignment.id)
        said: dict[str, Any] = {"accepted": True, "event": event.number, "next": await standing(hall, person)}
        if room.desk.conduct.reveal:
            said["revealed"] = {"first": match.first_system, "second": match.second_system}
        return JSONResponse(said)


@router.post("/undo", dependencies=[Changing])
async def undo(hall: TheHall, person: Annotator, body: UndoBody) -> JSONResponse:
    """Take the last vote back; its task is open again."""
    if hall.room(person.study).desk.conduct.reveal:
        raise IllegalVoteError("undo: not in a study that reveals the systems after each vote")
    async with hall.lock(person):
        event = await hall.undo(person, key=body.key, assignment=body.assignment)
        return JSONResponse({"accepted": True, "event": event.number, "next": await standing(hall, person)})


@router.post("/heard", dependencies=[Changing])
async def heard(hall: TheHall, person: Annotator, body: HeardBody) -> JSONResponse:
    """Remember what was heard so far, for a reload or another tab."""
    assignment = await hall.given(person, body.assignment)
    await hall.playback.hear(person, assignment.id, body.heard.model_dump())
    return JSONResponse({"heard": hall.playback.heard(assignment.id)})


@router.get("/clip/{token}", response_class=Response)
async def clip(hall: TheHall, person: Annotator, token: Token) -> Response:
    """A clip of an assigned match, as WAV."""
    made = await hall.playback.clip(person, token)
    if made is None:
        raise Turned(404, "not_found", "there is no such clip for you: reload the page")
    await hall.playback.sent(person, token)
    return Response(made.wav, media_type="audio/wav")


@router.get("/clip/{token}/peaks")
async def peaks(hall: TheHall, person: Annotator, token: Token) -> JSONResponse:
    """What the waveform is drawn from: 240 peaks (0..1), length, and who speaks when."""
    made = await hall.playback.clip(person, token)
    if made is None:
        raise Turned(404, "not_found", "there is no such clip for you: reload the page")
    return JSONResponse({"duration_s": made.duration_s, "peaks": made.peaks, "turns": made.turns})


# ------------------------------------------------------------------------------------- practice and check


@router.post("/practice", dependencies=[Changing])
async def practise(hall: TheHall, person: Annotator, body: PracticeBody) -> JSONResponse:
    """Whether a choice on a practice item is right, and why."""
    items = {item.id: item for item in await hall.playback.practice_items(person)}
    if body.item not in items:
        raise Turned(404, "not_found", "there is no such practice item")
    item = items[body.item]
    last = max(items) == body.item
    if last and not person.practised:
        hall.keep(replace(person, practised=hall.now()))
    said = {"right": body.outcome == item.right, "answer": item.right, "reason": item.reason, "last": last}
    return JSONResponse(said)


@router.get("/practice/{item}/{name}", response_class=Response)
async def practice_clip(hall: TheHall, person: Annotator, item: str, name: str) -> Response:
    """A clip of a practice item."""
    for found in await hall.playback.practice_items(person):
        if found.id == item and name in found.clips:
            return Response(found.clips[name].wav, media_type="audio/wav")
    raise Turned(404, "not_found", "there is no such practice clip")


@router.get("/practice/{item}/{name}/peaks")
async def practice_peaks(hall: TheHall, person: Annotator, item: str, name: str) -> JSONResponse:
    """Its waveform."""
    for found in await hall.playback.practice_items(person):
        if found.id == item and name in found.clips:
            made = found.clips[name]
            return JSONResponse({"duration_s": made.duration_s, "peaks": made.peaks, "turns": made.turns})
    raise Turned(404, "not_found", "there is no such practice clip")


@router.get("/check")
async def check(hall: TheHall, person: Annotator) -> JSONResponse:
    """The questions of the headphone and hearing check."""
    asked = checks.trials(_check_seed(hall, person))
    shown = [{"id": t.id, "kind": t.kind, "choices": t.choices, "url": f"/api/check/{t.id}"} for t in asked]
    return JSONResponse({"trials": shown, "attempts_left": _attempts_left(person), "result": person.check})


@router.get("/check/{trial}", response_class=Response)
async def check_clip(hall: TheHall, person: Annotator, trial: str) -> Response:
    """The sound of one question."""
    for asked in checks.trials(_check_seed(hall, person)):
        if asked.id == trial:
            return Response(checks.sound(asked), media_type="audio/wav")
    raise Turned(404, "not_found", "there is no such question")


@router.post("/check", dependencies=[Changing])
async def checked(hall: TheHall, person: Annotator, body: CheckBody) -> JSONResponse:
    """The outcome: pass, fail, or unavailable, which excludes nobody by itself."""
    if body.unavailable:
        hall.keep(replace(person, check="unavailable"))
        return JSONResponse({"result": "unavailable", "attempts_left": 0})
    if person.check == "pass" or _attempts_left(person) == 0:
        return JSONResponse({"result": person.check or "fail", "attempts_left": 0})
    good = checks.passed(checks.trials(_check_seed(hall, person)), body.answers)
    person = hall.keep(replace(person, check_attempts=person.check_attempts + 1))
    left = 0 if good else _attempts_left(person)
    if good or not left:
        hall.keep(replace(person, check="pass" if good else "fail"))
    return JSONResponse({"result": "pass" if good else "fail", "attempts_left": left})


# ------------------------------------------------------------------------------------------------ standing


async def standing(hall: Hall, person: Person) -> dict[str, Any]:
    """Where a person stands: begin, check, practice, task, wait, paused or done. The caller holds their lock."""
    desk = hall.room(person.study).desk
    done, quota = desk.done(person), desk.quota(person)
    may_undo = not desk.conduct.reveal
    said: dict[str, Any] = {"progress": {"done": done, "quota": quota}}
    said["undo"] = desk.last_vote(person) if may_undo else None
    before = stage_before(hall, person)
    if before == "practice":
        items = await hall.playback.practice_items(person)
        if items:
            return said | {
                "state": "practice",
                "practice": [_practice(item, listen=desk.conduct.listen) for item in items],
            }
        person = hall.keep(replace(person, practised=hall.now()))
    elif before is not None:
        return said | {"state": before}
    found = await hall.task(person)
    if found is not None:
        if not found.new:
            await hall.playback.recall(found.assignment.id)
        return said | {"state": "task", "task": _shown(hall, person, found)}
    if done >= quota:
        return said | {"state": "done"}
    return said | {"state": "paused" if desk.conduct.paused else "wait"}


def stage_before(hall: Hall, person: Person) -> str | None:
    """What comes before tasks: begin, check or practice; None if nothing."""
    conduct = hall.room(person.study).desk.conduct
    if not person.began:
        return "begin"
    if conduct.check != "off" and not person.check:
        return "check"
    if conduct.check == "require" and person.check == "fail":
        return "check"
    return "practice" if conduct.practice and not person.practised else None


async def _ready(hall: Hall, person: Person) -> Person:
    before = stage_before(hall, person)
    if before is not None and hall.shared:
        await hall.catch_up()
        person = hall.people[person.id]
        before = stage_before(hall, person)
    if before is not None:
        raise IllegalVoteError(f"vote: {before} comes first; reload the page")
    return person


def _shown(hall: Hall, person: Person, found: Task) -> dict[str, Any]:
    """A task as the page gets it: nothing in it depends on the systems or on why the match is played."""
    desk = hall.room(person.study).desk
    tokens = hall.playback.tokens(person.study, found.match)
    first = chance(desk.study, "played first", found.match.id) < 0.5
    return {
        "assignment": found.assignment.id,
        **_about(found.sample),
        "clips": {name: {"url": f"/api/clip/{tokens[name]}"} for name in CLIPS},
        "suggested": "first" if first else "second",  # which answer to play first
        "outcomes": [str(outcome) for outcome in desk.study.rules.outcomes],
        "criteria": [str(criterion) for criterion in desk.study.rules.criteria],
        "ask_both_bad": desk.conduct.ask_both_bad,
        "listen": desk.conduct.listen,
        "heard": hall.playback.heard(found.assignment.id),
    }


def _practice(item: Item, *, listen: float) -> dict[str, Any]:
    return {
        "item": item.id,
        **_about(item.sample),
        "clips": {name: {"url": f"/api/practice/{item.id}/{name}"} for name in CLIPS},
        "suggested": "first",
        "outcomes": ["first", "second"],
        "criteria": [],
        "ask_both_bad": False,
        "listen": listen,
        "heard": {},
    }


def _about(sample: Sample) -> Mapping[str, Any]:
    return {
        "language": sample.language,
        "level": None if sample.level is None else str(sample.level),
        "domain": sample.domain,
        "task": sample.task,
        "guideline": sample.guideline,
        "turns": len(sample.turns),
    }


def _check_seed(hall: Hall, person: Person) -> str:
    return hashlib.sha256(hall.signer.subkey(f"check/{person.id}/{person.check_attempts}")).hexdigest()


def _attempts_left(person: Person) -> int:
    return max(0, checks.ATTEMPTS - person.check_attempts)
