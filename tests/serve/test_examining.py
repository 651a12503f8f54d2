"""Review, verification and identification in the browser: the same records as the command line's forms make."""

import numpy as np
import pytest

from s2s_arena.build import verifying
from s2s_arena.build.review import identification, people
from s2s_arena.build.review.decisions import agreement, decide
from s2s_arena.records.scores import Review, Score
from s2s_arena.serve.people.job import JobKind
from s2s_arena.serve.people.person import Role
from tests.serve.desks import job, reopen, with_desks, worker


@pytest.fixture
def world(make):
    return with_desks(make())


def state(browser):
    return browser.get("/api/job").json()


def say(browser, **fields):
    item = state(browser)["item"]
    body = {"item": item["id"], "answers": {"decision": "keep"}, "seconds": 2.0} | fields
    return item, browser.post("/api/job/answer", body)


def finish(browser, answers):
    while state(browser)["state"] == "task":
        item = state(browser)["item"]
        assert say(browser, answers=answers(item))[1].status_code == 200
    assert browser.post("/api/job/hand-in", {}).status_code == 200


def test_four_reviewers_decide_and_suite_review_sees_it(world):
    the_job = job(world, JobKind.REVIEW)
    bad = world.suite.samples[2].hash[:32]
    drop = {"decision": "discard", "reason": "mismatch"}
    for n in range(4):
        b = worker(world, the_job)
        finish(b, lambda item, n=n: drop if item["id"] == bad and n < 3 else {"decision": "keep"})
    reviews = list(world.store.all(Review))
    decisions = {d.sample: d for d in decide(world.suite.samples, reviews)}
    assert {d.reviewers for d in decisions.values()} == {4}
    odd = decisions[world.suite.samples[2].id]
    assert (odd.keeps, odd.discards, dict(odd.reasons), odd.kept) == (1, 3, {"mismatch": 3}, False)
    # By hand: seven samples unanimous, one with 3 of 6 pairs alike.
    figures = agreement(world.suite.samples, reviews, rng=np.random.default_rng(0))
    assert figures.percent.value == pytest.approx((7 + 0.5) / 8)
    lead = world.browser(world.person(Role.RESEARCHER))
    assert (
        "0.94" in lead.get(f"/desk/job/{the_job.name}").text and "mismatch 3" in lead.get("/desk/job/the-review").text
    )


def test_a_review_is_the_record_that_a_filled_form_gives(world, tmp_path):
    import csv

    the_job = job(world, JobKind.REVIEW)
    b = worker(world, the_job)
    answers = {"decision": "discard", "reason": "artefact"}
    item, _ = say(b, answers=answers, comment="a click")
    b.post("/api/job/hand-in", {})
    (ours,) = world.store.all(Review)
    rng = np.random.default_rng(0)
    (path,) = people.export(world.suite, tmp_path, reviewers=("x",), store=world.store, rng=rng)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    (row,) = [r for r in rows if r["sample_hash"][:32] == item["id"]]
    row |= {"reviewer": "x", "decision": "discard", "reason": "artefact", "comment": "a click"}
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, row)
        writer.writeheader()
        writer.writerow(row)
    people.fill([path], suite=world.suite, store=world.store)
    (form,) = world.store.all(Review, reviewer="x")
    assert (form.sample, form.sample_hash, form.keep, form.reason, form.answers) == (
        ours.sample, ours.sample_hash, ours.keep, ours.reason, ours.answers,
    )  # fmt: skip


def test_everybody_hears_everything_in_an_order_of_their_own(world):
    the_job = job(world, JobKind.REVIEW)
    orders = []
    for _ in range(2):
        b, seen = worker(world, the_job), []
        while state(b)["state"] == "task":
            seen.append(say(b)[0]["id"])
        orders.append(seen)
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(s.hash[:32] for s in world.suite.samples)
    assert orders[0] != orders[1]


def test_the_last_three_can_be_taken_back_and_older_ones_stand(world):
    b = worker(world, job(world, JobKind.REVIEW))
    ids = [say(b)[0]["id"] for _ in range(5)]
    assert {r.sample_hash[:32] for r in world.store.all(Review)} == set(ids[:2])
    for id in reversed(ids[2:]):
        assert state(b)["undo"] == id
        assert b.post("/api/job/undo", {"item": id}).json()["next"]["item"]["id"] in ids[2:]
    assert state(b)["undo"] is None
    assert b.post("/api/job/undo", {"item": ids[1]}).status_code == 409
    again = state(b)["item"]["id"]
    say(b, answers={"decision": "discard", "reason": "artefact"})
    b.post("/api/job/hand-in", {})
    kept = {r.sample_hash[:32]: r.keep for r in world.store.all(Review)}
    assert kept[again] is False and sum(kept.values()) == 2


