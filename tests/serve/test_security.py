"""What is tried against the pages, and what they say to it."""

import json
import uuid
from dataclasses import replace

import pytest

from s2s_arena.serve.people.person import Role
from s2s_arena.serve.people.tokens import Signer, load_secret
from s2s_arena.serve.web.asking import COOKIE

HTML = {"accept": "text/html"}


def test_every_answer_forbids_what_is_not_needed(make):
    w = make()
    b = w.browser(w.person())
    for path in ("/", "/vote", "/api/task", "/static/arena.css", "/nowhere", "/openapi.json"):
        headers = b.get(path, headers=HTML).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static") else "no-store")


def test_pages_have_no_inline_script_or_style_and_load_nothing_from_elsewhere(make):
    w = make(conduct={"public_board": True})
    lead = w.browser(w.person(Role.ADMIN))
    b = w.browser(w.person())
    pages = [b.joined.text, *(b.get(p).text for p in ("/vote", "/check", "/thanks", "/board/people"))]
    pages += [lead.joined.text, *(lead.get(p).text for p in ("/desk", "/desk/study/people", "/desk/audit"))]
    for text in pages:
        assert " style=" not in text and "<style" not in text and " onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/') + text.count('type="application/json"')
        for mark in ('src="http', 'href="http', "url(http", 'src="//'):
            assert mark not in text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(make):
    w = make()
    cookie = w.browser(w.person()).joined.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    secure = w.browser(w.person())
    link = w.hall.signer.link(secure.person)
    answer = secure.client.get(f"https://arena.test/join/{link}")
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_change_needs_the_form_key_of_the_session_and_our_origin(make):
    w = make()
    b, other = w.browser(w.person()), w.browser(w.person())
    body = b.ballot(b.task()["task"])
    assert b.client.post("/api/vote", json=body).status_code == 403
    assert b.client.post("/api/vote", json=body, headers={"x-form-key": other.form_key}).status_code == 403
    assert b.post("/api/vote", body, origin="http://evil.test").status_code == 403
    key = {"x-form-key": b.form_key, "content-type": "text/plain"}
    assert b.client.post("/api/vote", content=json.dumps(body), headers=key).status_code == 415
    assert b.client.post("/begin", data={"agree": "yes"}, headers=HTML).status_code == 403
    assert b.post("/api/vote", body, origin="http://arena.test").status_code == 200


@pytest.mark.parametrize("path", ["/api/task", "/vote", "/thanks", "/desk", "/desk/audit", "/desk/study/people"])
def test_without_a_session_nothing_is_open(make, path):
    w = make()
    stranger = w.browser(w.person()).client
    stranger.cookies.clear()
    assert stranger.get(path, headers=HTML).status_code == 401


def test_links_and_sessions_cannot_be_made_up_and_end_when_they_are_renewed(make):
    w = make()
    b = w.browser(w.person())
    link, cookie = w.hall.signer.link(b.person), b.client.cookies[COOKIE]
    forged = Signer(b"another secret of thirty-two bytes").link(b.person)
    for token in (link[:-1], link + "x", link.replace(".0.", ".1."), forged, cookie, "x" * 5000, "%2e%2e", "%00"):
        assert b.get(f"/join/{token}").status_code in (404, 429)
    w.clock.now += 1000
    w.hall.keep(replace(b.person, link=1))
    assert b.get("/api/task").status_code == 401
    assert b.get(f"/join/{link}").status_code == 404


def test_a_session_ends_by_itself(make):
    w = make()
    b = w.browser(w.person())
    w.clock.now += 31 * 24 * 3600
    assert b.get("/api/task").status_code == 401


def test_guessing_links_is_slowed_down(make):
    w = make()
    b = w.browser(w.person())
    answers = [b.get(f"/join/{n}.0.guess").status_code for n in range(30)]
    assert answers.count(404) == 10
    assert answers[-1] == 429
    assert any(e.what == "link refused" for e in w.register.audited())


def test_one_person_cannot_flood_the_server(make):
    w = make(rate=5.0)
    b = w.browser(w.person())
    assert 429 in [b.get("/api/task").status_code for _ in range(20)]
    w.clock.now += 60
    assert b.get("/api/task").status_code == 200


