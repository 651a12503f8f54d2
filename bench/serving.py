"""Votes a second through HTTP: so many annotators at a bounded rate against a real server on SQLite."""

import argparse
import asyncio
import json
import multiprocessing
import re
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
import uvicorn

from s2s_arena.records.identity import SampleId, StudyName, SuiteName, SystemName
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Sampling, Study
from s2s_arena.records.taxonomy import DOMAINS, Level
from s2s_arena.serve.app import create_app
from s2s_arena.serve.asking import COOKIE
from s2s_arena.serve.hall import Hall, Library
from s2s_arena.serve.people import Conduct, Person, Role
from s2s_arena.serve.register import Register
from s2s_arena.serve.tokens import Signer, new_id
from s2s_arena.store.sqlite import SqliteStore

SECRET = b"a secret of the benchmark, 32 bytes"
SYSTEMS = tuple(SystemName(f"s{n}") for n in range(10))


def build(folder: Path, *, annotators: int, samples: int = 293) -> list[str]:
    """A study of ten systems without audio (nothing is listened to here); sessions of the lead and the annotators."""
    store = SqliteStore(folder / "arena.db", audio=folder / "audio")
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
        name=StudyName("load"),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=SYSTEMS,
        sampling=Sampling(round_size=200),
    )
    store.put(suite, study, *takes)
    store.close()
    conduct = Conduct(
        study=study.name, listen=0.0, check="off", practice=False, quota=100_000, gains=dict.fromkeys(SYSTEMS, 0.0)
    )
    people = [Person(id=new_id(), role=Role.ANNOTATOR, study="load", began="x") for _ in range(annotators)]
    lead = Person(id=new_id(), role=Role.ADMIN)
    register = Register(folder / "people.db")
    register.keep(conduct, lead, *people)
    register.close()
    return [Signer(SECRET).session(person, now=time.time()) for person in (lead, *people)]


def serve(folder: Path, port: int) -> None:
    """The server, in a process of its own."""
    store = SqliteStore(folder / "arena.db", audio=folder / "audio")
    takes = tuple(t for t in store.all(Take) if t.failure is not FailureKind.INFRASTRUCTURE)
    library = Library(
        study=lambda name: next(iter(store.all(Study, name=name))),
        suite=lambda study: next(iter(store.all(Suite))),
        takes=lambda suite: takes,
        suites=lambda: (),
    )
    hall = Hall(store, Register(folder / "people.db"), Signer(SECRET), library)
    uvicorn.run(create_app(hall), port=port, log_level="warning", access_log=False, timeout_keep_alive=75)


class Connection:
    """One annotator's kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cookie = self.key = ""

    async def open(self, session: str) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.cookie, self.key = f"{COOKIE}={session}", Signer(SECRET).form_key(session)

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, str, bytes]:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"cookie: {self.cookie}", f"x-form-key: {self.key}"]
        lines += ["content-type: application/json", f"content-length: {len(content)}", "", ""]
        self._writer.write("\r\n".join(lines).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        length = int(re.search(r"content-length: (\d+)", head, re.I)[1])  # type: ignore[index]
        return int(head.split(" ", 2)[1]), head, await self._reader.readexactly(length)


async def load(port: int, links: list[str], *, rate: float, seconds: float) -> None:
    lead, *annotators = [Connection(port) for _ in links]
    for connection, link in zip((lead, *annotators), links, strict=True):
        await connection.open(link)
    waits: list[float] = []
    boards: list[float] = []
    refused = 0
    tasks = [
        json.loads(said[2])["task"] for said in await asyncio.gather(*(c.ask("GET", "/api/task") for c in annotators))
    ]
    began = time.perf_counter() + 0.5

    async def annotator(n: int) -> None:
        nonlocal refused
        connection, task, every = annotators[n], tasks[n], len(annotators) / rate
        due = began + every * n / len(annotators)
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = {"key": str(uuid.uuid4()), "assignment": task["assignment"], "outcome": "first", "both_bad": False}
            status, _, said = await connection.ask("POST", "/api/vote", body)
            waits.append(time.perf_counter() - due)  # from when it was due: a slow server cannot hide its queue
            answer = json.loads(said)
            if status != 200 or answer["next"]["state"] != "task":
                refused += 1
                return
            task, due = answer["next"]["task"], due + every

    async def reader() -> None:
        while time.perf_counter() < began + seconds:
            start = time.perf_counter()
            await lead.ask("GET", "/board/load")
            boards.append(time.perf_counter() - start)
            await asyncio.sleep(1.0)

    await asyncio.gather(reader(), *(annotator(n) for n in range(len(annotators))))
    took = time.perf_counter() - began
    p50, p99 = np.percentile(np.array(waits) * 1000, [50, 99])
    print(f"{len(waits) - refused} votes accepted in {took:.1f} s: {(len(waits) - refused) / took:.0f} a second")
    print(f"from due to acknowledged: median {p50:.1f} ms, p99 {p99:.1f} ms; refused {refused}")
    print(f"board page: median {np.median(boards) * 1000:.1f} ms, slowest {max(boards) * 1000:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotators", type=int, default=200)
    parser.add_argument("--rate", type=float, default=420.0, help="votes a second, at most")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--port", type=int, default=8899)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        links = build(folder, annotators=given.annotators)
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, given.port), daemon=True)
        server.start()
        for _ in range(1200):
            try:
                asyncio.run(_open(given.port))
                break
            except OSError:
                time.sleep(0.1)
        asyncio.run(load(given.port, links, rate=given.rate, seconds=given.seconds))
        server.terminate()
        server.join()
        store = SqliteStore(folder / "arena.db", audio=folder / "audio")
        events = list(store.events(study=StudyName("load")))
        store.close()
    print(f"{len(events)} events stored, {len({(e.match, e.judge) for e in events})} distinct places")


async def _open(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


if __name__ == "__main__":
    main()
