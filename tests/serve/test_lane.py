"""The quick lane says what the routes say: the same checks, the same refusals, word for word."""

import json

import pytest

from s2s_arena.serve.routes import lane


@pytest.fixture
def slow(monkeypatch):
    """Turns the lane off and on."""
    ways = dict(lane.WAYS)

    def turn(*, off: bool) -> None:
        monkeypatch.setattr(lane, "WAYS", {} if off else ways)

    return turn


BAD = {
    "no key": ({}, {"x-form-key": ""}),
    "another site": ({}, {"origin": "http://evil.test"}),
    "no JSON": ({}, {"content-type": "text/plain"}),
    "an outcome that there is not": ({"outcome": "third"}, {}),
    "a field that there is not": ({"judge": "x"}, {}),
    "an unknown assignment": ({"assignment": "0" * 32}, {}),
    "an unanswered question": ({"both_bad": None}, {}),
    "a number below 0": ({"seconds": -1}, {}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_refusal_is_the_same_on_both_ways(make, slow, name):
    w = make()
    b = w.browser(w.person())
    fields, headers = BAD[name]
    body = b.ballot(b.task()["task"]) | fields
    given = {"x-form-key": b.form_key, "content-type": "application/json"} | headers
    said = []
    for off in (False, True):
        slow(off=off)
        answer = b.client.post("/api/vote", content=json.dumps(body), headers=given)
        said.append((answer.status_code, answer.json(), answer.headers["cache-control"]))
    assert said[0] == said[1]
    assert said[0][0] >= 400
    assert list(w.store.events()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"seconds": NaN}', b"\xff\xfe", b'"x"'])
def test_what_is_no_vote_is_refused_on_both_ways(make, slow, content):
    w = make()
    b = w.browser(w.person())
    given = {"x-form-key": b.form_key, "content-type": "application/json"}
    for off in (False, True):
        slow(off=off)
        answer = b.client.post("/api/vote", content=content, headers=given)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_a_task_and_a_vote_are_the_same_on_both_ways(make, slow):
    w = make()
    b = w.browser(w.person())
    quick = b.get("/api/task").json()
    body = b.ballot(quick["task"], "second", reason="clear", criteria={"quality": "first"})
    once = b.post("/api/vote", body).json()
    slow(off=True)
    assert b.get("/api/task").json() == once["next"]
    assert b.post("/api/vote", body).json() == once
    b.client.cookies.clear()
    refused = [b.get("/api/task")]
    slow(off=False)
    refused.append(b.get("/api/task"))
    assert refused[0].json() == refused[1].json()
    assert [r.status_code for r in refused] == [401, 401]
