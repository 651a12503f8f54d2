"""What a person did on one server is done on the next one they reach: listening, checks, scripts held, links ended."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from s2s_arena.compose.desk_work import _eraser, works
from s2s_arena.records.samples import Suite
from s2s_arena.serve.app import create_app
from s2s_arena.serve.jobs.workshop import Workshop
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.register import Register
from s2s_arena.serve.voting.hall import Hall
from s2s_arena.store.kinds import KINDS
from s2s_arena.store.opening import open_store
from tests.serve.desks import accept, job, said, worker
from tests.serve.worlds import Browser, World


@dataclass
class Site:
    """One of several servers on a database; stands for a world where tests have one."""

    world: World
    hall: Hall
    workshop: Workshop
    app: Any
    server: TestClient

    @property
    def clock(self):
        return self.world.clock

    @property
    def suite(self):
        return self.world.suite

    @property
    def store(self):
        return self.world.store


@pytest.fixture
def sites(make, postgresql):
    """Makes two servers on one database, of a world made with the fields given."""
    opened = []

    def build(seats=(0, 1), **fields):
        world = make(**fields)
        url = postgresql.database()
        for seat in seats:
            store = open_store(url, audio=world.folder / "audio")
            register = Register(store.shelf())
            if not opened:
                for kind in KINDS:
                    store.put(*world.store.all(kind.record))
                register.keep(world.conduct)
            hall = Hall(store, register, world.hall.signer, world.hall.library, clock=world.clock, seat=seat)
            workshop = Workshop(
                hall, works(store, seed=0), suite=lambda h: world.store.get(Suite, h), withdraw=_eraser(store)
            )
            app = create_app(hall, workshop=workshop, rate=1e6, burst=1e6)
            opened.append((Site(world, hall, workshop, app, TestClient(app).__enter__()), store))
        return [site for site, _ in opened]

    yield build
    for site, store in opened:
        site.server.__exit__(None, None, None)
        store.close()


def person(site, **fields):
    ready = {"began": "x", "check": "pass", "practised": "x"} | fields
    return site.hall.keep(Person(id="abcdefabcdef", role=Role.ANNOTATOR, study="people", **ready))


def test_listening_is_proven_wherever_clips_and_reports_went(sites):
    a, b = sites(conduct={"listen": 0.9})
    who = person(a)
    here, there = Browser(a, who), Browser(b, who)
    task = here.task()["task"]
    assert there.task()["task"]["assignment"] == task["assignment"]
    refused = there.post("/api/vote", there.ballot(task))
    assert refused.json()["error"]["code"] == "not_heard"
    heard = here.hear(task)
    assert here.post("/api/heard", {"assignment": task["assignment"], "heard": heard}).status_code == 200
    shown = there.task()["task"]["heard"]
    assert {name: spans for name, spans in shown.items() if spans} == heard
    assert there.post("/api/vote", there.ballot(task)).status_code == 200
    assert here.task()["progress"]["done"] == 1


def test_a_clip_can_be_fetched_from_a_server_that_did_not_give_the_task(sites):
    a, b = sites()
    who = person(a)
    here, there = Browser(a, who), Browser(b, who)
    urls = [clip["url"] for clip in here.task()["task"]["clips"].values()]
    assert [there.get(url).content for url in urls] == [here.get(url).content for url in urls]
    other = b.hall.keep(replace(who, id="0123456789ab"))
    assert Browser(b, other).get(urls[1]).status_code == 404


def test_what_a_person_began_and_tried_is_known_everywhere_and_an_ended_link_has_ended(sites):
    a, b = sites(conduct={"check": "require"})
    who = person(a, began="", check="")
    here, there = Browser(a, who), Browser(b, who)
    here.form("/begin", agree="yes")
    assert there.task()["state"] == "check"
    answers = {trial["id"]: "0" for trial in there.get("/api/check").json()["trials"]}
    left = [who.post("/api/check", {"answers": answers}).json()["attempts_left"] for who in (here, there, here)]
    assert left == [2, 1, 0] and there.get("/api/check").json()["result"] == "fail"
    a.hall.keep(replace(a.hall.people[who.id], link=1))
    assert there.get("/api/task").status_code == 401


def test_a_paused_study_is_paused_everywhere(sites):
    a, b = sites()
    there = Browser(b, person(a))
    a.hall.conduct(replace(a.hall.room("people").desk.conduct, paused=True))
    assert there.task()["state"] == "paused"


def test_a_script_is_given_to_one_speaker_and_a_reply_is_kept_once(sites):
    a, b = sites(samples=2)
    the_job = job(a, JobKind.DUB)
    here, there = worker(a, the_job), worker(b, the_job)
    first, second = here.get("/api/job").json()["item"]["id"], there.get("/api/job").json()["item"]["id"]
    assert first != second
    assert accept(here, said(), first).status_code == 200
    assert accept(there, said(1.2), second).status_code == 200
    assert [who.get("/api/job").json().get("item") for who in (here, there)] == [None, None]
    assert {r.item for r in b.hall.register.replies(the_job.name)} == {first, second}


def test_servers_that_look_for_tasks_at_the_same_place_give_each_match_to_one_person(sites):
    """Seats only keep servers out of each other's way: after a restart of the database two may have the same one."""
    a, b = sites(seats=(0, 0), conduct={"quota": 9}, round_size=3)
    crowd = [a.hall.keep(Person(id=f"{n:012x}", role=Role.ANNOTATOR, study="people", began="x")) for n in range(6)]

    def annotate(who):
        browser = Browser((a, b)[crowd.index(who) % 2], who)
        return [browser.vote().status_code for _ in range(9)]

    with ThreadPoolExecutor(len(crowd)) as threads:
        assert list(threads.map(annotate, crowd)) == [[200] * 9] * len(crowd)
    events = list(a.hall.store.events())
    assert [event.number for event in events] == list(range(1, 6 * 9 + 1))
    assert len({event.match for event in events}) == len(events)
    assert Browser(b, crowd[0]).task()["state"] == "done"
