"""Replays a workspace and compares: every hash, every reference, every vote, every board that was written."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from s2s_arena.boards.published import boards_of
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.errors import ArenaError
from s2s_arena.protocols import Progress, Store
from s2s_arena.records.boards import Board, PublishedBoard
from s2s_arena.records.codec import encode, parse
from s2s_arena.records.identity import RULE_FAILURE, AudioHash, JudgeName, MatchId, ResponseKey, StudyName
from s2s_arena.records.matches import Match, match_id
from s2s_arena.records.responses import Response, Take, take_of
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Consent
from s2s_arena.records.studies import Study
from s2s_arena.records.verdicts import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was checked, and what is wrong."""

    suites: int
    responses: int
    matches: int
    events: int
    audio: int
    boards: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def run(store: Store, *, reports: Sequence[Path] = (), progress: Progress | None = None) -> Summary:
    """Check everything in a store, and boards of earlier reports against boards replayed up to their event.

    Args:
        store: What to check.
        reports: Files `data/report.json` of earlier reports.
        progress: Told of each waveform.
    """
    suites = list(store.all(Suite))
    responses = {r.key: r for r in store.all(Response)}
    matches = list(store.all(Match))
    studies = _latest(store)
    # Earlier versions of a suite still name what a speaker has withdrawn; that it is gone is as it should be.
    withdrawn = {consent.audio for consent in store.all(Consent) if consent.withdrawn}
    wanted = [hash for hash in _audio(suites, responses.values()) if hash not in withdrawn]
    problems = [*_takes(store, responses), *_matches(store, matches, studies)]
    events, found = _events(store, {m.id: m for m in matches}, studies)
    problems += found
    problems += _waveforms(store, wanted, progress)
    compared = 0
    for path in reports:
        compared += 1
        problems += _replayed(store, path, studies)
    for published in store.all(PublishedBoard):
        compared += 1
        problems += _published(store, published, studies)
    return Summary(
        suites=len(suites),
        responses=len(responses),
        matches=len(matches),
        events=events,
        audio=len(wanted),
        boards=compared,
        problems=tuple(problems),
    )


def replay(store: Store, study: Study, *, like: Board) -> Board:
    """The board of a study as it stood after event `like.up_to`, made the way `like` was made."""
    votes = current(store.events(study=study.name, up_to=like.up_to), up_to=like.up_to)
    matches = tuple(store.all(Match, study=study.name))
    ids = {take for match in matches for take in (match.first, match.second)}
    return board(
        matches,
        votes,
        systems=like.systems,
        method=like.method,
        judge=JudgeName(like.judge) if like.judge else None,
        seed=like.seed,
        bootstraps=like.bootstraps,
        takes=[take for take in store.all(Take) if take.id in ids],
        outcomes=study.rules.outcomes,
    )


def _latest(store: Store) -> dict[StudyName, Study]:
    latest: dict[StudyName, Study] = {}
    for study in store.all(Study):
        if study.name not in latest or latest[study.name].revision < study.revision:
            latest[study.name] = study
    return latest


def _audio(suites: Iterable[Suite], responses: Iterable[Response]) -> list[AudioHash]:
    hashes = [t.speech.hash for s in suites for sample in s.samples for t in sample.turns if t.speech]
    hashes += [r.speech.hash for r in responses if r.speech]
    return list(dict.fromkeys(hashes))


def _takes(store: Store, responses: Mapping[ResponseKey, Response]) -> Iterator[str]:
    for take in store.all(Take):
        parts = [responses[key] for key in take.responses if key in responses]
        if len(parts) < len(take.responses):
            yield f"take {take.id[:12]} of {take.system} on {take.sample}: a response is missing"
        elif take_of(parts) != take:
            yield f"take {take.id[:12]} of {take.system} on {take.sample}: does not follow from its responses"


