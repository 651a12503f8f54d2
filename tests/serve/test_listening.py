"""The proof of listening: only what was played counts, and no faster than time passes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_arena.serve.hearing.listening import length_s, missing, union

SPANS = st.lists(st.tuples(st.floats(-5, 30), st.floats(-5, 30)), max_size=12)


@given(SPANS)
def test_intervals_are_merged_in_order_and_stay_within_the_clip(spans):
    merged = union(spans, duration_s=20.0)
    assert all(0.0 <= a < b <= 20.0 for a, b in merged)
    assert all(b < c for (_, b), (c, _) in itertools.pairwise(merged))
    grid = [n / 50.0 + 0.0137 for n in range(1000)]
    for t in grid:
        assert any(a <= t <= b for a, b in merged) == any(a <= t <= b and a < b for a, b in spans)


def test_hearing_a_part_twice_is_hearing_it_once():
    assert length_s(union([(0, 4), (2, 5), (2, 5)], duration_s=10.0)) == 5.0


def test_a_jump_to_the_end_is_not_hearing():
    (lacks,) = missing({"first": [(0, 1), (9, 10)]}, durations_s={"first": 10.0}, waited_s={"first": 99.0}, share=0.9)
    assert (lacks.clip, lacks.heard_s, lacks.needed_s) == ("first", 2.0, pytest.approx(8.4))


def test_a_clip_that_was_never_sent_was_not_heard():
    heard = {"first": [(0.0, 10.0)]}
    assert missing(heard, durations_s={"first": 10.0}, waited_s={"first": None}, share=0.9)[0].heard_s == 0.0


def test_two_clips_cannot_be_heard_in_the_time_of_one():
    heard = {"first": [(0.0, 10.0)], "second": [(0.0, 10.0)]}
    durations, waited = {"first": 10.0, "second": 10.0}, {"first": 10.5, "second": 10.0}
    (lacks,) = missing(heard, durations_s=durations, waited_s=dict(waited), share=0.9)
    assert lacks.clip == "time"
    assert missing(heard, durations_s=durations, waited_s={"first": 20.0, "second": 20.0}, share=0.9) == ()


def test_nothing_is_asked_where_nothing_is_to_be_heard():
    assert missing({}, durations_s={"first": 10.0}, waited_s={"first": None}, share=0.0) == ()


def test_a_vote_before_listening_is_refused_and_says_what_is_missing(make):
    w = make(conduct={"listen": 0.9})
    b = w.browser(w.person())
    task = b.task()["task"]
    refused = b.post("/api/vote", b.ballot(task))
    assert refused.status_code == 422
    assert [m["clip"] for m in refused.json()["error"]["missing"]] == ["instruction", "first", "second"]
    assert list(w.store.events()) == []
    assert b.post("/api/vote", b.ballot(task, heard=b.hear(task))).status_code == 200


def test_claiming_to_have_heard_what_there_was_no_time_for_is_refused(make):
    w = make(conduct={"listen": 0.9})
    b = w.browser(w.person())
    task = b.task()["task"]
    assert b.post("/api/vote", b.ballot(task, heard=b.hear(task, wait=False))).status_code == 422


def test_what_was_heard_before_a_reload_counts(make):
    w = make(conduct={"listen": 0.9})
    b = w.browser(w.person())
    task = b.task()["task"]
    assert b.post("/api/heard", {"assignment": task["assignment"], "heard": b.hear(task)}).status_code == 200
    reloaded = w.browser(b.person)
    assert reloaded.task()["task"]["heard"]["first"]
    assert reloaded.post("/api/vote", reloaded.ballot(task)).status_code == 200