def test_a_restart_loses_no_answer_and_the_same_answer_again_is_fine(world):
    the_job = job(world, JobKind.REVIEW)
    b = worker(world, the_job)
    item, first = say(b)
    body = {"item": item["id"], "answers": {"decision": "keep"}, "seconds": 2.0}
    assert first.status_code == b.post("/api/job/answer", body).status_code == 200
    assert (
        b.post("/api/job/answer", body | {"answers": {"decision": "discard", "reason": "mismatch"}}).status_code == 409
    )
    world.server.__exit__(None, None, None)
    reopen(world)
    b = type(b)(world, b.person)
    assert state(b)["progress"] == {"done": 1, "quota": 8}


@pytest.mark.parametrize(
    "change",
    [
        {"answers": {}},
        {"answers": {"decision": "perhaps"}},
        {"answers": {"decision": "discard"}},
        {"answers": {"decision": "discard", "reason": "ugly"}},
        {"item": "0" * 32},
        {"item": "../x"},
        {"comment": "x" * 501},
        {"reviewer": "somebody"},
        {"heard": {"x": []}},
    ],
)
def test_what_is_no_answer_is_refused_and_leaves_nothing(world, change):
    b = worker(world, job(world, JobKind.REVIEW))
    assert say(b, **change)[1].status_code in (409, 422)
    assert state(b)["progress"]["done"] == 0
    assert list(world.store.all(Review)) == []


def test_an_answer_opens_once_the_clip_was_heard(world):
    b = worker(world, job(world, JobKind.REVIEW, listen=0.9))
    item = state(b)["item"]
    refused = say(b)[1]
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "not_heard")
    url = item["parts"][0]["url"]
    assert b.get(url).headers["content-type"] == "audio/wav"
    length = b.get(url + "/peaks").json()["duration_s"]
    heard = {"0": [[0.0, length]]}
    world.clock.now += 0.1 * length
    if length > 1.0:
        assert say(b, heard=heard)[1].status_code == 422  # less time has passed than listening takes
    world.clock.now += length
    assert say(b, heard=heard)[1].status_code == 200


def test_samples_go_only_to_speakers_of_their_language(world):
    the_job = job(world, JobKind.REVIEW)
    assert state(worker(world, the_job, languages={"zh": "native"}))["state"] == "done"
    assert state(worker(world, the_job, languages={"en": "basic"}))["state"] == "task"


def test_two_questions_of_a_stratified_draw_beside_the_paper(world):
    the_job = job(world, JobKind.VERIFY, per_level=1)
    assert len(the_job.samples) == 4
    assert {world.suite.sample(id).level for id in the_job.samples} == {"L1", "L2", "L3", "L4"}
    for _ in range(2):
        b = worker(world, the_job)
        finish(b, lambda item: {"level": "no" if item["level"] == "L3" else "yes", "attributes": "yes"})
    found = verifying.summary(world.suite, store=world.store, rng=np.random.default_rng(0))
    level, attributes = found.questions
    assert (level.share.value, level.share.cases, attributes.share.value) == (0.75, 4, 1.0)
    assert len(found.verifiers) == 2
    text = world.browser(world.person(Role.RESEARCHER)).get("/desk/job/the-verify").text
    assert "0.75" in text and "0.90" in text


def test_listeners_are_told_nothing_of_what_they_are_to_identify(make):
    world = with_desks(make())
    cues = identification.questions(world.suite)
    the_job = job(world, JobKind.IDENTIFY)
    right = {q.clip: q.want for q in cues}
    for n in range(3):
        b = worker(world, the_job)
        while state(b)["state"] == "task":
            item = state(b)["item"]
            assert "sample" not in str(item["parts"]) and item["parts"][0]["labels"] == []
            assert item["questions"][0]["options"] == ["neutral", "sad", "cannot_tell"]
            say(b, answers={"emotion": "sad" if n < 2 else "cannot_tell"})
        b.post("/api/job/hand-in", {})
    found = identification.summary(world.suite, store=world.store, rng=np.random.default_rng(0))
    (cue,) = found.cues
    assert cue.by_majority.value == 1.0 and cue.by_listener.value == pytest.approx(2 / 3)
    assert len(list(world.store.all(Score))) == 3 * len(right)


def test_people_with_a_job_see_neither_votes_nor_the_desk_nor_another_job(world):
    one, two = job(world, JobKind.REVIEW), job(world, JobKind.VERIFY)
    b, other = worker(world, one), worker(world, two)
    url = state(b)["item"]["parts"][0]["url"]
    assert other.get(url).status_code == 404
    voter = world.browser(world.person())
    assert voter.get("/api/job").status_code == 403
    assert voter.get(url).status_code == 403
    for path in ("/api/task", "/vote", "/thanks"):
        assert b.get(path).status_code == 403
    for path in ("/desk", "/desk/jobs", "/desk/job/the-review", "/desk/job/the-review/export/replies.csv"):
        assert b.get(path).status_code == 404
    assert b.client.post("/api/job/answer", json={}).status_code == 403
    assert state(b)["item"]["id"] and b.get("/").url.path == "/job"
