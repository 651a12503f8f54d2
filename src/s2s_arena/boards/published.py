"""Publishing a study's boards: every variant that took part, who judged, who organised, and a log to replay."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from s2s_arena.boards.reliability import model_warnings, shared_weights
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.protocols import Store
from s2s_arena.records.boards import Board, JudgeReliability, PublishedBoard, Variant
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, StudyName, SystemName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import Card, JudgeCard, SystemCard
from s2s_arena.records.verdicts import Event

PEOPLE = "people"
BOOTSTRAPS = 1000


def publish(
    revisions: Sequence[Study],
    *,
    version: int,
    at: str,
    matches: Sequence[Match],
    events: Sequence[Event],
    takes: Iterable[Take],
    responses: Iterable[Response],
    organiser: str,
    interests: str,
    note: str = "",
    judges: Mapping[str, JudgeCard] | None = None,
    systems: Mapping[str, SystemCard] | None = None,
    records: Iterable[JudgeReliability] = (),
    bootstraps: int = BOOTSTRAPS,
) -> PublishedBoard:
    """The boards as they stand, with all that a reader needs to doubt them.

    Args:
        revisions: Of the study, oldest first: a system that was in any of them took part.
        version: One more than the last.
        at: ISO 8601 UTC.
        matches: Of the study.
        events: Of the study, in order.
        takes: Of any system and sample.
        responses: Of any; they say with which settings a take was made.
        organiser: As stated.
        interests: As stated.
        note: For readers.
        judges: Cards of judges by name, where there are any.
        systems: Cards of systems by name, where there are any.
        records: What is known of judges' reliability.
        bootstraps: Resamples of each board.
    """
    study = revisions[-1]
    up_to = max((event.number or 0 for event in events), default=0)
    known, cards = judges or {}, systems or {}
    contestants = {str(name): cards[name] for name in study.systems if name in cards}
    models = sorted({e.judge for e in events if _model(e)})
    reliability = tuple(records)
    return PublishedBoard(
        study=study.name,
        version=version,
        at=at,
        up_to=up_to,
        suite=study.suite,
        suite_hash=study.suite_hash,
        organiser=organiser,
        interests=interests,
        judges=tuple(_judges(events, models, known)),
        conflicts=tuple(w for m in models if m in known for w in shared_weights(known[m], contestants, judges=known)),
        variants=_variants(revisions, matches, takes, responses),
        boards=boards_of(study, matches=matches, events=events, bootstraps=bootstraps),
        note=note,
        warnings=tuple(
            warning
            for name in models
            for warning in model_warnings(name, records=reliability, version=_version(events, name), judges=known)
        ),
    )


def published_next(
    store: Store,
    name: StudyName,
    *,
    at: str,
    organiser: str,
    interests: str,
    note: str = "",
    judges: Mapping[str, JudgeCard] | None = None,
    systems: Mapping[str, SystemCard] | None = None,
) -> PublishedBoard:
    """Publish a study's boards as the store has them, as the next version; arguments as in `publish`.

    Raises:
        InputError: Nobody has voted, the organiser or the conflicts of interest are not stated, or somebody else has
            published at the same moment.
    """
    for what, said in (("organiser", organiser), ("conflicts of interest", interests)):
        if not said.strip():
            raise InputError(f"study {name}: {what} not stated; a published board says it ('none' is an answer)")
    events = tuple(store.events(study=name))
    if not any(event.verdict is not None for event in events):
        raise InputError(f"study {name}: no votes yet; there is nothing to publish")
    earlier = [board.version for board in store.all(PublishedBoard, study=name)]
    made = publish(
        sorted(store.all(Study, name=name), key=lambda study: study.revision),
        version=max(earlier, default=0) + 1,
        at=at,
        matches=tuple(store.all(Match, study=name)),
        events=events,
        takes=store.all(Take),
        responses=store.all(Response),
        organiser=organiser,
        interests=interests,
        note=note,
        judges=judges,
        systems=systems,
        records=store.all(JudgeReliability),
    )
    if not store.put(made):
        raise InputError(f"study {name}: version {made.version} was published at the same moment; look at it first")
    return made


def boards_of(
    study: Study, *, matches: Sequence[Match], events: Sequence[Event], bootstraps: int = BOOTSTRAPS
) -> dict[str, Board]:
    """The board of people together, and of each model judge: what replaying a published board makes again.

    Only matches that something was said on count: what is drawn later changes no board.
    """
    said_on = {event.match for event in events}
    heard = [match for match in matches if match.id in said_on]
    found: dict[str, Board] = {}
    for who in (PEOPLE, *sorted({e.judge for e in events if _model(e)})):
        own = [e for e in events if e.judge == RULE_FAILURE or (who == PEOPLE and _person(e)) or e.judge == who]
        found[who] = board(
            heard,
            current(own),
            systems=study.systems,
            seed=study.seed,
            bootstraps=bootstraps,
            outcomes=study.rules.outcomes,
        )
    return found


def _person(event: Event) -> bool:
    return event.judge.startswith("person:")


def _model(event: Event) -> bool:
    return not _person(event) and event.judge != RULE_FAILURE


def _version(events: Sequence[Event], judge: JudgeName) -> str | None:
    """The version of a judge that voted last."""
    said = (e.verdict.judge_version for e in reversed(events) if e.judge == judge and e.verdict is not None)
    return next((version for version in said if version), None)


def _judges(events: Sequence[Event], models: Sequence[str], cards: Mapping[str, Card]) -> Iterable[str]:
    people = {e.judge for e in events if _person(e) and e.verdict is not None}
    votes = sum(_person(e) and e.verdict is not None for e in events)
    yield f"people: {len(people)} under pseudonyms, {votes} votes given, blind to systems"
    for name in models:
        own = [e for e in events if e.judge == name and e.verdict is not None]
        versions = sorted({e.verdict.judge_version for e in own if e.verdict is not None})
        card = cards.get(name)
        what = (
            f"{card.title}, {card.organisation or card.backbone or card.model}" if card else "no card in the workspace"
        )
        yield f"{name}: {what}; version {', '.join(versions) or 'not told'}; {len(own)} votes"


def _variants(
    revisions: Sequence[Study], matches: Sequence[Match], takes: Iterable[Take], responses: Iterable[Response]
) -> tuple[Variant, ...]:
    heard: Counter[str] = Counter(take for match in matches for take in (match.first, match.second))
    ever = {system for study in revisions for system in study.systems}
    settings = {response.key: response.settings for response in responses if response.system in ever}
    counts: dict[tuple[SystemName, str], list[int]] = {}
    for take in takes:
        if take.system in ever:
            made = settings.get(take.responses[0], "") if take.responses else ""
            row = counts.setdefault((take.system, made), [0, 0, 0])
            row[0] += 1
            row[1] += take.failure is not None
            row[2] += heard[take.id]
    for system in ever - {system for system, _ in counts}:
        counts[system, ""] = [0, 0, 0]
    return tuple(
        Variant(
            system=system,
            settings=made,
            takes=answered,
            failed=failed,
            matches=played,
            contestant=system in revisions[-1].systems,
        )
        for (system, made), (answered, failed, played) in sorted(counts.items())
    )
