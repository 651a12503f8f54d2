"""Several servers on one database: what one stores all know, and every decision is made once."""

import asyncio
import json
import multiprocessing
import random
import uuid
from collections import Counter
from contextlib import contextmanager

import pytest
from bench import truth
from bench.serving import STUDY, Connection, build, opened, serve, wait_for

from s2s_arena.arena import ballot
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.scores import Assignment
from s2s_arena.records.studies import Study
from s2s_arena.serve.voting.drawing import copies

OVERLAP = 0.3


@contextmanager
def servers(folder, database, count=2):
    """Server processes; pairs of process and port."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.serving"])
    ports = [truth.free_port() for _ in range(count)]
    running = [
        context.Process(target=serve, args=(folder, port), kwargs={"database": database, "rate": 1e6}, daemon=True)
        for port in ports
    ]
    for process in running:
        process.start()
    try:
        for port in ports:
            wait_for(port)
        yield list(zip(running, ports, strict=True))
    finally:
        for process in running:
            process.kill()
            process.join()


class Everywhere:
    """One person's connections, one to each server."""

    def __init__(self, session, rng):
        self._session, self._rng = session, rng
        self.lines = []

    async def open(self, ports):
        loop = asyncio.get_running_loop()
        for port in ports:
            self.lines.append((await loop.create_connection(lambda: Connection(self._session), "127.0.0.1", port))[1])
        return self

    async def ask(self, method, path, body=None, *, at=None):
        line = self._rng.choice(self.lines) if at is None else self.lines[at]
        status, said = await line.ask(method, path, b"" if body is None else json.dumps(body).encode())
        return status, json.loads(said)

    def ballot(self, assignment, outcome="first", key=None):
        return {"key": key or str(uuid.uuid4()), "assignment": assignment, "outcome": outcome, "both_bad": False}

    def close(self):
        for line in self.lines:
            line.close()


def stored(folder, database):
    store, register = opened(folder, database)
    kept = {kind: list(store.all(kind)) for kind in (Match, Round, Assignment, Study)}, list(store.events())
    register.close()
    store.close()
    return kept


def test_a_whole_study_on_two_servers_at_once_is_the_same_study(postgresql, tmp_path):
    quota, people = 15, 6
    database = postgresql.database()
    sessions = build(tmp_path, annotators=people, samples=20, database=database, overlap=OVERLAP, quota=quota)
    rng = random.Random(1)
    told = {}

    async def annotate(person):
        while True:
            status, said = await person.ask(b"GET", b"/api/task")
            assert status == 200
            if said["state"] != "task":
                return said
            assignment = said["task"]["assignment"]
            outcome = rng.choice(("first", "second"))
            status, said = await person.ask(b"POST", b"/api/vote", person.ballot(assignment, outcome))
            assert status == 200, said
            told[said["event"]] = (assignment, outcome)

    async def work(ports):
        lead, *crowd = [await Everywhere(session, rng).open(ports) for session in sessions]
        ends = await asyncio.gather(*(annotate(person) for person in crowd))
        shown = [await lead.ask(b"GET", f"/api/board/{STUDY}".encode(), at=n) for n in range(len(ports))]
        for person in (lead, *crowd):
            person.close()
        await asyncio.sleep(0)
        return ends, [said["boards"][0] for _, said in shown]

    with servers(tmp_path, database) as running:
        ends, shown = asyncio.run(work([port for _, port in running]))
    assert [(end["state"], end["progress"]["done"]) for end in ends] == [("done", quota)] * people
    kept, events = stored(tmp_path, database)
    (study,) = kept[Study]
    assert [event.number for event in events] == list(range(1, quota * people + 1))
    given = {assignment.id: assignment for assignment in kept[Assignment]}
    assert {n: (given[a].match, o) for n, (a, o) in told.items()} == {
        event.number: (event.match, event.verdict.outcome) for event in events
    }
    assert Counter(a.judge for a in kept[Assignment]) == dict.fromkeys({a.judge for a in kept[Assignment]}, quota)
    rounds = sorted(kept[Round], key=lambda r: r.number)
    assert [r.number for r in rounds] == list(range(len(rounds)))
    rated = [match for match in kept[Match] if match.purpose is Purpose.RATED]
    assert len({(m.round, m.index) for m in rated}) == len(rated) == sum(r.size for r in rounds)
    votes = Counter(event.match for event in events)
    assert all(votes[match.id] <= copies(study, match, overlap=OVERLAP) for match in rated)
    assert shown[0] == shown[1]
    made = board(kept[Match], current(events), systems=study.systems, bootstraps=0)
    assert shown[0]["votes"] == made.matches
    assert {row["system"]: row["bt"] for row in shown[0]["systems"]} == {
        row.system: round(row.bt, 1) for row in made.standings
    }


def test_of_votes_for_one_assignment_on_two_servers_at_once_one_is_current(postgresql, tmp_path):
    database = postgresql.database()
    _, session = build(tmp_path, annotators=1, samples=20, database=database)
    rng = random.Random(2)

    async def work(ports):
        person = await Everywhere(session, rng).open(ports * 4)
        accepted = []
        for turn in range(12):
            _, said = await person.ask(b"GET", b"/api/task")
            assignment = said["task"]["assignment"]
            same = str(uuid.uuid4()) if turn % 2 else None  # copies of one vote, or eight votes against each other
            answers = await asyncio.gather(
                *(
                    person.ask(b"POST", b"/api/vote", person.ballot(assignment, key=same), at=n)
                    for n in range(len(person.lines))
                )
            )
            numbers = {said["event"] for status, said in answers if status == 200}
            assert len(numbers) == 1 and {status for status, _ in answers} <= {200, 409}
            if same:
                assert all(status == 200 for status, _ in answers)
            accepted += numbers
            if turn % 3 == 0:  # taken back twice at once, then voted on again
                undone = await asyncio.gather(
                    *(
                        person.ask(b"POST", b"/api/undo", {"key": str(uuid.uuid4()), "assignment": assignment}, at=n)
                        for n in range(2)
                    )
                )
                assert sorted(status for status, _ in undone) == [200, 409]
                accepted += [said["event"] for status, said in undone if status == 200]
                status, said = await person.ask(b"POST", b"/api/vote", person.ballot(assignment))
                assert status == 200
                accepted.append(said["event"])
        person.close()
        await asyncio.sleep(0)
        return accepted

    with servers(tmp_path, database) as running:
        accepted = asyncio.run(work([port for _, port in running]))
    _, events = stored(tmp_path, database)
    assert accepted == [event.number for event in events] == list(range(1, len(events) + 1))
    own = {}
    for event in events:
        own.setdefault((event.match, event.judge), []).append(event)
    assert len(own) == 12 and all(ballot.current(mine) is not None for mine in own.values())
    assert all([e.revision for e in mine] == list(range(len(mine))) for mine in own.values())


@pytest.mark.slow
def test_servers_that_are_killed_in_turn_lose_no_vote_and_the_boards_agree(postgresql):
    found = truth.run(votes=400, annotators=8, kills=2, seed=3, database=postgresql.database(), processes=2)
    assert found.problems == ()
    assert found.kills == 2
    assert found.votes == found.stored >= 400
    assert found.replayed == found.votes - found.undone
    assert set(found.told.refusals) <= {409}
    assert set(found.told.broken) <= {422}
