"""A world with jobs on its suite: reviews, verification, identification, dubbing and answers of people."""

import numpy as np

from s2s_arena.audio.files import encode_wav
from s2s_arena.audio.waveform import Waveform
from s2s_arena.compose.desk_work import _eraser, works
from s2s_arena.records.samples import Suite
from s2s_arena.serve.app import create_app
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.job import Job, JobKind
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.tokens import new_id
from tests.serve.worlds import Browser, World


def with_desks(world: World) -> World:
    """The same world with a workshop on it, as `compose` wires it."""
    world.server.__exit__(None, None, None)
    reopen(world)
    return world


def reopen(world: World) -> None:
    from fastapi.testclient import TestClient

    from s2s_arena.serve.people.register import Register
    from s2s_arena.serve.voting.hall import Hall

    register = Register(world.folder / "people.db")
    world.register = register
    world.hall = Hall(world.store, register, world.hall.signer, world.hall.library, clock=world.clock)
    world.workshop = Workshop(
        world.hall, works(world.store, seed=0), suite=lambda h: world.store.get(Suite, h), withdraw=_eraser(world.store)
    )
    world.app = create_app(world.hall, workshop=world.workshop, rate=world.rate, burst=world.rate)
    world.server = TestClient(world.app).__enter__()


def job(world: World, kind: JobKind, **fields) -> Job:
    """A job of a kind on the world's suite, without listening unless said."""
    plain = {"name": f"the-{kind}", "suite": world.suite.name, "suite_hash": world.suite.hash, "listen": 0.0}
    per_level = fields.pop("per_level", 25)
    return world.workshop.begin(Job(kind=kind, **(plain | fields)), per_level=per_level)


def worker(world: World, job: Job, **fields) -> Browser:
    """A browser of somebody who has begun on a job; where they record, they allowed everything."""
    allowed = ("evaluation", "third_party_processing", "publication") if job.kind.speaks else ()
    ready = {"began": "2026-11-21", "consent": allowed, "consented": "2026-11-21", "consent_text": "en-1"}
    person = Person(id=new_id(), role=Role.ANNOTATOR, job=job.name, **(ready | fields))
    return Browser(world, world.hall.keep(person))


def said(seconds: float = 1.0, *, hz: float = 220.0, rate: int = 24000, level: float = 0.3) -> bytes:
    """A WAV that passes for speech: bursts of a tone between short silences."""
    times = np.arange(round(seconds * rate)) / rate
    envelope = np.clip(np.sin(2 * np.pi * 2.5 * times - 0.9), 0, 1) * np.minimum(1, (seconds - times) / 0.1)
    noise = np.random.default_rng(round(hz)).standard_normal(len(times)) * 1e-4
    wave = Waveform((level * envelope * np.sin(2 * np.pi * hz * times) + noise).astype(np.float32), rate)
    return encode_wav(wave)


def accept(worker: Browser, content: bytes, item: str, **query):
    """Send a recording as the page does."""
    headers = {"x-form-key": worker.form_key, "content-type": "audio/wav"}
    return worker.client.post(f"/api/job/recording/{item}", content=content, params=query, headers=headers)