def test_annotators_see_neither_the_desk_nor_a_board_that_is_not_open(make):
    w = make()
    b = w.browser(w.person())
    for path in ("/desk", "/desk/study/people/export/events.csv", "/board/people", "/api/board/people", "/board/none"):
        assert b.get(path, headers=HTML).status_code == 404
    assert b.form("/desk/studies", name="x").status_code == 404
    researcher = w.browser(w.person(Role.RESEARCHER))
    assert researcher.get("/desk").status_code == 200
    assert researcher.get("/desk/audit").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/", "/api/clip/..%2f..%2fserve.key"],
)
def test_no_path_leads_out_of_where_it_belongs(make, path):
    w = make()
    answer = w.browser(w.person()).get(path)
    assert answer.status_code in (404, 405, 422)
    assert "import" not in answer.text


def test_large_and_lying_bodies_are_refused(make):
    w = make()
    b = w.browser(w.person())
    headers = {"x-form-key": b.form_key, "content-type": "application/json"}
    assert b.client.post("/api/vote", content=b"x" * 70_000, headers=headers).status_code == 413

    def endless():
        for _ in range(20):
            yield b"x" * 8192

    assert b.client.post("/api/vote", content=endless(), headers=headers).status_code == 413


EVIL = "<script>alert(1)</script>' OR 1=1; --\"><img src=x onerror=alert(1)>"


def test_text_from_outside_is_shown_as_text(make):
    w = make(conduct={"title": EVIL, "instructions": {"en": EVIL}})
    lead, b = w.browser(w.person(Role.ADMIN, name=EVIL)), w.browser(w.person(name=EVIL))
    b.vote(reason=EVIL)
    for text in (b.joined.text, b.get("/vote").text, lead.joined.text, lead.get("/desk/study/people").text):
        assert "<script>alert" not in text and "<img src=x" not in text
    (event,) = w.store.events()
    assert event.verdict.reason == EVIL


@pytest.mark.parametrize(
    "change",
    [
        {"key": "1"},
        {"key": str(uuid.uuid4()).upper()},
        {"assignment": "x"},
        {"outcome": "third"},
        {"criteria": {"beauty": "first"}},
        {"heard": {"first": [[0, 1, 2]]}},
        {"heard": {"first": [[-1, 2]]}},
        {"heard": {"third": []}},
        {"seconds": -1},
        {"reason": "x" * 501},
        {"judge": "somebody-else"},
    ],
)
def test_malformed_votes_are_refused_and_leave_nothing(make, change):
    w = make()
    b = w.browser(w.person())
    assert b.post("/api/vote", b.ballot(b.task()["task"]) | change).status_code == 422
    assert list(w.store.events()) == []


def test_numbers_that_are_none_are_refused(make):
    w = make()
    b = w.browser(w.person())
    body = json.dumps(b.ballot(b.task()["task"])).replace("3.0", "NaN")
    headers = {"x-form-key": b.form_key, "content-type": "application/json"}
    assert b.client.post("/api/vote", content=body, headers=headers).status_code == 422


def test_the_way_back_after_changing_language_stays_here(make):
    w = make()
    b = w.browser(w.person())
    for back in ("//evil.test/vote", "https://evil.test/", "/desk", "javascript:alert(1)"):
        answer = b.client.post(
            "/language", data={"form_key": b.form_key, "language": "zh", "back": back}, follow_redirects=False
        )
        assert answer.headers["location"] in ("/", "/vote")


def test_the_secret_is_kept_from_others_and_stays_the_same(tmp_path):
    secret = load_secret(tmp_path / "serve.key")
    assert load_secret(tmp_path / "serve.key") == secret
    assert (tmp_path / "serve.key").stat().st_mode & 0o077 == 0


def test_the_openapi_document_lists_the_routes(make):
    w = make()
    paths = w.browser(w.person()).get("/openapi.json").json()["paths"]
    assert {"/api/vote", "/api/undo", "/api/task", "/api/clip/{token}", "/api/board/{study}"} <= set(paths)
