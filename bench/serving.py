"""Votes a second through HTTP: so many annotators at a bounded rate against real servers, on SQLite or PostgreSQL."""

import argparse
import asyncio
import cProfile
import json
import multiprocessing
import os
import signal
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import uvloop
from numpy.typing import NDArray
from tests.postgresql import new_server

from s2s_arena.protocols import Seated, Shelved, Store
from s2s_arena.records.identity import SampleId, StudyName, SuiteName, SystemName
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Sampling, Study
from s2s_arena.records.taxonomy import DOMAINS, Level
from s2s_arena.serve import server
from s2s_arena.serve.app import create_app
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.tokens import Signer, new_id
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.serve.voting.library import Library
from s2s_arena.serve.web.asking import COOKIE
from s2s_arena.store.opening import open_store

SECRET = b"a secret of the benchmark, 32 bytes"
STUDY = StudyName("load")
DATABASE_HELP = "URL of an empty PostgreSQL database, or `own` to start one; a file by default"
SYSTEMS = tuple(SystemName(f"s{n}") for n in range(10))


def opened(folder: Path, database: str | None) -> tuple[Store, Register]:
    """Records and people: in files of the folder, or in a database."""
    store = open_store(database or folder / "arena.db", audio=folder / "audio")
    return store, Register(store.shelf() if isinstance(store, Shelved) else folder / "people.db")


@contextmanager
def a_database(named: str | None) -> Iterator[str | None]:
    """The database of that URL; for "own", one of a new server that is stopped at the end."""
    if named != "own":
        yield named
        return
    server = new_server()
    try:
        yield server.database()
    finally:
        server.close()


