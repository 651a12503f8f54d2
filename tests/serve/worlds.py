"""A hall on a real SQLite store with a small answered suite, browsers to walk in with, and a clock set by hand."""

import atexit
import re
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from s2s_arena.audio.resampling import resample
from s2s_arena.records.identity import StudyName, SystemName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Failure, FailureKind, Response, Take, response_key, take_of
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import STRICT, Outcome, Rules, Sampling, Study
from s2s_arena.serve.app import create_app
from s2s_arena.serve.people.person import Conduct, Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.people.tokens import Signer, new_id
from s2s_arena.serve.voting.hall import Hall, Library
from s2s_arena.store.sqlite import SqliteStore
from s2s_arena.testing.sound import tones
from s2s_arena.testing.worlds import rehearsal_suite

SYSTEMS = tuple(SystemName(name) for name in ("north", "east", "south"))
_MADE: dict[Any, Path] = {}
SECRET = b"a secret of the tests, 32 bytes!!"


@dataclass
class Clock:
    """Seconds, set by hand."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A hall and what it stands on."""

    folder: Path
    conduct: Conduct
    outcomes: tuple[Outcome, ...] = STRICT
    systems: tuple[SystemName, ...] = SYSTEMS
    failing: Sequence[str] = ()
    samples: int = 8
    turns: int = 1
    round_size: int = 6
    rate: float = 1e6
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        kind = (self.systems, tuple(self.failing), self.samples, self.turns)
        if kind not in _MADE:  # speech is made once for all tests that need the same
            _MADE[kind] = Path(tempfile.mkdtemp(prefix="hall-"))
            atexit.register(shutil.rmtree, _MADE[kind], ignore_errors=True)
            store = SqliteStore(_MADE[kind] / "arena.db", audio=_MADE[kind] / "audio")
            suite = rehearsal_suite(store, samples=self.samples, turns=self.turns)
            for sample in suite.samples:
                for n, system in enumerate(self.systems):
                    store.put(*answered(store, sample.id, system, n, turns=self.turns, fails=system in self.failing))
            store.close()
        shutil.copytree(_MADE[kind], self.folder, dirs_exist_ok=True)
        self.store = SqliteStore(self.folder / "arena.db", audio=self.folder / "audio")
        (self.suite,) = self.store.all(Suite)
        self.study = Study(
            name=self.conduct.study,
            suite=self.suite.name,
            suite_hash=self.suite.hash,
            systems=self.systems,
            rules=Rules(outcomes=self.outcomes),
            sampling=Sampling(round_size=self.round_size),
        )
        self.store.put(self.study)
        self.register = Register(self.folder / "people.db")
        self.register.keep(self.conduct)
        self.open()

    def open(self) -> None:
        """Start the server, again if it was stopped."""
        library = Library(
            study=lambda name: max(self.store.all(Study, name=name), key=lambda s: s.revision),
            suite=lambda study: self.suite,
            takes=lambda suite: tuple(self.store.all(Take)),
            suites=lambda: tuple(self.store.all(Suite)),
        )
        self.register = Register(self.folder / "people.db")
        self.hall = Hall(self.store, self.register, Signer(SECRET), library, clock=self.clock)
        self.app = create_app(self.hall, rate=self.rate, burst=self.rate)
        self.server = TestClient(self.app).__enter__()  # keeps one event loop for all browsers

    def restart(self) -> None:
        """Stop and start the server; what is not on the disk is gone."""
        self.server.__exit__(None, None, None)
        self.open()

    def person(self, role: Role = Role.ANNOTATOR, **fields: Any) -> Person:
        """Somebody, ready to vote."""
        ready = {"began": "x", "check": "pass", "practised": "x"} | fields
        study = self.conduct.study if role is Role.ANNOTATOR else ""
        return self.hall.keep(Person(id=new_id(), role=role, study=study, **ready))  # type: ignore[arg-type]

    def browser(self, person: Person) -> "Browser":
        """A browser that has opened the person's link."""
        return Browser(self, person)

    def matches(self) -> dict[str, Match]:
        """All matches by id."""
        return {m.id: m for m in self.store.all(Match)}

    def close(self) -> None:
        """Stop the server and close the store."""
        self.server.__exit__(None, None, None)
        self.store.close()


def world(folder: Path, *, conduct: Mapping[str, Any] | None = None, **fields: Any) -> World:
    """A world whose study asks for no listening, no check and no hidden tasks, unless `conduct` says so."""
    plain: dict[str, Any] = {"listen": 0.0, "check": "off", "repeats": 0.0, "swaps": 0.0, "gold": 0.0, "overlap": 0.0}
    chosen = Conduct(
        study=StudyName("people"),
        **(plain | {"practice": False, "quota": 12, "gains": dict.fromkeys(SYSTEMS, 0.0)} | dict(conduct or {})),
    )
    return World(folder=folder, conduct=chosen, **fields)


def answered(
    store: SqliteStore, sample: Any, system: SystemName, n: int, *, turns: int, fails: bool
) -> list[Response | Take]:
    """Responses of a system to all turns of a sample, at a rate and level of its own, and its take."""
    made: list[Response] = []
    for turn in range(turns):
        wave = tones([f"{sample}/{turn}/{k}" for k in range(3)], level=(0.05, 0.2, 0.4)[n % 3])
        failure = Failure(kind=FailureKind.EMPTY, message="nothing came") if fails else None
        made.append(
            Response(
                key=response_key(sample=sample, turn=turn, audio=["a"], system=system, settings="s", seed=0),
                sample=sample,
                turn=turn,
                system=system,
                settings="s",
                speech=None if fails else store.put_audio(resample(wave, (16000, 24000, 22050)[n % 3])),
                failure=failure,
            )
        )
    return [*made, take_of(made)]


class Browser:
    """What a page does, without the page."""

    def __init__(self, world: World, person: Person) -> None:
        self.client = TestClient(world.app, base_url="http://arena.test")
        self.client.portal = world.server.portal
        self.person, self._world = person, world
        self.joined = self.client.get(f"/join/{world.hall.signer.link(person)}", headers={"accept": "text/html"})
        found = re.search(r'data-form-key="([^"]+)"', self.joined.text)
        self.form_key = found.group(1) if found else ""

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(path, json=body, headers={"x-form-key": self.form_key, **headers})

    def form(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data={"form_key": self.form_key, **fields}, headers={"accept": "text/html"})

    def task(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/api/task").json()
        return found

    def ballot(self, task: Mapping[str, Any], outcome: str = "first", **fields: Any) -> dict[str, Any]:
        """The body of a vote on a task."""
        made = {"key": str(uuid.uuid4()), "assignment": task["assignment"], "outcome": outcome, "seconds": 3.0}
        return made | {"both_bad": False if task["ask_both_bad"] else None} | fields

    def vote(self, outcome: str = "first", **fields: Any) -> Any:
        """Vote on the task there is."""
        return self.post("/api/vote", self.ballot(self.task()["task"], outcome, **fields))

    def hear(self, task: Mapping[str, Any], *, wait: bool = True) -> dict[str, Any]:
        """Fetch every clip and let the time pass that it takes; what the page then reports."""
        heard: dict[str, Any] = {}
        for name, clip in task["clips"].items():
            assert self.get(clip["url"]).status_code == 200
            duration = self.get(clip["url"] + "/peaks").json()["duration_s"]
            heard[name] = [[0.0, duration]]
            if wait:
                self._world.clock.now += duration
        return heard
