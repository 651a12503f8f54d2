"""One study's desk for people: who gets which match, whose vote is accepted, what each has done; all of it in memory.

Everything here follows from the store's rounds, matches, assignments and events, and is read from them at the start;
each change is first made durable by the caller and then applied. One thread uses a desk.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from s2s_arena.arena import ballot
from s2s_arena.errors import ConflictError, IllegalVoteError
from s2s_arena.protocols import Record, Store
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, content_hash
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.scores import Assignment
from s2s_arena.records.studies import Study
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.people.person import Conduct, Person
from s2s_arena.serve.voting import drawing
from s2s_arena.serve.voting.tasks import Task

APART = 4  # tasks between a comparison and its hidden repetition, at least
UNDONE = 3  # votes that can be taken back, one after the other


class StudyDesk:
    """The desk of one study.

    Args:
        study: Its latest revision.
        conduct: How it is conducted.
        suite: Its samples.
        takes: What may be heard.
        store: Read once, here.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        study: Study,
        conduct: Conduct,
        suite: Suite,
        *,
        takes: Sequence[Take],
        store: Store,
        clock: Callable[[], float],
    ) -> None:
        self.study = study
        self.conduct = conduct
        self.samples: Mapping[str, Sample] = {sample.id: sample for sample in suite.samples}
        self.takes = {take.id: take for take in takes}
        self._good = drawing.answered(study, takes)
        self.events: list[Event] = []
        self.matches: dict[MatchId, Match] = {}
        self.rounds: dict[int, list[MatchId]] = {}
        self._clock = clock
        self._own: dict[tuple[MatchId, JudgeName], list[Event]] = {}
        self._by_id: dict[str, Event] = {}
        self._on: dict[MatchId, list[Event]] = {}
        self._voters: dict[MatchId, set[JudgeName]] = {}
        self._ruled: set[MatchId] = set()
        self._copies: dict[MatchId, int] = {}
        self._leases: dict[MatchId, dict[JudgeName, float]] = {}
        self._expiries: list[tuple[float, MatchId, JudgeName]] = []
        self._pool: dict[MatchId, None] = {}  # waits for somebody, in the order of play
        self._returned: dict[MatchId, None] = {}  # of those, what a lease or an undoing brought back: it comes first
        self._offered: set[MatchId] = set()
        self._needing: set[MatchId] = set()  # fewer people have voted than are to
        self._changed: set[int] = set()  # rounds in which something happened since `changed` was asked
        self.drawn = 0  # comparisons
        self.last_event = 0
        self._assignments: dict[str, Assignment] = {}
        self._given: dict[JudgeName, dict[MatchId, Assignment]] = {}
        self._todo: dict[JudgeName, list[MatchId]] = {}
        self._votes: dict[JudgeName, list[MatchId]] = {}
        self.next_round = 0
        self.take_in([*store.all(Round, study=study.name), *store.all(Match, study=study.name)])
        for event in store.events(study=study.name):
            self.apply(event)
        for assignment in store.all(Assignment, study=study.name):
            self.assigned(assignment)

    # ------------------------------------------------------------------------------------------ drawing

    @property
    def waiting(self) -> int:
        """Matches that wait for somebody."""
        return len(self._pool)

    def hearing(self, people: Iterable[Person]) -> int:
        """How many of these people have votes left to give."""
        return sum(1 for person in people if self.done(person) < self.quota(person))

    def drawable(self, people: Iterable[Person]) -> list[Sample]:
        """Samples in a language that somebody speaks."""
        crowd = list(people)
        return [s for s in self.samples.values() if any(person.speaks(s.language) for person in crowd)]

    def changed(self) -> Mapping[int, drawing.Settled]:
        """Rounds in which something happened since this was last asked."""
        rounds, self._changed = self._changed, set()
        return {number: self._settled(self.rounds[number]) for number in rounds}

    def _settled(self, ids: Sequence[MatchId]) -> drawing.Settled:
        if not self._needing.isdisjoint(ids):
            return drawing.Settled()
        matches = tuple(self.matches[id] for id in ids)
        return drawing.Settled(matches, tuple(event for id in ids for event in self._on.get(id, ())))

    def take_in(self, records: Iterable[Record]) -> None:
        """Rounds, matches and assignments that are stored now; what is known already is left alone."""
        kept = list(records)
        for record in kept:
            if isinstance(record, Round):
                self.next_round = max(self.next_round, record.number + 1)
        self._take_in(r for r in kept if isinstance(r, Match) and r.id not in self.matches)
        for record in kept:
            if isinstance(record, Assignment):
                self.assigned(record)

    def _take_in(self, matches: Iterable[Match]) -> None:
        for match in drawing.by_place(matches):
            self.matches[match.id] = match
            if not {match.first, match.second} <= self.takes.keys():
                self._ruled.add(match.id)  # a person who answered has withdrawn: there is nothing left to hear
            if match.purpose is not Purpose.RATED:
                continue
            self.rounds.setdefault(match.round, []).append(match.id)
            self._changed.add(match.round)
            self.drawn += 1
            self._copies[match.id] = drawing.copies(self.study, match, overlap=self.conduct.overlap)
            self._settle(match.id)

    # ---------------------------------------------------------------------------------------- giving out

    def quota(self, person: Person) -> int:
        """Votes asked of a person."""
        return person.quota if person.quota is not None else self.conduct.quota

    def done(self, person: Person) -> int:
        """Votes of a person that stand."""
        return len(self._votes.get(person.judge, ()))

    def task_for(self, person: Person, *, skip: int = 0) -> Task | None:
        """What a person is to hear now: the open task if there is one, else a new one; None if there is none.

        A new one is stored by the caller, with its match if that is a hidden one, and comes back to `assigned`; or it
        goes back by `free`. So many waiting matches come last: other servers look there first.
        """
        judge = person.judge
        self._expire()
        todo = self._todo.setdefault(judge, [])
        while todo:
            match = self.matches[todo[-1]]
            held = judge in self._leases.get(match.id, {}) and match.id not in self._ruled
            if held or self._wanted(match.id):
                self._lease(match.id, judge)
                return Task(assignment=self._given[judge][match.id], match=match, sample=self.samples[match.sample])
            todo.pop()  # its lease ended and others have voted
        if self.conduct.paused or self.done(person) >= self.quota(person):
            return None
        found = self._hidden(person) or self._fresh(person, skip)
        if found is None:
            return None
        self._lease(found.id, judge)
        assignment = Assignment(
            id=content_hash("assignment", found.id, judge)[:32],
            study=self.study.name,
            match=found.id,
            judge=judge,
            lease_until=_iso(self._clock() + self.conduct.lease_s),
        )
        return Task(assignment=assignment, match=found, sample=self.samples[found.sample], new=True)

    def free(self, task: Task) -> None:
        """A new task that was not stored: others may have it, unless another server gave the person the same one."""
        if task.match.id in self._given.get(task.assignment.judge, {}):
            return
        self._leases.get(task.match.id, {}).pop(task.assignment.judge, None)
        if task.match.id in self.matches:
            self._settle(task.match.id)

    def assigned(self, assignment: Assignment) -> None:
        """An assignment that is stored now."""
        if assignment.id in self._assignments or assignment.match not in self.matches:
            return
        self._assignments[assignment.id] = assignment
        self._given.setdefault(assignment.judge, {})[assignment.match] = assignment
        if assignment.judge not in self._voters.get(assignment.match, ()):
            self._todo.setdefault(assignment.judge, []).append(assignment.match)
            until = datetime.fromisoformat(assignment.lease_until).timestamp()
            if until > self._clock():
                self._lease(assignment.match, assignment.judge, until=until)

    def assignment(self, id: str, person: Person) -> Assignment:
        """A person's own assignment.

        Raises:
            IllegalVoteError: There is none of that id, or it is somebody else's: which of the two is not told.
        """
        found = self._assignments.get(id)
        if found is None or found.judge != person.judge:
            raise IllegalVoteError("assignment: not one of yours; reload the page for your task")
        return found

    def given_at(self, id: str, person: Person) -> float:
        """When an assignment was first given, seconds since the epoch."""
        until = datetime.fromisoformat(self.assignment(id, person).lease_until).timestamp()
        return until - self.conduct.lease_s

    def may_hear(self, person: Person, match: MatchId) -> bool:
        """Whether a match was given to a person."""
        return match in self._given.get(person.judge, {})

    def given(self, person: Person) -> Iterable[Match]:
        """Matches that were given to a person."""
        return (self.matches[id] for id in self._given.get(person.judge, ()))

    def _fresh(self, person: Person, skip: int) -> Match | None:
        mine = self._given.get(person.judge, {})
        later, sooner = itertools.islice(self._pool, skip, None), itertools.islice(self._pool, skip)
        for id in itertools.chain(later, self._returned, sooner) if skip else itertools.chain(self._returned, later):
            match = self.matches[id]
            if id not in mine and person.speaks(self.samples[match.sample].language):
                return match
        return None

    def _hidden(self, person: Person) -> Match | None:
        judge, rules = person.judge, self.conduct
        mine = self._given.get(judge, {})
        place = len(mine)
        draw = drawing.chance(self.study, "hidden", judge, place)
        if draw < rules.repeats + rules.swaps:
            purpose = Purpose.REPEAT if draw < rules.repeats else Purpose.SWAP
            voted = set(self._votes.get(judge, ()))
            for id in list(mine)[: max(0, place - APART)]:
                match = self.matches[id]
                if match.purpose is Purpose.RATED and id in voted:
                    once_more = drawing.again(match, purpose=purpose)
                    other = drawing.again(match, purpose=Purpose.SWAP if purpose is Purpose.REPEAT else Purpose.REPEAT)
                    if once_more.id not in mine and other.id not in mine:
                        return once_more
        elif draw < rules.repeats + rules.swaps + rules.gold:
            samples = [s for s in self.samples.values() if person.speaks(s.language)]
            found = drawing.gold(self.study, judge=judge, place=place, samples=samples, good=self._good)
            return found if found is not None and found.id not in mine else None
        return None

    # -------------------------------------------------------------------------------------------- leases

    def _wanted(self, id: MatchId) -> bool:
        return id not in self._ruled and (self.matches[id].purpose is not Purpose.RATED or self._needs(id))

    def _needs(self, id: MatchId) -> bool:
        """Whether fewer people have voted than are to."""
        return id not in self._ruled and len(self._voters.get(id, ())) < self._copies.get(id, 0)

    def _settle(self, id: MatchId) -> None:
        """Put a match into the pool, or take it out."""
        waiting = [judge for judge in self._leases.get(id, {}) if judge not in self._voters.get(id, ())]
        taken = len(self._voters.get(id, ())) + len(waiting)
        (self._needing.add if self._needs(id) else self._needing.discard)(id)
        if id not in self._ruled and taken < self._copies.get(id, 0):
            if id not in self._pool:
                self._pool[id] = None
                if id in self._offered:
                    self._returned[id] = None
        else:
            self._pool.pop(id, None)
            self._returned.pop(id, None)
            self._offered.add(id)

    def _lease(self, id: MatchId, judge: JudgeName, *, until: float | None = None) -> None:
        until = self._clock() + self.conduct.lease_s if until is None else until
        self._leases.setdefault(id, {})[judge] = until
        heapq.heappush(self._expiries, (until, id, judge))
        self._settle(id)

    def _expire(self) -> None:
        now = self._clock()
        while self._expiries and self._expiries[0][0] <= now:
            _, id, judge = heapq.heappop(self._expiries)
            if self._leases.get(id, {}).get(judge, now + 1) <= now:
                del self._leases[id][judge]
                self._settle(id)

    # -------------------------------------------------------------------------------------------- voting

    def vote(self, person: Person, verdict: Verdict, *, key: str, at: str) -> Event:
        """The event of a vote; stored already if it has a number.

        Args:
            person: Who votes.
            verdict: `raw` is all that the page sent: the same key with the same `raw` is the same vote.
            key: Chosen by the page, once for each vote.
            at: ISO 8601 UTC.

        Raises:
            ConflictError: The key was used for another vote.
            IllegalVoteError: Voted already, not assigned, or against the study's rules.
        """
        id = "vote-" + content_hash(person.judge, key)[:40]
        known = self._by_id.get(id)
        if known is not None:
            if known.verdict is None or known.verdict.raw != verdict.raw:
                raise ConflictError(f"vote {key}: this key was used for another vote; use a new one for each vote")
            return known
        if not self.may_hear(person, verdict.match):
            raise IllegalVoteError("assignment: not one of yours; reload the page for your task")
        history = self._own.get((verdict.match, person.judge), ())
        match = self.matches[verdict.match]
        return ballot.accept(verdict, study=self.study, match=match, history=history, id=id, at=at)

    def undo(self, person: Person, *, key: str, assignment: str, at: str) -> Event:
        """The event that takes a person's last vote back; stored already if it has a number.

        Raises:
            ConflictError: The key was used before for another undoing.
            IllegalVoteError: It is not the last vote, or too many were taken back already.
        """
        found = self.assignment(assignment, person)
        id = "undo-" + content_hash(person.judge, key)[:40]
        known = self._by_id.get(id)
        if known is not None:
            if known.match != found.match:
                raise ConflictError(f"undo {key}: this key was used for another vote; use a new one")
            return known
        if self.last_vote(person) != assignment:
            raise IllegalVoteError("undo: only your last vote can be taken back; reload the page")
        if len(self._todo.get(person.judge, ())) > UNDONE:
            raise IllegalVoteError(f"undo: {UNDONE} votes are open already; vote on them first")
        history = self._own[found.match, person.judge]
        return ballot.undo(
            person.judge, study=self.study, match=self.matches[found.match], history=history, id=id, at=at
        )

    def last_vote(self, person: Person) -> str | None:
        """The assignment of a person's last standing vote."""
        votes = self._votes.get(person.judge)
        given = self._given.get(person.judge, {})
        return given[votes[-1]].id if votes and votes[-1] in given else None

    def apply(self, event: Event) -> bool:
        """Take in an event that is stored; False if it was known."""
        if event.id in self._by_id or event.match not in self.matches:
            return False
        self._by_id[event.id] = event
        self.events.append(event)
        self.last_event = max(self.last_event, event.number or 0)
        self._on.setdefault(event.match, []).append(event)
        if self.matches[event.match].purpose is Purpose.RATED:
            self._changed.add(self.matches[event.match].round)
        place = (event.match, event.judge)
        self._own.setdefault(place, []).append(event)
        if event.judge == RULE_FAILURE:
            self._ruled.add(event.match)
        elif event.kind is EventKind.VOTE and event.judge.startswith("person:"):
            self._voters.setdefault(event.match, set()).add(event.judge)
            self._votes.setdefault(event.judge, []).append(event.match)
            self._leases.get(event.match, {}).pop(event.judge, None)
            todo = self._todo.get(event.judge, [])
            if event.match in todo:
                todo.remove(event.match)
        elif event.kind is EventKind.UNDO and event.judge in self._voters.get(event.match, ()):
            self._voters[event.match].discard(event.judge)
            self._votes[event.judge].remove(event.match)
            if event.match in self._given.get(event.judge, {}):
                self._todo.setdefault(event.judge, []).append(event.match)
                self._lease(event.match, event.judge)
        self._settle(event.match)
        return True

    # ------------------------------------------------------------------------------------------ progress

    def own(self, judge: JudgeName) -> Mapping[MatchId, Sequence[Event]]:
        """A judge's events by match, of matches with a standing vote."""
        return {id: self._own[id, judge] for id in self._votes.get(judge, ())}

    def ruled(self, match: MatchId) -> bool:
        """Whether a match is not to be heard: a side failed, or who answered has withdrawn."""
        return match in self._ruled

    @property
    def counts(self) -> Mapping[str, int]:
        """Rounds, comparisons, how many are complete, and standing votes of people."""
        return {
            "rounds": len(self.rounds),
            "comparisons": self.drawn,
            "complete": self.drawn - len(self._needing),
            "votes": sum(len(votes) for votes in self._votes.values()),
        }


def _iso(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
