"""No vote is lost and none counts twice: copies, rivals and nonsense against real servers that are killed meanwhile."""

import argparse
import asyncio
import itertools
import json
import multiprocessing
import os
import random
import socket
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bench.serving import DATABASE_HELP, STUDY, Connection, a_database, build, opened, serve, wait_for
from s2s_arena.arena import ballot
from s2s_arena.boards.standings import board
from s2s_arena.boards.votes import current
from s2s_arena.records.matches import Match, Purpose
from s2s_arena.records.studies import Study
from s2s_arena.records.verdicts import Event, EventKind
from s2s_arena.serve.voting.drawing import copies

COPIES = 8
MALFORMED, RIVALS, UNDOINGS = 0.01, 0.02, 0.03
PATIENCE_S = 0.02
OVERLAP = 0.1
BROKEN = (b"{", b"[]", b'{"key":"1"}', b'{"outcome":"third"}', b"\xff\xfe\x00", b'{"seconds":NaN}')


@dataclass
class Told:
    """What the clients were told."""

    votes: dict[int, str] = field(default_factory=dict)  # event number -> key
    undone: dict[int, str] = field(default_factory=dict)
    refusals: Counter[int] = field(default_factory=Counter)
    malformed: int = 0
    broken: Counter[int] = field(default_factory=Counter)  # status of what was malformed
    lost: int = 0  # connections that ended before an answer
    contradictions: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the log says against what clients were told; all `problems` are empty when it is true."""

    votes: int
    undone: int
    stored: int
    replayed: int
    kills: int
    seconds: float
    told: Told
    problems: tuple[str, ...]


class Line:
    """One connection that comes back after the server has died, to the next one where there are several."""

    def __init__(self, ports: Sequence[int], session: str, told: Told) -> None:
        self._ports, self._session, self._told = itertools.cycle(ports), session, told
        self._connection: Connection | None = None

    def _new(self) -> Connection:
        return Connection(self._session)

    async def ask(self, method: bytes, path: bytes, body: bytes = b"") -> tuple[int, bytes]:
        """The answer, asked for again until there is one."""
        while True:
            try:
                if self._connection is None or self._connection.closed:
                    opening = asyncio.get_running_loop().create_connection(self._new, "127.0.0.1", next(self._ports))
                    _, self._connection = await opening
                return await self._connection.ask(method, path, body)
            except OSError:
                self._told.lost += 1
                self._connection = None
                await asyncio.sleep(PATIENCE_S)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()


class Annotator:
    """Somebody with several tabs on a bad network: every vote is sent eight times at once."""

    def __init__(self, ports: Sequence[int], session: str, told: Told, rng: random.Random) -> None:
        turned = [[*ports[n % len(ports) :], *ports[: n % len(ports)]] for n in range(COPIES)]
        self._lines = [Line(some, session, told) for some in turned]
        self._told, self._rng = told, rng

    async def work(self, more: Callable[[], bool]) -> None:
        """Vote for as long as there is more to do."""
        while more():
            status, said = await self._rng.choice(self._lines).ask(b"GET", b"/api/task")
            if status != 200 or json.loads(said)["state"] != "task":
                self._told.contradictions.append(f"no task: {status} {said[:200]!r}")
                return
            assignment = json.loads(said)["task"]["assignment"]
            await self._vote(assignment)
            if self._rng.random() < UNDOINGS:
                key = str(uuid.uuid4())
                body = json.dumps({"key": key, "assignment": assignment}).encode()
                number = await self._everywhere(b"/api/undo", [body] * COPIES)
                if number is not None:
                    self._told.undone[number] = key
                    await self._vote(assignment)

    def close(self) -> None:
        """End all connections."""
        for line in self._lines:
            line.close()

    async def _vote(self, assignment: str) -> None:
        keys = [str(uuid.uuid4())] * COPIES
        if self._rng.random() < RIVALS:  # another tab says something else at the same moment
            keys[COPIES // 2 :] = [str(uuid.uuid4())] * (COPIES // 2)
        first = self._rng.choice(("first", "second"))
        outcomes = {keys[0]: first, keys[-1]: first if keys[0] == keys[-1] else "second"}
        bodies = [
            json.dumps({"key": key, "assignment": assignment, "outcome": outcomes[key], "both_bad": False}).encode()
            for key in keys
        ]
        number = await self._everywhere(b"/api/vote", bodies, keys=keys)
        if number is None:
            self._told.contradictions.append(f"assignment {assignment}: no copy was accepted")
        if self._rng.random() < MALFORMED:
            self._told.malformed += 1
            status, _ = await self._lines[0].ask(b"POST", b"/api/vote", self._rng.choice(BROKEN))
            self._told.broken[status] += 1

    async def _everywhere(self, path: bytes, bodies: list[bytes], *, keys: list[str] | None = None) -> int | None:
        """The number of the one event that all copies were told of; None if all were refused."""
        answers = await asyncio.gather(
            *(line.ask(b"POST", path, body) for line, body in zip(self._lines, bodies, strict=True))
        )
        numbers: dict[int, str] = {}
        for n, (status, said) in enumerate(answers):
            if status == 200:
                numbers[json.loads(said)["event"]] = keys[n] if keys else ""
            else:
                self._told.refusals[status] += 1
        if len(numbers) > 1:
            self._told.contradictions.append(f"copies of one vote became events {sorted(numbers)}")
        for number, key in numbers.items():
            if keys:
                self._told.votes[number] = key
            return number
        return None


class Server:
    """A server that is killed and started again on the same workspace."""

    def __init__(self, folder: Path, port: int, database: str | None) -> None:
        self._folder, self.port, self._database = folder, port, database
        # Started from a process that has imported everything: a restart takes as long as reading the log.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["bench.serving"])
        self.kills = 0
        self.start()

    def start(self) -> None:
        self._process = self._context.Process(
            target=serve,
            args=(self._folder, self.port),
            kwargs={"rate": 1e6, "database": self._database},
            daemon=True,
        )
        self._process.start()

    def kill(self) -> None:
        """SIGKILL, and another one in its place."""
        self._process.kill()
        self._process.join()
        self.kills += 1
        self.start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


async def play(
    ports: Sequence[int],
    sessions: list[str],
    *,
    votes: int,
    seed: int,
    kill: Callable[[Callable[[], int]], Awaitable[None]],
) -> tuple[Told, list[dict[str, object]]]:
    """All votes, while `kill` kills; what was told, and the board as each server shows it in the end."""
    told = Told()
    lead, *people = sessions
    begun = 0

    def more() -> bool:
        nonlocal begun
        begun += 1
        return begun <= votes

    annotators = [Annotator(ports, session, told, random.Random(f"{seed}/{n}")) for n, session in enumerate(people)]
    killing = asyncio.ensure_future(kill(lambda: len(told.votes)))
    await asyncio.gather(*(annotator.work(more) for annotator in annotators))
    killing.cancel()
    with suppress(asyncio.CancelledError):
        await killing
    shown = []
    for port in ports:
        last = Line([port], lead, told)
        _, said = await last.ask(b"GET", f"/api/board/{STUDY}".encode())
        shown.append(json.loads(said)["boards"][0])
        last.close()
    for annotator in annotators:
        annotator.close()
    await asyncio.sleep(0)  # for the transports to end
    return told, shown


def compared(
    folder: Path, told: Told, shown: Sequence[dict[str, object]], *, database: str | None = None
) -> tuple[int, int, list[str]]:
    """Votes stored, votes that stand when the log is replayed, and what does not fit."""
    store, _ = opened(folder, database)
    events = list(store.events())
    matches = {match.id: match for match in store.all(Match)}
    (study,) = store.all(Study)
    store.close()
    problems = list(told.contradictions)
    if [event.number for event in events] != list(range(1, len(events) + 1)):
        problems.append("event numbers have gaps")
    votes = {e.number: e for e in events if e.kind is EventKind.VOTE and e.judge.startswith("person:")}
    undone = {e.number: e for e in events if e.kind is EventKind.UNDO}
    problems += [f"vote {n}: acknowledged, and not in the log" for n in told.votes if n not in votes]
    problems += [f"undoing {n}: acknowledged, and not in the log" for n in told.undone if n not in undone]
    problems += [f"vote {n}: in the log, and never acknowledged" for n in votes if n not in told.votes]
    for number, key in told.votes.items():
        verdict = votes[number].verdict if number in votes else None
        if verdict is not None and json.loads(verdict.raw)["key"] != key:
            problems.append(f"vote {number}: the log has another vote there")
    problems += _standing(events)
    if any(status != 422 for status in told.broken):
        problems.append(f"malformed votes were answered {dict(told.broken)}")
    now = current(events)
    made = board(matches.values(), now, systems=study.systems, bootstraps=0)
    ratings = {row.system: round(row.bt, 1) for row in made.standings}
    for one in shown:
        systems = one["systems"]
        assert isinstance(systems, list)
        if one["votes"] != made.matches or {row["system"]: row["bt"] for row in systems} != ratings:
            problems.append(f"a live board shows {one['votes']} votes, the log makes {made.matches}, or other ratings")
    problems += _given(matches.values(), events, study)
    return len(votes), sum(v.judge.startswith("person:") for v in now.standing), problems


def _given(matches: Iterable[Match], events: list[Event], study: Study) -> list[str]:
    """Comparisons that more people voted on than were to, and rounds that were drawn twice."""
    voters: dict[str, set[str]] = {}
    for event in events:
        if event.judge.startswith("person:"):
            voters.setdefault(event.match, set()).add(event.judge)
    problems = []
    places = Counter((match.round, match.index) for match in matches if match.purpose is Purpose.RATED)
    problems += [f"{place}: drawn {n} times" for place, n in places.items() if n > 1]
    for match in matches:
        most = copies(study, match, overlap=OVERLAP)
        if match.purpose is Purpose.RATED and len(voters.get(match.id, ())) > most:
            problems.append(f"{match.id}: {len(voters[match.id])} people voted, {most} were asked")
    return problems


def _standing(events: list[Event]) -> list[str]:
    own: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        own.setdefault((event.match, event.judge), []).append(event)
    problems = []
    for place, mine in own.items():
        if [e.revision for e in mine] != list(range(len(mine))):
            problems.append(f"{place}: revisions {[e.revision for e in mine]}")
        kinds = [e.kind for e in mine]
        if any(a == b == EventKind.VOTE for a, b in pairwise(kinds)):
            problems.append(f"{place}: two current votes")
        if ballot.current(mine) is None:
            problems.append(f"{place}: no current vote")
    return problems


def run(
    *,
    votes: int,
    annotators: int = 24,
    kills: int = 0,
    every_s: float = 0.0,
    seed: int = 0,
    database: str | None = None,
    processes: int = 1,
) -> Found:
    """A whole run in a folder of its own.

    Args:
        votes: Tasks voted on; undone ones are voted on again.
        annotators: Each with eight connections.
        kills: After how many equal parts of the votes the server is killed; or
        every_s: after so many seconds of serving, again and again.
        seed: Of what annotators do.
        database: URL of an empty database; a file by default.
        processes: Servers on it; each is killed in turn.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sessions = build(folder, annotators=annotators, samples=120, database=database, overlap=OVERLAP)
        servers = [Server(folder, free_port(), database) for _ in range(processes)]
        for server in servers:
            wait_for(server.port)

        async def kill(done: Callable[[], int]) -> None:
            for n, server in enumerate(itertools.cycle(servers)):
                if every_s:
                    await asyncio.sleep(every_s)
                elif n >= kills:
                    return
                while kills and done() < votes * (n + 1) / (kills + 1):
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(wait_for, server.port)

        ports = [server.port for server in servers]
        try:
            told, shown = asyncio.run(play(ports, sessions, votes=votes, seed=seed, kill=kill))
        finally:
            for server in servers:
                server.stop()
        stored, replayed, problems = compared(folder, told, shown, database=database)
    return Found(
        votes=len(told.votes),
        undone=len(told.undone),
        stored=stored,
        replayed=replayed,
        kills=sum(server.kills for server in servers),
        seconds=time.monotonic() - began,
        told=told,
        problems=tuple(problems),
    )


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=10_000)
    parser.add_argument("--annotators", type=int, default=24)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--processes", type=int, default=1, help="servers, on ports one after the other")
    given = parser.parse_args()
    with a_database(given.database) as database:
        found = run(
            votes=given.votes,
            annotators=given.annotators,
            every_s=given.every,
            seed=given.seed,
            database=database,
            processes=given.processes,
        )
    told = found.told
    print(
        f"{found.votes} votes acknowledged, {COPIES} copies each; {found.stored} stored; "
        f"{found.replayed} stand when the log is replayed, after {found.undone} undoings"
    )
    print(
        f"server killed {found.kills} times in {found.seconds:.0f} s; {told.lost} connections lost or refused; "
        f"{told.malformed} malformed, answered {dict(told.broken)}; other refusals {dict(told.refusals)}"
    )
    for problem in found.problems[:20]:
        print(f"PROBLEM {problem}")
    print("true" if not found.problems else f"{len(found.problems)} PROBLEMS")
    os._exit(1 if found.problems else 0)


if __name__ == "__main__":
    main()
