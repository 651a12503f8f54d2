"""The desks for samples, wired to a real workspace as `s2s-arena serve` wires them."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app as command
from s2s_arena.compose import open_workspace, serving
from s2s_arena.compose.desk_work import open_workshop
from s2s_arena.records.responses import Take
from s2s_arena.serve.people.person import Person, Role
from s2s_arena.serve.people.tokens import new_id
from s2s_arena.testing.worlds import rehearsal_suite
from tests.serve.desks import said

TestClient = pytest.importorskip("fastapi.testclient").TestClient


@pytest.fixture
def served(tmp_path: Path):
    """A workspace with a suite, opened for people; yields it, its hall and a client."""
    assert CliRunner().invoke(command, ["init", str(tmp_path / "w")]).exit_code == 0
    with open_workspace(tmp_path / "w") as arena:
        rehearsal_suite(arena.store, samples=2)
        hall = serving.open_hall(arena)
        with TestClient(serving.application(hall, open_workshop(arena, hall)), base_url="http://arena.test") as client:
            yield arena, hall, client


def test_a_review_and_answers_of_people_reach_the_workspace(served):
    arena, hall, client = served

    def enter(**fields):
        person = hall.keep(Person(id=new_id(), **fields))
        page = client.get(f"/join/{hall.signer.link(person)}", headers={"accept": "text/html"})
        return re.search(r'data-form-key="([^"]+)"', page.text).group(1)

    key = enter(role=Role.ADMIN)
    for kind in ("review", "answer"):
        fields = {"form_key": key, "kind": kind, "name": kind, "suite": arena.suite().hash, "listen": "0"}
        assert client.post("/desk/jobs", data=fields).status_code == 200
    key = enter(role=Role.ANNOTATOR, job="review", began="x")
    while (state := client.get("/api/job").json())["state"] == "task":
        body = {"item": state["item"]["id"], "answers": {"decision": "keep"}}
        assert client.post("/api/job/answer", json=body, headers={"x-form-key": key}).status_code == 200
    assert client.post("/api/job/hand-in", json={}, headers={"x-form-key": key}).json()["settled"] == 2
    key = enter(role=Role.ANNOTATOR, job="answer", began="x", consent=("evaluation",))
    headers = {"x-form-key": key, "content-type": "audio/wav"}
    for n in range(2):
        item = client.get("/api/job").json()["item"]
        assert not item["guideline"] and not item["level"] and not item["parts"][0]["labels"]  # heard, not read
        sent = client.post(f"/api/job/recording/{item['id']}", content=said(1.0 + n / 10), headers=headers)
        assert sent.status_code == 200
    client.post("/api/job/hand-in", json={}, headers={"x-form-key": key})
    assert {take.system for take in arena.takes(arena.suite())} == {"human"}
    assert arena.cards.system("human").card.settings_hash in {
        r.settings for take in arena.store.all(Take) for r in _responses(arena, take)
    }
    shown = CliRunner().invoke(command, ["suite", "review", "-w", str(arena.layout.root), "--no-ears"])
    assert "people: 2 of 2 samples reviewed" in shown.output


def _responses(arena, take):
    from s2s_arena.records.responses import Response

    return [arena.store.get(Response, key) for key in take.responses]


def test_nobody_can_load_people(served):
    from s2s_arena.errors import MissingError

    arena, _, _ = served
    with pytest.raises(MissingError, match="make a job of kind answer"):
        arena.contestant("human").load()
