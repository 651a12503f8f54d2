"""What is tried against the desks for samples, and what they say to it."""

import pytest

from s2s_arena.records.scores import Consent
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from tests.serve.desks import accept, job, said, with_desks, worker

EVIL = "<script>alert(1)</script>' OR 1=1; --\"><img src=x onerror=alert(1)>"
HTML = {"accept": "text/html"}


@pytest.fixture
def world(make):
    return with_desks(make(samples=4))


def test_text_from_outside_is_shown_as_text_and_is_no_formula(world):
    the_job = job(world, JobKind.REVIEW, title=EVIL, instructions={"en": EVIL})
    b = worker(world, the_job, name=EVIL, began="")
    welcome = b.joined.text
    b.form("/job/begin", agree="yes")
    item = b.get("/api/job").json()["item"]["id"]
    body = {"item": item, "answers": {"decision": "keep"}, "comment": "=HYPERLINK(1)"}
    assert b.post("/api/job/answer", body).status_code == 200
    lead = world.browser(world.person(Role.ADMIN))
    pages = [welcome, b.get("/job").text, *(lead.get(p).text for p in ("/desk/jobs", "/desk/job/the-review"))]
    for text in pages:
        assert "<script>alert" not in text and "<img src=x" not in text
        assert " style=" not in text and "<style" not in text and " onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/') + text.count('type="application/json"')
    assert "'=HYPERLINK(1)" in lead.get("/desk/job/the-review/export/replies.csv").text
    dub = worker(world, job(world, JobKind.DUB), began="")
    dub.form("/job/begin", agree="yes", evaluation="yes", accent=EVIL, gender=EVIL)
    assert dict(world.hall.people[dub.person.id].voice) == {"accent": EVIL[:60]}
    assert "<script>alert" not in dub.get("/job").text


def test_forms_and_scripts_need_the_key_of_the_session(world):
    the_job = job(world, JobKind.DUB)
    b, other = worker(world, the_job), worker(world, the_job)
    item = b.get("/api/job").json()["item"]["id"]
    accept(b, said(), item)
    for path, fields in (("/job/withdraw", {"sure": "yes"}), ("/job/begin", {"agree": "yes", "evaluation": "yes"})):
        for key in ("", other.form_key):
            assert b.client.post(path, data={"form_key": key, **fields}, headers=HTML).status_code == 403
    for path in ("/api/job/undo", "/api/job/hand-in", "/api/job/answer"):
        assert b.client.post(path, json={"item": item}, headers={"x-form-key": other.form_key}).status_code == 403
    lead = world.browser(world.person(Role.RESEARCHER))
    for path in ("/desk/jobs", "/desk/job/the-dub/invite", "/desk/job/the-dub/finish", "/desk/job/the-dub/take-in"):
        assert lead.client.post(path, data={"name": "x"}, headers=HTML).status_code == 403
    assert len(list(world.register.replies("the-dub"))) == 1


def test_nobody_reaches_what_another_person_has(world):
    the_job = job(world, JobKind.DUB)
    b, other = worker(world, the_job), worker(world, the_job)
    item = b.get("/api/job").json()["item"]["id"]
    accept(b, said(), item)
    assert other.post("/api/job/undo", {"item": item}).status_code == 409
    assert accept(other, said(1.2), item).status_code == 409
    other.form("/job/withdraw", sure="yes")
    assert len(list(world.register.replies("the-dub", person=b.person.id))) == 1
    assert not any(c.withdrawn for c in world.store.all(Consent))
    for path in ("/desk/job/the-dub", f"/desk/person/{b.person.id}/relink"):
        assert other.form(path, name="x").status_code in (404, 405)
    stranger = worker(world, the_job).client
    stranger.cookies.clear()
    for path in ("/job", "/job/rights", "/job/thanks", "/api/job"):
        assert stranger.get(path, headers=HTML).status_code == 401


@pytest.mark.parametrize(
    "name", ["..%2f..%2fserve.key", "no-such", "x' OR '1'='1", "the-dub/../../audit", "a" * 61, "%00", ".hidden"]
)
def test_names_that_are_none_lead_nowhere(world, name):
    lead = world.browser(world.person(Role.RESEARCHER))
    for path in (f"/desk/job/{name}", f"/desk/job/{name}/export/replies.csv", f"/desk/job/no-such/export/{name}"):
        assert lead.get(path).status_code in (404, 405, 422)
    made = lead.form("/desk/jobs", name=name, kind="review", suite=world.suite.hash)
    assert made.status_code == (422 if name != "no-such" else 200)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "steal"},
        {"suite": "0" * 64},
        {"listen": "200"},
        {"quota": "-1"},
        {"per_level": "none", "kind": "verify"},
        {"pay": "free"},
        {"system": "../x", "kind": "answer"},
    ],
)
def test_what_is_wrong_with_a_job_is_said_and_nothing_is_made(world, fields):
    lead = world.browser(world.person(Role.RESEARCHER))
    answer = lead.form("/desk/jobs", **({"name": "ok", "kind": "review", "suite": world.suite.hash} | fields))
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert list(world.register.jobs()) == []


def test_paused_jobs_give_nothing_out_and_a_new_link_ends_the_old_one(world):
    the_job = job(world, JobKind.REVIEW)
    lead, b = world.browser(world.person(Role.RESEARCHER)), worker(world, the_job)
    lead.form("/desk/job/the-review/pause", paused="yes")
    assert b.get("/api/job").json()["state"] == "paused"
    lead.form("/desk/job/the-review/pause", paused="no")
    assert b.get("/api/job").json()["state"] == "task"
    assert lead.form(f"/desk/person/{b.person.id}/relink").url.path == "/desk/job/the-review"
    assert b.get("/api/job").status_code == 401


def test_the_pay_log_has_codes_of_those_who_are_done_alone(world):
    import csv
    import io

    the_job = job(world, JobKind.REVIEW, pay_per_item=0.25, currency="CHF")
    done, half = worker(world, the_job, name="Ann"), worker(world, the_job, name="Bo")
    for b, count in ((done, 4), (half, 2)):
        for _ in range(count):
            item = b.get("/api/job").json()["item"]["id"]
            b.post("/api/job/answer", {"item": item, "answers": {"decision": "keep"}, "seconds": 30})
        b.post("/api/job/hand-in", {})
    lead = world.browser(world.person(Role.RESEARCHER))
    rows = list(csv.DictReader(io.StringIO(lead.get("/desk/job/the-review/export/people.csv").text)))
    told = {r["name"]: (r["votes"], r["minutes"], r["pay"], r["currency"], bool(r["code"])) for r in rows}
    assert told == {"Ann": ("4", "2.0", "1.0", "CHF", True), "Bo": ("2", "1.0", "0.5", "CHF", False)}
    code = next(r["code"] for r in rows if r["name"] == "Ann")
    assert code in done.get("/job/thanks").text and "/job" in half.get("/job/thanks").text
