"""The voting hall: every study's desk, who is in it, and the one way in which votes and tasks become durable."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.protocols import Record, Store
from s2s_arena.records.matches import Purpose
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import Card
from s2s_arena.records.verdicts import Event, Verdict
from s2s_arena.serve.hearing import clips
from s2s_arena.serve.hearing.clips import Clips, Policy
from s2s_arena.serve.hearing.listening import Unheard
from s2s_arena.serve.live.boards import LiveBoards
from s2s_arena.serve.live.display import Display
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.tokens import Signer
from s2s_arena.serve.voting import drawing
from s2s_arena.serve.voting.desk import StudyDesk, Task
from s2s_arena.serve.voting.drawing import Drawer
from s2s_arena.serve.voting.playback import Playback
from s2s_arena.serve.voting.rooms import Room
from s2s_arena.serve.voting.writer import Writer

T = TypeVar("T")
ROUNDS_AT_ONCE = 8  # drawn in search of a task in somebody's language
WAITING = 2  # matches for each person who still votes
MOST_WAITING = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Where studies, suites, takes and cards come from."""

    study: Callable[[str], Study]
    suite: Callable[[Study], Suite]
    takes: Callable[[Suite], Sequence[Take]]
    suites: Callable[[], Sequence[Suite]]
    cards: Callable[[], Mapping[str, Card]] = dict


