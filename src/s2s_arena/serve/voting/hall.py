"""The voting hall: every study's desk, who is in it, and the one way in which votes and tasks become durable."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from s2s_arena.errors import ArenaError, ConflictError, IllegalVoteError, InvalidMatchesError, StoreError
from s2s_arena.protocols import Followed, News, Row, Store
from s2s_arena.records.identity import SystemName
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Assignment
from s2s_arena.records.verdicts import Event, Verdict
from s2s_arena.serve.hearing import clips
from s2s_arena.serve.hearing.clips import Clips, Policy
from s2s_arena.serve.hearing.listening import Unheard
from s2s_arena.serve.live import doubts
from s2s_arena.serve.live.boards import LiveBoards
from s2s_arena.serve.live.display import Display
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.tokens import Signer
from s2s_arena.serve.voting import drawing
from s2s_arena.serve.voting.desk import StudyDesk
from s2s_arena.serve.voting.drawing import Drawer
from s2s_arena.serve.voting.library import Library
from s2s_arena.serve.voting.playback import Playback
from s2s_arena.serve.voting.rooms import Room
from s2s_arena.serve.voting.tasks import Task
from s2s_arena.serve.voting.writer import Moved, Writer, round_of

T = TypeVar("T")
ROUNDS_AT_ONCE = 8  # drawn in search of a task in somebody's language
WAITING = 2  # matches for each person who still votes
MOST_WAITING = 2000
APART = 100  # waiting matches between the places where two servers look for tasks
KINDS = (Round, Match, Assignment)  # records that are followed, in the order in which one rests on another
TRIES = 20  # times that others may be first


class Hall:
    """All studies that people vote in. Its methods are called from one event loop.

    Args:
        store: Where matches, assignments and votes are kept.
        register: People and conduct.
        signer: Of links and sessions.
        library: Studies, suites and takes.
        clock: Seconds since the epoch.
        seat: The server's place among those on this store: each looks for tasks elsewhere, and the first one draws.

    Raises:
        StoreError: The store cannot be followed.
    """

    def __init__(
        self,
        store: Store,
        register: Register,
        signer: Signer,
        library: Library,
        *,
        clock: Callable[[], float] = time.time,
        seat: int = 0,
    ) -> None:
        if not isinstance(store, Followed):
            raise StoreError("voting: this kind of store cannot be served; use SQLite or PostgreSQL")
        self.store, self.register, self.signer, self.clock = store, register, signer, clock
        self.library = library
        self.shared, self.seat = register.shared, seat
        self._writer = Writer(
            store, since=store.mark(*KINDS), took=self._took, changes=register.changes if self.shared else None
        )
        self._workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hall")
        self.people: dict[str, Person] = {person.id: person for person in register.people()}
        self.rooms: dict[str, Room] = {}
        self._crowds: dict[str, list[Person]] = {}  # by study; made again when somebody comes or changes
        self._locks: dict[str, asyncio.Lock] = {}
        self.playback = Playback(
            store,
            key=signer.subkey("audio"),
            room=self.room,
            apart=self.apart,
            clock=self.clock,
            shared=register if self.shared else None,
        )
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

    async def begin(self, conduct: Conduct) -> None:
        """`conduct`, beside the event loop; what others store of a new study meanwhile is not missed."""
        mark = await self.apart(self.store.mark, *KINDS)
        await self.apart(self.conduct, conduct)
        self._took(await self.apart(self.store.news, mark), ())

    def conduct(self, conduct: Conduct) -> None:
        """Begin a study, or change how it is conducted: what makes clips comparable is fixed at its beginning."""
        old = self.rooms.get(conduct.study)
        if old is not None:
            fixed = old.desk.conduct
            conduct = replace(conduct, rate_hz=fixed.rate_hz, gains=fixed.gains, overlap=fixed.overlap)
            conduct = replace(conduct, even_band=fixed.even_band, band_hz=fixed.band_hz, even_edges=fixed.even_edges)
        self.register.keep(conduct)
        if old is None:
            self._open(conduct)
        else:
            old.desk.conduct = conduct

    def reread(self) -> None:
        """Open every study again, on every server: what can be heard has changed."""
        self.register.withdrew()
        self._reread()

    def _reread(self) -> None:
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
        policy = Policy(
            rate_hz=conduct.rate_hz, gains=conduct.gains, band_hz=conduct.band_hz, even_edges=conduct.even_edges
        )
        desk = StudyDesk(study, conduct, suite, takes=takes, store=self.store, clock=self.clock)
        live = LiveBoards(study.systems, desk.samples)
        for event in desk.events:
            live.add(event, desk.matches[event.match])
        self.rooms[conduct.study] = Room(
            desk=desk,
            clips=Clips(self.store, policy),
            policy=policy,
            live=live,
            display=Display(conduct.study, live, self.catch_up, partial(self._doubts, study.systems)),
            practice={},
            drawer=Drawer(study, takes),
            drawing=asyncio.Lock(),
        )

    async def _doubts(self, systems: Sequence[SystemName], models: doubts.Models) -> doubts.Warnings:
        judges, contestants = self.library.judge_cards, self.library.system_cards

        def look() -> doubts.Warnings:
            return doubts.warnings_of(
                models, store=self.store, systems=systems, judge_cards=judges(), system_cards=contestants()
            )

        return await self.apart(look)

    # -------------------------------------------------------------------------------------------- voting

    def lock(self, person: Person) -> asyncio.Lock:
        """One thing at a time for each person, however many tabs they have."""
        return self._locks.setdefault(person.id, asyncio.Lock())

    async def task(self, person: Person) -> Task | None:
        """The person's task, stored before it is returned. The caller holds the person's lock."""
        room = self.room(person.study)
        desk = room.desk
        draws = 0
        for n in range(TRIES):
            skip = random.randrange(desk.waiting + 1) if n else min(self.seat * APART, desk.waiting // 2)
            found = desk.task_for(person, skip=skip)
            while found is None and not desk.conduct.paused and desk.done(person) < desk.quota(person):
                draws += 1
                if draws > ROUNDS_AT_ONCE or not await self._draw(room, person.study, least=1):
                    return None
                found = desk.task_for(person)
            if found is not None and found.new:
                hidden = [found.match] if found.match.purpose is not Purpose.RATED else []
                try:
                    await self._writer.write([*hidden, found.assignment], about=(person.judge, found.match.id))
                except ArenaError as error:
                    desk.free(found)
                    if isinstance(error, Moved):
                        continue  # another server gave it to somebody else
                    raise
            self._replenish(room, person.study)
            return found
        raise StoreError("task: too many others choose at once; try again")

    async def vote(self, person: Person, verdict: Verdict, *, key: str, assignment: str, check: bool = True) -> Event:
        """Accept a vote, durably; the same vote again gives the same event. The caller holds the person's lock.

        Raises:
            Unheard: Clips were not heard enough.
            IllegalVoteError: As the desk says.
            ConflictError: The key was used for another vote.
            StoreError: It could not be stored; nothing has changed.
        """
        room = self.room(person.study)

        async def decide() -> Event:
            event = room.desk.vote(person, verdict, key=key, at=self.now())
            if event.number is None and check:
                lacking = await self.playback.lacking(person, room, verdict.match, assignment)
                if lacking:
                    raise Unheard(lacking)
            return event

        event = await self._append(person, decide)
        self.playback.voted(assignment)
        return event

    async def undo(self, person: Person, *, key: str, assignment: str) -> Event:
        """Take the last vote back, durably. The caller holds the person's lock; raises as `vote`."""
        room = self.room(person.study)

        async def decide() -> Event:
            return room.desk.undo(person, key=key, assignment=assignment, at=self.now())

        return await self._append(person, decide)

    async def given(self, person: Person, assignment: str) -> Assignment:
        """A person's own assignment; raises IllegalVoteError as the desk does."""
        desk = self.room(person.study).desk
        try:
            return desk.assignment(assignment, person)
        except IllegalVoteError:
            if self.shared:
                await self.catch_up()
            return desk.assignment(assignment, person)

    async def _append(self, person: Person, decide: Callable[[], Awaitable[Event]]) -> Event:
        """Write what is decided; decided again, on what there is then, where others were first."""
        asked = False
        for _ in range(TRIES):
            as_of = self._writer.seen
            try:
                event = await decide()
                if event.number is None:
                    (event,) = await self._writer.write([], [event], about=[person.judge], as_of=as_of)
                return event
            except Moved:
                continue
            except (IllegalVoteError, ConflictError):
                if asked or not self.shared:
                    raise
                asked = True  # what was not known here may make it right
                await self.catch_up()
        raise StoreError("vote: too many at once; try again")

    async def append(self, study: str, events: Sequence[Event]) -> None:
        """Other events of a study: exclusions and restorations; Moved where the person has voted meanwhile."""
        await self._writer.write([], events, about={event.judge for event in events})

    # ------------------------------------------------------------------------------------- what others did

    def _took(self, news: News, changed: Sequence[Row]) -> None:
        """Take in what was stored, here or elsewhere."""
        for row in changed:
            kept = Register.changed(row)
            if kept is None:
                self._reread()  # a speaker has withdrawn
            elif isinstance(kept, Person):
                self._admit(kept)
            elif kept.study in self.rooms:
                self.rooms[kept.study].desk.conduct = kept
        for study in {record.study for record in news.records if isinstance(record, KINDS)} & self.rooms.keys():
            self.rooms[study].desk.take_in(record for record in news.records if getattr(record, "study", "") == study)
        for event in news.events:
            room = self.rooms.get(event.study)
            if room is not None and room.desk.apply(event):
                room.live.add(event, room.desk.matches[event.match])

    async def catch_up(self) -> None:
        """Take in all that was stored before this was asked for: other servers' votes, a model judge's verdicts."""
        await self._writer.read()

    # ---------------------------------------------------------------------------------------------- drawing

    def _replenish(self, room: Room, study: str) -> None:
        """Draw beside what is asked, if little is left: the first server in time, others only where it does not."""
        enough = room.wanted if self.seat == 0 else room.wanted / 2
        if room.desk.waiting < enough and not room.drawing.locked():
            background = asyncio.ensure_future(self._draw(room, study))
            background.add_done_callback(lambda done: done.cancelled() or done.exception())

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
                except Moved:  # another server has drawn it, and it is here now
                    continue
            return True

    async def _draw_round(self, room: Room, samples: Sequence[Sample]) -> None:
        desk, drawer = room.desk, room.drawer
        number, last, changed = desk.next_round, desk.last_event, desk.changed()
        as_of, about = self._writer.seen, [round_of(desk.study.name)]
        if room.counted != desk.drawn:
            drawer.forget()  # others have drawn: which systems met how often is to be counted again
        earlier = () if drawer.counts(samples) else tuple(desk.matches.values())
        before = desk.drawn

        def draw() -> drawing.Drawn:
            drawer.settle(changed)
            return drawer.draw(samples=samples, number=number, earlier=earlier, last_event=last)

        try:
            drawn = await self.apart(draw)
            await self._writer.write([drawn.round, *drawn.matches], drawn.ruled, about=about, as_of=as_of)
        except BaseException:
            drawer.forget()
            raise
        room.counted = before + len(drawn.matches)
