"""What attackers try, on every route, parameter and field there is: the lists come from the application itself."""

import html.parser
import json
import re
import socket
import uuid

import pytest

from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from s2s_arena.serve.web.asking import COOKIE
from s2s_arena.serve.web.document import OPEN
from tests.serve.desks import job, with_desks, worker
from tests.serve.ports import served

HTML = {"accept": "text/html"}
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onfocus=alert(3) x='{{7*7}}"
SQL = ("' OR '1'='1", "x'; DROP TABLE people; --", "1 UNION SELECT body FROM people", "'); DELETE FROM audit; --")
PATHS = (
    "../serve.key",
    "..%2f..%2fserve.key",
    "%2e%2e%2fpeople.db",
    "..\\people.db",
    "/etc/passwd",
    "%00",
    "people.db%00x",
)


class Fields(html.parser.HTMLParser):
    """The forms of a page: action -> names and kinds of its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.open = self.forms.setdefault(said.get("action", ""), {})
        elif tag in ("input", "textarea", "select") and said.get("name"):
            self.open[said["name"]] = said.get("type", "text") if tag == "input" else tag


@pytest.fixture
def world(make):
    w = with_desks(make(conduct={"public_board": True}))
    job(w, JobKind.REVIEW)
    job(w, JobKind.DUB)
    return w


def routes(world):
    for path, methods in world.app.openapi()["paths"].items():
        for method in methods:
            yield method, path


def filled(path: str, value: str = "x", **known: str) -> str:
    return re.sub(r"{(\w+)}", lambda found: known.get(found[1], value), path)


def counts(world) -> tuple[int, ...]:
    kept = world.hall.register
    return len(list(world.store.events())), len(list(kept.people())), len(list(kept.conducts())), len(list(kept.jobs()))


# ----------------------------------------------------------------------------------------------- injection


def test_markup_in_any_field_of_any_form_comes_back_as_text(world):
    lead = world.browser(world.person(Role.ADMIN, name=MARKUP))
    annotator = world.browser(world.person(name=MARKUP, external=MARKUP, languages={}))
    annotator.vote(reason=MARKUP)
    reviewer = worker(world, next(iter(world.hall.register.jobs())))
    pages = ["/desk", "/desk/jobs", "/desk/study/people", "/desk/job/the-review"]
    tried = 0
    for page in list(pages):
        for action, fields in Fields(lead.get(page, headers=HTML).text).forms.items():
            for name, kind in fields.items():
                if kind in ("text", "textarea", "search", "url", "number") and action.startswith("/desk"):
                    others = {"name": f"study-{tried}", "count": "1", "suite": world.suite.hash, "kind": "review"}
                    answer = lead.form(action, **(others | {name: MARKUP}))
                    tried += 1
                    assert answer.status_code < 500, (action, name)
                    pages += [str(answer.url.path)] if answer.status_code == 200 else []
                    unharmed(answer.text)
    assert tried >= 12
    made = [f"/desk/study/{c.study}" for c in world.hall.register.conducts()]
    made += [f"/board/{c.study}" for c in world.hall.register.conducts()]
    made += [f"/desk/job/{j.name}" for j in world.hall.register.jobs()]
    shown = 0
    for browser, paths in (
        (lead, [*pages, *made, "/desk/audit", "/"]),
        (annotator, ["/", "/vote", "/check", "/thanks", "/board/people", f"/board/{MARKUP}"]),
        (reviewer, ["/", "/job", "/job/thanks", "/job/rights"]),
    ):
        for path in dict.fromkeys(paths):
            shown += unharmed(browser.get(path, headers=HTML).text)
    assert shown >= 5  # what was sent is shown, as text


def unharmed(text: str) -> bool:
    """Whether the markup is there, as text; it must not be there as markup."""
    assert "<script>alert" not in text and "<img src=x" not in text
    assert "\"' onfocus=alert" not in text and "x='49" not in text
    return "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("value", [*SQL, *PATHS, MARKUP, "x" * 3000, "\u202e", "${jndi:ldap://x}"])
def test_no_parameter_of_any_route_is_taken_for_more_than_a_name(world, value):
    before = counts(world)
    admin, annotator = world.browser(world.person(Role.ADMIN)), world.browser(world.person())
    for browser in (admin, annotator):
        for method, path in routes(world):
            if "{" not in path and method == "post":
                continue
            asked = filled(path, value) if "{" in path else f"{path}?x={value}&study={value}"
            headers = {"x-form-key": browser.form_key, "content-type": "application/json"} | HTML
            body = {"content": json.dumps({"key": value})} if method == "post" else {}
            answer = browser.client.request(method, asked, headers=headers, follow_redirects=False, **body)
            assert answer.status_code < 500, asked
            assert answer.status_code >= 400 or "{" not in path, asked
            assert "root:" not in answer.text and "SQLite" not in answer.text and "Traceback" not in answer.text
    after = counts(world)
    assert (after[0], after[2], after[3]) == (before[0], before[2], before[3]) and after[1] == before[1] + 2


def test_sql_in_every_field_of_a_vote_is_refused_or_kept_as_text(world):
    b = world.browser(world.person())
    for n, value in enumerate(SQL):
        task = b.task()["task"]
        for field in ("key", "assignment", "outcome", "seconds", "both_bad"):
            assert b.post("/api/vote", b.ballot(task) | {field: value}).status_code == 422
        assert b.post("/api/vote", b.ballot(task, reason=value)).status_code == 200
        assert [event.verdict.reason for event in world.store.events()][n] == value


# --------------------------------------------------------------------------------- other people's things


def test_what_belongs_to_another_cannot_be_had_by_its_id(world):
    owner, thief = world.browser(world.person()), world.browser(world.person())
    task = owner.task()["task"]
    thief.task()
    for clip in task["clips"].values():
        assert owner.get(clip["url"]).status_code == 200
        assert thief.get(clip["url"]).status_code == 404
        assert thief.get(clip["url"] + "/peaks").status_code == 404
    heard = {"assignment": task["assignment"], "heard": {"first": [[0, 1]]}}
    assert thief.post("/api/heard", heard).status_code == 409
    vote = owner.ballot(task)
    assert thief.post("/api/vote", vote).status_code == 409
    assert owner.post("/api/vote", vote).status_code == 200
    taken_back = {"key": str(uuid.uuid4()), "assignment": task["assignment"]}
    assert thief.post("/api/undo", taken_back).status_code == 409
    assert [event.judge for event in world.store.events()] == [owner.person.judge]


def test_roles_hold_on_every_route(world):
    """Annotators and people with jobs are told nothing of the desk, whatever they send to it."""
    annotator = world.browser(world.person())
    reviewer = worker(world, next(iter(world.hall.register.jobs())))
    known = {
        "study": "people",
        "name": "the-review",
        "id": annotator.person.id,
        "action": "leave",
        "file": "people.csv",
    }
    for browser in (annotator, reviewer):
        for method, path in routes(world):
            if path.startswith("/desk"):
                if method == "get":
                    answer = browser.get(filled(path, "people.csv", **known), headers=HTML)
                else:
                    answer = browser.form(filled(path, **known), name="x", count="1")
                assert answer.status_code == 404, path
    assert annotator.get("/api/job").status_code == 403
    assert reviewer.get("/api/task").status_code in (403, 404, 422)
    assert world.hall.people[annotator.person.id].active


# ------------------------------------------------------------------------------- forged requests and tokens


def test_no_change_is_made_without_the_sessions_form_key(world):
    for browser in (
        world.browser(world.person(Role.ADMIN)),
        world.browser(world.person()),
        worker(world, next(iter(world.hall.register.jobs()))),
    ):
        before = counts(world)
        for method, path in routes(world):
            if method == "post":
                asked = filled(path, "0" * 32, study="people", name="the-review", id="0" * 12, action="leave")
                for kind in ("application/json", "application/x-www-form-urlencoded", "audio/wav"):
                    answer = browser.client.post(asked, content=b"{}", headers={"content-type": kind} | HTML)
                    assert answer.status_code in (403, 404, 415), (path, kind, answer.status_code)
        assert counts(world) == before


def test_a_token_is_good_for_its_purpose_only(world):
    b = world.browser(world.person())
    link, session = world.hall.signer.link(b.person), b.client.cookies[COOKIE]
    assert b.get(f"/join/{session}").status_code == 404
    assert b.get(f"/join/{b.form_key}").status_code == 404
    b.client.cookies.clear()
    for cookie in (link, b.form_key, session[:-1], session + "A", session.replace(b.person.id, "0" * 12), "."):
        assert b.client.get("/api/task", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401
    assert b.client.get("/api/task", headers={"cookie": f"{COOKIE}={session}"}).status_code == 200


def test_guessing_is_slowed_down_whatever_address_the_guesser_claims(world):
    b = world.browser(world.person())
    answers = [b.get(f"/join/{n}.0.guess", headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(40)]
    assert answers.count(404) == 10 and set(answers[12:]) == {429}
    assert b.get(f"/join/{world.hall.signer.link(b.person)}").status_code == 200  # who has a link is not kept out


# -------------------------------------------------------------------------------------- sizes that are lies


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"content-length: -5", b""),
        (b"content-length: 5x", b""),
        (b"content-length: 99999999999", b""),
        (b"transfer-encoding: chunked", b"fffff\r\n" + b"x" * 200_000),
        (b"content-length: 4\r\ncontent-length: 9", b"{}{}{}{}{"),
        (b"x-long: " + b"y" * 200_000, b""),
    ],
)
def test_lying_sizes_end_the_request_and_not_the_server(world, head, body):
    session = world.browser(world.person()).client.cookies[COOKIE].encode()
    with served(world.app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        for path in (b"/api/vote", b"/desk/studies", b"/api/job/answer"):
            with socket.create_connection((host, int(port)), timeout=20) as line:
                lines = [b"POST " + path + b" HTTP/1.1", b"host: x", b"cookie: " + COOKIE.encode() + b"=" + session]
                try:
                    line.sendall(b"\r\n".join([*lines, b"content-type: application/json", head, b"", b""]) + body)
                    answer = line.recv(200)
                except ConnectionError:
                    answer = b""
            assert answer == b"" or re.match(rb"HTTP/1.1 4\d\d ", answer), answer
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert line.recv(20).startswith(b"HTTP/1.1 200")


def test_no_route_reads_more_than_its_limit(world):
    b = world.browser(world.person(Role.ADMIN))
    for method, path in routes(world):
        if method == "post" and "recording" not in path:  # recordings have their own limit: test_recording.py
            asked = filled(path, "0" * 32, study="people", name="the-review", id="0" * 12, action="leave")
            answer = b.client.post(asked, content=b"x" * 70_000, headers={"content-type": "application/json"})
            assert answer.status_code == 413, path
    assert set(OPEN) <= {path for _, path in routes(world)}
