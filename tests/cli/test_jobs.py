"""Jobs on a suite by the commands alone, while people work on them in their browsers."""

import csv
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace, serving
from s2s_arena.compose.desk_work import open_workshop
from s2s_arena.records.samples import Suite
from s2s_arena.records.scores import Review
from s2s_arena.testing.worlds import rehearsal_suite
from tests.serve.desks import said

TestClient = pytest.importorskip("fastapi.testclient").TestClient


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


def printed(*args: object) -> dict:
    result = run(*args, "--json")
    assert result.exit_code == 0, (result.stderr, result.exception)
    return json.loads(result.stdout)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def refused(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 2, (result.output, result.exception)
    return result.stderr.strip()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With a suite of three samples."""
    place = tmp_path / "w"
    assert run("init", place).exit_code == 0
    with open_workspace(place) as arena:
        rehearsal_suite(arena.store, samples=3)
    return place


class Served:
    """The pages of a workspace, and whoever opened a link last."""

    def __init__(self, client) -> None:
        self.client, self.key = client, ""

    def enter(self, link: str) -> None:
        page = self.client.get(link.removeprefix("http://arena.test"), headers={"accept": "text/html"})
        assert page.status_code == 200
        self.key = re.search(r'data-form-key="([^"]+)"', page.text).group(1)

    def begin(self, **fields: str) -> None:
        self.client.post("/job/begin", data={"form_key": self.key, "agree": "yes", **fields})

    def item(self) -> str:
        return self.client.get("/api/job").json()["item"]["id"]

    def keep(self) -> None:
        body = {"item": self.item(), "answers": {"decision": "keep"}}
        assert self.client.post("/api/job/answer", json=body, headers={"x-form-key": self.key}).status_code == 200

    def record(self, seconds: float) -> None:
        headers = {"x-form-key": self.key, "content-type": "audio/wav"}
        sent = self.client.post(f"/api/job/recording/{self.item()}", content=said(seconds), headers=headers)
        assert sent.status_code == 200, sent.text


@pytest.fixture
def served(workspace: Path):
    with open_workspace(workspace) as arena:
        hall = serving.open_hall(arena)
        with TestClient(serving.application(hall, open_workshop(arena, hall)), base_url="http://arena.test") as client:
            yield Served(client)


def test_a_review_from_nothing_to_its_table(workspace, served, tmp_path):
    w = ("-w", workspace)
    made = printed("jobs", "create", "reviews", "--kind", "review", "--listen", "0", "--pay", "0.5", *w)
    assert (made["kind"], made["items"]) == ("review", 3)
    people = printed("jobs", "invite", "reviews", "--people", "Ann,Bo", "--url", "http://arena.test/", *w)["people"]
    assert [p["name"] for p in people] == ["Ann", "Bo"]
    served.enter(people[0]["link"])  # the server that runs knows of both
    served.begin()
    for _ in range(3):
        served.keep()
    served.enter(people[1]["link"])
    served.begin()
    served.keep()
    now = printed("jobs", "status", "reviews", *w)
    assert [(p["name"], p["done"], p["quota"], p["open"]) for p in now["people"]] == [("Ann", 3, 3, 3), ("Bo", 1, 3, 1)]
    assert (now["items"], now["replies"], now["paused"]) == (3, 4, False)
    assert printed("jobs", "close", "reviews", *w) == {"job": "reviews", "settled": 4, "made": ""}
    assert served.client.get("/api/job").json()["state"] == "paused"  # at once, for whoever has not finished
    with open_workspace(workspace) as arena:
        assert len([r for r in arena.store.all(Review) if r.reviewer.startswith("person:")]) == 4
    told = printed("jobs", "export", "reviews", tmp_path / "out", *w)
    assert (told["replies"], told["people"]) == (4, 2)
    replies = table(tmp_path / "out" / "replies.csv")
    assert {r["answers"] for r in replies} == {"decision=keep"} and {r["settled"] for r in replies} == {"True"}
    pay = {r["name"]: r for r in table(tmp_path / "out" / "people.csv")}
    assert {name: (r["pay"], bool(r["code"])) for name, r in pay.items()} == {
        "Ann": ("1.5", True),
        "Bo": ("0.5", False),
    }
    assert run("jobs", "reopen", "reviews", *w).exit_code == 0
    served.keep()
    listed = run("jobs", "list", *w, "--json").stdout
    assert json.loads(listed) == [
        {"job": "reviews", "kind": "review", "suite": made["suite"], "people": 2, "replies": 5, "paused": False}
    ]


def test_closing_a_dubbing_makes_the_dubbed_suite(workspace, served):
    w = ("-w", workspace)
    printed("jobs", "create", "voices", "--kind", "dub", *w)
    (person,) = printed("jobs", "invite", "voices", "--url", "http://arena.test", *w)["people"]
    served.enter(person["link"])
    served.begin(evaluation="yes", publication="yes", gender="female")
    for n in range(3):
        served.record(1.0 + n / 10)
    closed = printed("jobs", "close", "voices", *w)
    assert closed["settled"] == 3 and "3" in closed["made"]
    with open_workspace(workspace) as arena:
        suites = list(arena.store.all(Suite))
        (dubbed,) = (suite for suite in suites if "dubbed:of" in suite.build)
        assert dubbed.build["dubbed:of"] in {suite.hash for suite in suites} and len(dubbed.samples) == 3


def test_what_cannot_be_is_refused_in_one_line(workspace):
    w = ("-w", workspace)
    printed("jobs", "create", "first", "--kind", "answer", *w)
    assert "there is one of that name already" in refused("jobs", "create", "first", "--kind", "review", *w)
    assert "name another contestant" in refused("jobs", "create", "second", "--kind", "answer", *w)
    assert "nobody" in refused("jobs", "status", "nobody", *w)
    assert "proficiency" in refused("jobs", "invite", "first", "--languages", "en:godlike", *w)
    assert "/" in refused("jobs", "create", "a/b", "--kind", "review", *w)


def test_a_table_for_people_who_read_tables(workspace):
    w = ("-w", workspace)
    printed("jobs", "create", "checks", "--kind", "verify", "--per-level", "1", *w)
    printed("jobs", "invite", "checks", "--people", "Ann", *w)
    for shown in (run("jobs", "status", "checks", *w), run("jobs", "list", *w)):
        assert shown.exit_code == 0 and "checks" in shown.output