def build(
    folder: Path,
    *,
    annotators: int,
    samples: int = 293,
    database: str | None = None,
    overlap: float = 0.1,
    quota: int = 100_000,
) -> list[str]:
    """A study of ten systems without audio (nothing is listened to here); sessions of the lead and the annotators."""
    store, register = opened(folder, database)
    suite = Suite(
        name=SuiteName("load"),
        samples=tuple(
            Sample(
                id=SampleId(f"x{n:03d}"),
                language="en",
                turns=(Turn(script="x", language="en"),),
                level=tuple(Level)[n % 4],
                domain=DOMAINS[n // 4 % 4],
            )
            for n in range(samples)
        ),
    )
    takes = [
        Take(id=f"{s.id}-{system}", sample=s.id, system=system, responses=(), failure=None)  # type: ignore[arg-type]
        for s in suite.samples
        for system in SYSTEMS
    ]
    study = Study(
        name=STUDY,
        suite=suite.name,
        suite_hash=suite.hash,
        systems=SYSTEMS,
        sampling=Sampling(round_size=200),
    )
    store.put(suite, study, *takes)
    conduct = Conduct(
        study=study.name,
        listen=0.0,
        check="off",
        practice=False,
        overlap=overlap,
        quota=quota,
        gains=dict.fromkeys(SYSTEMS, 0.0),
    )
    people = [Person(id=new_id(), role=Role.ANNOTATOR, study="load", began="x") for _ in range(annotators)]
    lead = Person(id=new_id(), role=Role.ADMIN)
    register.keep(conduct, lead, *people)
    register.close()
    store.close()
    return [Signer(SECRET).session(person, now=time.time()) for person in (lead, *people)]


def serve(
    folder: Path,
    port: int,
    profile: Path | None = None,
    *,
    rate: float = 20.0,
    database: str | None = None,
) -> None:
    """A server, in a process of its own; `rate` is that of requests allowed to one person."""
    store, register = opened(folder, database)
    takes = tuple(t for t in store.all(Take) if t.failure is not FailureKind.INFRASTRUCTURE)
    library = Library(
        study=lambda name: next(iter(store.all(Study, name=name))),
        suite=lambda study: next(iter(store.all(Suite))),
        takes=lambda suite: takes,
        suites=lambda: (),
    )
    with store.seat() if isinstance(store, Seated) else nullcontext(0) as seat:
        hall = Hall(store, register, Signer(SECRET), library, seat=seat)
        app = create_app(hall, rate=rate, burst=4 * rate)
        if profile is None:
            server.run(app, host="127.0.0.1", port=port)
            return
        watched = cProfile.Profile()
        signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again when it has stopped
        watched.runcall(server.run, app, host="127.0.0.1", port=port)
        watched.dump_stats(profile)


class Connection(asyncio.Protocol):
    """One annotator's kept connection: as little work as a request can be, since it runs on the server's processors."""

    def __init__(self, session: str) -> None:
        key = Signer(SECRET).form_key(session)
        self._head = f"host: 127.0.0.1\r\ncookie: {COOKIE}={session}\r\nx-form-key: {key}\r\n".encode()
        self._got = b""
        self.closed = False
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or self._answer is None:
            return
        start = head.lower().index(b"content-length:") + 15
        if len(body) >= int(head[start:].split(b"\r\n", 1)[0]):
            answer, self._answer, self._got = self._answer, None, b""
            answer.set_result((int(head[9:12]), body))

    def close(self) -> None:
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def ask(self, method: bytes, path: bytes, body: bytes = b"") -> "asyncio.Future[tuple[int, bytes]]":
        self._answer = asyncio.get_running_loop().create_future()
        if self.closed:
            self._answer.set_exception(ConnectionError("the connection is closed"))
            return self._answer
        kind = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body) if body else b""
        self._transport.write(b"%s %s HTTP/1.1\r\n%s%s\r\n%s" % (method, path, self._head, kind, body))
        return self._answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a load brought.

    Attributes:
        accepted: Votes acknowledged.
        refused: Requests to vote that were not.
        seconds: From the first vote that was due to the last acknowledgement.
        waits_ms: Of each vote, from when it was due to its acknowledgement: a slow server cannot hide its queue.
        boards_ms: Of each board page read meanwhile.
        cpu_s: Of the server's processors, user and system, from the first vote to the last.
    """

    accepted: int
    refused: int
    seconds: float
    waits_ms: NDArray[np.float64]
    boards_ms: NDArray[np.float64]
    cpu_s: float

    def told(self) -> str:
        """As text."""
        p50, p99 = np.percentile(self.waits_ms, [50, 99])
        lines = [
            f"{self.accepted} votes accepted in {self.seconds:.1f} s: {self.accepted / self.seconds:.0f} a second; "
            f"refused {self.refused}",
            f"from due to acknowledged: median {p50:.1f} ms, p99 {p99:.1f} ms, slowest {self.waits_ms.max():.1f} ms",
            f"board page: median {np.median(self.boards_ms):.1f} ms, slowest {self.boards_ms.max():.1f} ms",
            f"server: {self.cpu_s / max(1, self.accepted) * 1000:.2f} ms of processor a vote, "
            f"{self.cpu_s / self.seconds * 100:.0f} % of one processor",
        ]
        return "\n".join(lines)


async def load(
    ports: Sequence[int], sessions: list[str], *, pids: Sequence[int], rate: float, seconds: float
) -> Measured:
    """Votes of all annotators, each at their share of the rate, while a board page is read every second.

    Args:
        ports: Of the servers; annotators are spread over them.
        sessions: Of the lead, then of the annotators.
        pids: Of the servers.
        rate: Votes a second, of all.
        seconds: For how long.
    """
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda s=s: Connection(s), "127.0.0.1", ports[n % len(ports)])
        for n, s in enumerate(sessions)
    ]
    lead, *annotators = (protocol for _, protocol in opened)
    waits: list[float] = []
    boards: list[float] = []
    refused = 0
    first = await asyncio.gather(*(c.ask(b"GET", b"/api/task") for c in annotators))
    tasks = [json.loads(said)["task"]["assignment"] for _, said in first]
    cpu = sum(map(cpu_s, pids))
    began = loop.time() + 0.2

    async def annotator(n: int) -> None:
        nonlocal refused
        connection, assignment, every = annotators[n], tasks[n], len(annotators) / rate
        due = began + every * n / len(annotators)
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - loop.time()))
            body = b'{"key":"%s","assignment":"%s","outcome":"first","both_bad":false,"seconds":3.5}'
            status, said = await connection.ask(
                b"POST", b"/api/vote", body % (str(uuid.uuid4()).encode(), assignment.encode())
            )
            waits.append(loop.time() - due)
            answer = json.loads(said)
            if status != 200 or answer["next"]["state"] != "task":
                refused += 1
                return
            assignment, due = answer["next"]["task"]["assignment"], due + every

    async def reader() -> None:
        while loop.time() < began + seconds:
            start = loop.time()
            await lead.ask(b"GET", b"/board/load")
            boards.append(loop.time() - start)
            await asyncio.sleep(1.0)

    await asyncio.gather(reader(), *(annotator(n) for n in range(len(annotators))))
    took = loop.time() - began
    spent = sum(map(cpu_s, pids)) - cpu
    for transport, _ in opened:
        transport.close()
    return Measured(
        accepted=len(waits) - refused,
        refused=refused,
        seconds=took,
        waits_ms=np.array(waits) * 1000,
        boards_ms=np.array(boards) * 1000,
        cpu_s=spent,
    )


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotators", type=int, default=200)
    parser.add_argument("--rate", type=float, default=420.0, help="votes a second, at most")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--database", help=DATABASE_HELP)
    parser.add_argument("--processes", type=int, default=1, help="servers, on ports one after the other")
    parser.add_argument("--profile", type=Path, help="write the server's profile of calls there")
    given = parser.parse_args()
    if given.processes > 1 and not given.database:
        parser.error("--processes: several servers need --database")
    with tempfile.TemporaryDirectory() as name, a_database(given.database) as database:
        folder = Path(name)
        sessions = build(folder, annotators=given.annotators, database=database)
        context = multiprocessing.get_context("spawn")
        ports = [given.port + n for n in range(given.processes)]
        served = [
            context.Process(target=serve, args=(folder, port, given.profile), kwargs={"database": database})
            for port in ports
        ]
        for process, port in zip(served, ports, strict=True):
            process.start()
            wait_for(port)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                pids = [process.pid or 0 for process in served]
                measured = load(ports, sessions, pids=pids, rate=given.rate, seconds=given.seconds)
                print(runner.run(measured).told())
        finally:
            for process in served:
                process.terminate()
            for process in served:
                process.join()
        store, _ = opened(folder, database)
        events = list(store.events(study=STUDY))
        store.close()
    print(f"{len(events)} events stored, {len({(e.match, e.judge) for e in events})} distinct places")


def wait_for(port: int, *, patience_s: float = 120.0) -> None:
    """Until a server listens there."""
    end = time.monotonic() + patience_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


if __name__ == "__main__":
    main()