def _matches(store: Store, matches: Sequence[Match], studies: Mapping[StudyName, Study]) -> Iterator[str]:
    takes = store.keys(Take)
    for match in matches:
        expected = match_id(
            study=match.study,
            round=match.round,
            index=match.index,
            first=match.first,
            second=match.second,
            purpose=match.purpose,
        )
        if match.id != expected:
            yield f"match {match.id[:12]}: its id does not follow from its content"
        if match.study not in studies:
            yield f"match {match.id[:12]}: study {match.study} is missing"
        for take in (match.first, match.second):
            if take not in takes:
                yield f"match {match.id[:12]}: take {take[:12]} is missing"


def _events(
    store: Store, matches: Mapping[MatchId, Match], studies: Mapping[StudyName, Study]
) -> tuple[int, list[str]]:
    problems: list[str] = []
    last = 0
    for event in store.events():
        if event.number != last + 1:
            problems.append(f"event {event.number}: follows number {last}; events are missing")
        last = event.number or last + 1
        match, study = matches.get(event.match), studies.get(event.study)
        if match is None or study is None:
            problems.append(f"event {last}: its match or study is missing")
        elif event.kind is EventKind.VOTE and event.verdict is not None:
            verdict = event.verdict
            if (verdict.match, verdict.judge, verdict.order) != (match.id, event.judge, (match.round, match.index)):
                problems.append(f"event {last}: the verdict is of another match, judge or place")
            if verdict.outcome not in study.rules.outcomes:
                problems.append(f"event {last}: outcome {verdict.outcome.value} is not legal in study {study.name}")
            # A study that names no judges is open to all, and people are admitted by the register.
            admitted = not study.judges or event.judge in (*study.judges, RULE_FAILURE)
            if not admitted and not event.judge.startswith("person:"):
                problems.append(f"event {last}: judge {event.judge} is not in study {study.name}")
        elif event.kind is EventKind.VOTE:
            problems.append(f"event {last}: a vote without a verdict")
    return last, problems


def _waveforms(store: Store, hashes: Sequence[AudioHash], progress: Progress | None) -> list[str]:
    problems = []
    if progress:
        progress.begin("audio", len(hashes))
    for hash in hashes:
        try:
            store.audio(hash)
        except ArenaError as error:
            problems.append(str(error))
        if progress:
            progress.advance()
    if progress:
        progress.end()
    return problems


def _published(store: Store, published: PublishedBoard, studies: Mapping[StudyName, Study]) -> Iterator[str]:
    name = f"study {published.study}: published board {published.version}"
    if published.study not in studies:
        yield f"{name}: the study is missing"
        return
    one = next(iter(published.boards.values()))
    study = replace(studies[published.study], systems=one.systems)  # others may have come since
    again = boards_of(
        study,
        matches=tuple(store.all(Match, study=study.name)),
        events=tuple(store.events(study=study.name, up_to=published.up_to)),
        bootstraps=one.bootstraps,
    )
    if encode(again) != encode(dict(published.boards)):
        yield f"{name}: replaying the log up to event {published.up_to} gives other boards"


def _replayed(store: Store, path: Path, studies: Mapping[StudyName, Study]) -> Iterator[str]:
    try:
        text = json.loads(path.read_text(encoding="utf-8"))
        written, name = parse(Board, text["board"]), StudyName(text["study"])
    except (OSError, ValueError, KeyError, ArenaError) as error:
        yield f"{path}: not a report's data ({error})"
        return
    if name not in studies:
        yield f"{path}: study {name} is missing"
        return
    again = replay(store, studies[name], like=written)
    if encode(again) != encode(written):
        places = {s.system: s for s in again.standings}
        moved = [
            f"{s.system} {s.bt:.2f} -> {places[s.system].bt:.2f}"
            for s in written.standings
            if s.system in places and abs(s.bt - places[s.system].bt) > 1e-6
        ]
        yield f"{path}: the replayed board differs: {', '.join(moved) or 'in its counts or intervals'}"