class Hall:
    """All studies that people vote in. Its methods are called from one event loop.

    Args:
        store: Where matches, assignments and votes are kept.
        register: People and conduct.
        signer: Of links and sessions.
        library: Studies, suites and takes.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        register: Register,
        signer: Signer,
        library: Library,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store, self.register, self.signer, self.clock = store, register, signer, clock
        self.library = library
        self._writer = Writer(store)
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hall")
        self.people: dict[str, Person] = {person.id: person for person in register.people()}
        self.rooms: dict[str, Room] = {}
        self.check_attempts: dict[str, int] = {}
        self._crowds: dict[str, list[Person]] = {}  # by study; made again when somebody comes or changes
        self._locks: dict[str, asyncio.Lock] = {}
        self.playback = Playback(store, key=signer.subkey("audio"), room=self.room, apart=self.apart, clock=self.clock)
        for conduct in register.conducts():
            self._open(conduct)

    def close(self) -> None:
        """Write what waits and stop."""
        self._workers.shutdown()
        self._writer.close()
        self.register.close()

    def now(self) -> str:
        """ISO 8601 UTC."""
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="seconds")

    async def apart(self, work: Callable[..., T], *args: object) -> T:
        """Slow work, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, partial(work, *args))

    # -------------------------------------------------------------------------------- people and studies

    def holder(self, found: tuple[str, int] | None) -> Person | None:
        """The active person of a link or session, if its number is still the current one."""
        if found is None:
            return None
        person = self.people.get(found[0])
        if person is None:
            person = self.register.person(found[0])  # invited by a command meanwhile
            if person is not None:
                self._admit(person)
        return person if person is not None and person.active and person.link == found[1] else None

    def keep(self, person: Person) -> Person:
        """Write a person down."""
        self.register.keep(person)
        self._admit(person)
        return person

    def _admit(self, person: Person) -> None:
        self.people[person.id] = person
        self._crowds.clear()
        if person.study in self.rooms:
            self.rooms[person.study].wanted = math.inf  # to be counted again

    def refresh(self) -> None:
        """Take in people and studies that commands made while the server runs."""
        for person in self.register.people():
            if person.id not in self.people:
                self._admit(person)
        for conduct in self.register.conducts():
            if conduct.study not in self.rooms:
                self._open(conduct)

    def crowd(self, study: str) -> Sequence[Person]:
        """Active annotators of a study."""
        if study not in self._crowds:
            everybody = self.people.values()
            self._crowds[study] = [p for p in everybody if p.study == study and p.role is Role.ANNOTATOR and p.active]
        return self._crowds[study]

    def room(self, study: str) -> Room:
        """A study's room; InputError where people do not vote in it."""
        if study not in self.rooms:
            self._open(self.register.conduct(study))  # created by a command meanwhile
        return self.rooms[study]

    def conduct(self, conduct: Conduct) -> None:
        """Begin a study, or change how it is conducted: what makes clips comparable is fixed at its beginning."""
        old = self.rooms.get(conduct.study)
        if old is not None:
            fixed = old.desk.conduct
            conduct = replace(conduct, rate_hz=fixed.rate_hz, gains=fixed.gains, overlap=fixed.overlap)
            conduct = replace(conduct, even_band=fixed.even_band, band_hz=fixed.band_hz)
        self.register.keep(conduct)
        if old is None:
            self._open(conduct)
        else:
            old.desk.conduct = conduct

    def reread(self) -> None:
        """Open every study again: what can be heard has changed."""
        for conduct in self.register.conducts():
            self._open(conduct)

    def _open(self, conduct: Conduct) -> None:
        # Model judges may be named in later revisions; people are admitted by the register.
        study = replace(self.library.study(conduct.study), judges=())
        suite = self.library.suite(study)
        takes = self.library.takes(suite)
        if not conduct.gains:
            measured = clips.policy(suite, takes, store=self.store, systems=study.systems, even_band=conduct.even_band)
            conduct = replace(conduct, rate_hz=measured.rate_hz, band_hz=measured.band_hz, gains=measured.gains)
            self.register.keep(conduct)
        policy = Policy(rate_hz=conduct.rate_hz, gains=conduct.gains, band_hz=conduct.band_hz)
        desk = StudyDesk(study, conduct, suite, takes=takes, store=self.store, clock=self.clock)
        live = LiveBoards(study.systems, desk.samples)
        for event in desk.events:
            live.add(event, desk.matches[event.match])
        self.rooms[conduct.study] = Room(
            desk=desk,
            clips=Clips(self.store, policy),
            policy=policy,
            live=live,
            display=Display(conduct.study, live, partial(self.catch_up, conduct.study)),
            practice={},
            drawer=Drawer(study, takes),
            drawing=asyncio.Lock(),
            seen=max((event.number or 0 for event in desk.events), default=0),
        )

    # -------------------------------------------------------------------------------------------- voting

    def lock(self, person: Person) -> asyncio.Lock:
        """One thing at a time for each person, however many tabs they have."""
        return self._locks.setdefault(person.id, asyncio.Lock())

    async def task(self, person: Person) -> Task | None:
        """The person's task, stored before it is returned. The caller holds the person's lock."""
        room = self.room(person.study)
        desk = room.desk
        found = desk.task_for(person)
        tries = 0
        while found is None and not desk.conduct.paused and desk.done(person) < desk.quota(person):
            tries += 1
            if tries > ROUNDS_AT_ONCE or not await self._draw(room, person.study, least=1):
                return None
            found = desk.task_for(person)
        if found is not None and found.new:
            hidden = found.match if found.match.purpose is not Purpose.RATED else None
            await self._write([hidden, found.assignment] if hidden else [found.assignment])
            desk.assigned(found.assignment, hidden)
        if desk.waiting < room.wanted and not room.drawing.locked():
            background = asyncio.ensure_future(self._draw(room, person.study))
            background.add_done_callback(lambda done: done.cancelled() or done.exception())
        return found

    async def vote(self, person: Person, verdict: Verdict, *, key: str, assignment: str, check: bool = True) -> Event:
        """Accept a vote, durably; the same vote again gives the same event. The caller holds the person's lock.

        Raises:
            Unheard: Clips were not heard enough.
            IllegalVoteError: As the desk says.
            ConflictError: The key was used for another vote.
            StoreError: It could not be stored; nothing has changed.
        """
        room = self.room(person.study)
        event = room.desk.vote(person, verdict, key=key, at=self.now())
        if event.number is None:
            if check:
                lacking = await self.playback.lacking(person, room, verdict.match, assignment)
                if lacking:
                    raise Unheard(lacking)
            event = await self._append(room, event)
            self.playback.voted(assignment)
        return event

    async def undo(self, person: Person, *, key: str, assignment: str) -> Event:
        """Take the last vote back, durably. The caller holds the person's lock; raises as `vote`."""
        room = self.room(person.study)
        event = room.desk.undo(person, key=key, assignment=assignment, at=self.now())
        return event if event.number is not None else await self._append(room, event)

    async def _append(self, room: Room, event: Event) -> Event:
        (stored,) = await self._write([], [event])
        self._take_in(room, [stored])
        return stored

    def _take_in(self, room: Room, events: Iterable[Event]) -> None:
        for event in events:
            if event.number == room.seen + 1:
                room.seen += 1
            if room.desk.apply(event):
                room.live.add(event, room.desk.matches[event.match])

    async def append(self, study: str, events: Sequence[Event]) -> None:
        """Other events of a study: exclusions and restorations."""
        stored = await self._write([], events)
        self._take_in(self.room(study), stored)

    async def catch_up(self, study: str) -> None:
        """Take in what other processes appended: a model judge's verdicts on the same matches."""
        room = self.room(study)
        read = partial(self._events_after, room.desk.study.name, room.seen)
        events = await self.apart(read)
        for event in events:
            room.seen = max(room.seen, event.number or 0)
        self._take_in(room, events)

    def _events_after(self, study: str, number: int) -> list[Event]:
        return list(self.store.events(study=self.rooms[study].desk.study.name, after=number))

    async def _write(self, records: Sequence[Record], events: Sequence[Event] = ()) -> tuple[Event, ...]:
        return await self._writer.write(records, events)

    async def _draw(self, room: Room, study: str, *, least: int = 0) -> bool:
        """Draw and store the next rounds, as many as are lacking; False if there is nothing to draw from."""
        before = room.desk.next_round
        async with room.drawing:
            desk = room.desk
            if desk.next_round != before:
                return True  # somebody else has drawn meanwhile
            crowd = self.crowd(study)
            samples = desk.drawable(crowd)
            if not samples:
                return False
            hearing = desk.hearing(crowd)  # counted once: it takes as long as a vote for every hundred people
            room.wanted = min(WAITING * hearing, MOST_WAITING)
            for drawn in range(ROUNDS_AT_ONCE):
                if desk.conduct.paused or (drawn >= least and desk.waiting >= room.wanted + hearing):
                    break
                try:
                    await self._draw_round(room, samples)
                except InvalidMatchesError:  # such as where people answered and have withdrawn
                    return drawn > 0
            return True

    async def _draw_round(self, room: Room, samples: Sequence[Sample]) -> None:
        desk, drawer = room.desk, room.drawer
        number, last, changed = desk.next_round, desk.last_event, desk.changed()
        earlier = () if drawer.counts(samples) else tuple(desk.matches.values())

        def draw() -> drawing.Drawn:
            drawer.settle(changed)
            return drawer.draw(samples=samples, number=number, earlier=earlier, last_event=last)

        try:
            drawn = await self.apart(draw)
            ruled = await self._write([drawn.round, *drawn.matches], drawn.ruled)
        except BaseException:
            drawer.forget()
            raise
        desk.take_in(drawn)
        self._take_in(room, ruled)
