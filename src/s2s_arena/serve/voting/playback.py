"""Clips of the voting hall: the tokens they are fetched by, the clips themselves, what was sent and what was heard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from s2s_arena.arena import blinding
from s2s_arena.protocols import Store
from s2s_arena.records.identity import MatchId
from s2s_arena.records.matches import Match
from s2s_arena.serve.hearing import clips, practice
from s2s_arena.serve.hearing.clips import Clip
from s2s_arena.serve.hearing.listening import Missing, Span, missing, union
from s2s_arena.serve.people.person import Person
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.voting.rooms import Room

T = TypeVar("T")
CLIPS = ("instruction", *blinding.SIDES)


class Apart(Protocol):
    """Does slow work beside the event loop."""

    async def __call__(self, work: Callable[..., T], *args: object) -> T:
        """What the work returns."""
        ...


@dataclass(frozen=True, slots=True)
class _Source:
    study: str
    match: MatchId
    name: str


class Playback:
    """What people are played. Its methods are called from one event loop.

    Args:
        store: Of the audio.
        key: Of the tokens.
        room: A study's room.
        apart: Where clips are made.
        clock: Seconds since the epoch.
        shared: Where other servers learn what was sent and heard here; None where there are no others.
    """

    def __init__(
        self,
        store: Store,
        *,
        key: bytes,
        room: Callable[[str], Room],
        apart: Apart,
        clock: Callable[[], float],
        shared: Register | None = None,
    ) -> None:
        self._store, self._audio_key, self._room, self._apart, self._clock = store, key, room, apart, clock
        self._began, self._shared = clock(), shared
        self._sources: dict[str, _Source] = {}
        self._named: set[MatchId] = set()  # whose tokens are among the sources
        self._sent: dict[tuple[str, str], float] = {}  # (person, token) -> when
        self._heard: dict[str, dict[str, tuple[Span, ...]]] = {}  # assignment -> clip -> intervals

    def tokens(self, study: str, match: Match) -> Mapping[str, str]:
        """Clip -> token of one match; they can be fetched from now on by those who were given the match."""
        found = {}
        self._named.add(match.id)
        for name in CLIPS:
            token = blinding.token(match.id, name, secret=self._audio_key)
            found[name] = token
            self._sources.setdefault(token, _Source(study, match.id, name))
        return found

    async def clip(self, person: Person, token: str) -> Clip | None:
        """The clip of a token, if its match was given to the person."""
        source = self._sources.get(token) or self._searched(person, token)
        if source is None or source.study != person.study:
            return None
        room = self._room(source.study)
        if not room.desk.may_hear(person, source.match):
            return None
        return await self._apart(self._made, room, source, token)

    def _searched(self, person: Person, token: str) -> _Source | None:
        """The source of a token that was made before a restart, or by another server."""
        for match in self._room(person.study).desk.given(person):
            if match.id not in self._named:
                self.tokens(person.study, match)
        return self._sources.get(token)

    def _made(self, room: Room, source: _Source, token: str) -> Clip:
        match = room.desk.matches[source.match]
        if source.name == "instruction":
            return room.clips.clip(token, clips.pieces(room.desk.samples[match.sample], None, store=self._store))
        # Both answers are made when either is asked for: how long one of them takes tells nothing about it.
        both = {}
        for side in blinding.SIDES:
            take = room.desk.takes[getattr(match, side)]
            made_of = clips.pieces(room.desk.samples[take.sample], take, store=self._store)
            both[side] = room.clips.clip(blinding.token(match.id, side, secret=self._audio_key), made_of)
        return both[source.name]

    async def sent(self, person: Person, token: str) -> None:
        """Note when a clip was first sent: nobody can have heard it before."""
        if (person.id, token) not in self._sent:
            at = self._sent[person.id, token] = self._clock()
            if self._shared is not None:
                await self._apart(self._shared.sent, person.id, token, at)

    async def sent_at(self, person: Person, tokens: Sequence[str]) -> Mapping[str, float]:
        """Token -> when its clip was first sent to a person, here or by another server, of those that were."""
        if self._shared is not None:
            for token, at in (await self._apart(self._shared.sent_before, person.id, tokens)).items():
                self._sent[person.id, token] = min(at, self._sent.get((person.id, token), at))
        return {token: self._sent[person.id, token] for token in tokens if (person.id, token) in self._sent}

    async def hear(self, person: Person, assignment: str, heard: Mapping[str, Sequence[Sequence[float]]]) -> None:
        """Add what a page says was heard, so that another tab or a reload goes on from there."""
        desk = self._room(person.study).desk
        desk.assignment(assignment, person)
        added = {name: heard.get(name, ()) for name in CLIPS}
        if self._shared is not None and any(added.values()) and desk.conduct.listen > 0.0:
            known = await self._apart(self._shared.hear, assignment, partial(_together, added))
            self._heard[assignment] = _together(known, {})
        else:
            self._heard[assignment] = _together(added, self._heard.get(assignment, {}))

    async def recall(self, assignment: str) -> None:
        """Learn what other servers were told of an assignment."""
        if self._shared is not None:
            known = await self._apart(self._shared.heard, assignment)
            self._heard[assignment] = _together(self._heard.get(assignment, {}), known)

    def heard(self, assignment: str) -> Mapping[str, tuple[Span, ...]]:
        """What was heard so far for an assignment."""
        return self._heard.get(assignment, {})

    def voted(self, assignment: str) -> None:
        """Forget what was heard for an assignment: its vote is stored."""
        self._heard.pop(assignment, None)

    async def lacking(self, person: Person, room: Room, match: MatchId, assignment: str) -> tuple[Missing, ...]:
        """What must still be heard before this person may vote on this match."""
        share = room.desk.conduct.listen
        if share <= 0.0:
            return ()
        tokens = self.tokens(person.study, room.desk.matches[match])
        await self.sent_at(person, tuple(tokens.values()))
        durations: dict[str, float] = {}
        waited: dict[str, float | None] = {}
        for name, token in tokens.items():
            made = await self.clip(person, token)
            if made is None or not made.turns:
                continue  # an instruction without speech
            durations[name] = made.duration_s
            waited[name] = self._waited(person, token, assignment)
        return missing(self.heard(assignment), durations_s=durations, waited_s=waited, share=share)

    def _waited(self, person: Person, token: str, assignment: str) -> float | None:
        sent = self._sent.get((person.id, token))
        if sent is None:
            given = self._room(person.study).desk.given_at(assignment, person)
            # What was sent before a restart is forgotten; the stored assignment still says since when.
            sent = given if given < self._began else None
        return None if sent is None else self._clock() - sent

    async def practice_items(self, person: Person) -> tuple[practice.Item, ...]:
        """Practice items in the person's languages."""
        room = self._room(person.study)
        samples = [s for s in room.desk.samples.values() if person.speaks(s.language)]
        kind = ",".join(sorted({s.language for s in samples}))
        if kind not in room.practice:
            token = blinding.token(MatchId(f"practice/{person.study}/{kind}"), "first", secret=self._audio_key)
            work = partial(
                practice.items,
                samples,
                list(room.desk.takes.values()),
                store=self._store,
                policy=room.policy,
                token=token,
            )
            room.practice[kind] = await self._apart(work)
        return room.practice[kind]


def _together(
    some: Mapping[str, Sequence[Sequence[float]]], others: Mapping[str, Sequence[Sequence[float]]]
) -> dict[str, tuple[Span, ...]]:
    """Clip -> what was heard of it by either account."""
    return {name: union([*others.get(name, ()), *some.get(name, ())], duration_s=3600.0)[:200] for name in CLIPS}
