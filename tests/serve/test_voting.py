"""Voting over HTTP: one vote counts once, whatever networks, tabs and fingers do."""

import uuid
from dataclasses import replace

from s2s_arena.boards.votes import current
from s2s_arena.records.identity import RULE_FAILURE
from s2s_arena.records.matches import Match
from s2s_arena.records.scores import Assignment
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import EventKind
from s2s_arena.serve.studies import progress


def test_a_vote_is_in_the_log_before_it_is_acknowledged(make):
    w = make()
    b = w.browser(w.person())
    said = b.vote("second", both_bad=True, criteria={"quality": "first"}, reason="clear").json()
    (event,) = w.store.events()
    assert said["accepted"] and said["event"] == event.number
    assert event.judge == b.person.judge
    assert (event.verdict.outcome, event.verdict.both_bad, event.verdict.reason) == ("second", True, "clear")
    assert event.verdict.criteria["quality"].outcome is Outcome.FIRST
    match = w.matches()[event.match]
    assert event.verdict.order == (match.round, match.index)
    assert 0 < match.probability <= 1


def test_the_match_and_the_assignment_are_stored_before_anything_is_shown(make):
    w = make()
    task = w.browser(w.person()).task()["task"]
    (assignment,) = w.store.all(Assignment)
    assert assignment.id == task["assignment"]
    assert w.store.get(Match, assignment.match) is not None


def test_the_same_vote_twice_is_one_vote_and_another_under_its_key_is_refused(make):
    w = make()
    b = w.browser(w.person())
    body = b.ballot(b.task()["task"])
    first, again = b.post("/api/vote", body), b.post("/api/vote", body)
    assert first.json()["event"] == again.json()["event"]
    assert b.post("/api/vote", body | {"outcome": "second"}).status_code == 409
    assert len(list(w.store.events())) == 1


def test_the_same_vote_after_a_restart_is_still_one_vote(make):
    w = make()
    b = w.browser(w.person())
    body = b.ballot(b.task()["task"])
    number = b.post("/api/vote", body).json()["event"]
    w.restart()
    again = w.browser(b.person)
    assert again.post("/api/vote", body).json()["event"] == number
    assert again.post("/api/vote", body | {"seconds": 9.0}).status_code == 409
    assert len(list(w.store.events())) == 1


def test_a_second_tab_cannot_vote_on_the_same_task(make):
    w = make()
    person = w.person()
    one, two = w.browser(person), w.browser(person)
    task = one.task()["task"]
    assert two.task()["task"]["assignment"] == task["assignment"]
    assert one.post("/api/vote", one.ballot(task)).status_code == 200
    late = two.post("/api/vote", two.ballot(task, "second"))
    assert late.status_code == 409
    assert two.task()["task"]["assignment"] != task["assignment"]
    assert len(list(w.store.events())) == 1


def test_undo_and_vote_again_are_three_events_and_one_standing_vote(make):
    w = make()
    b = w.browser(w.person())
    task = b.task()["task"]
    b.post("/api/vote", b.ballot(task, "first"))
    undone = b.post("/api/undo", {"key": str(uuid.uuid4()), "assignment": task["assignment"]}).json()
    assert undone["next"]["task"]["assignment"] == task["assignment"]
    assert undone["next"]["progress"]["done"] == 0
    b.post("/api/vote", b.ballot(undone["next"]["task"], "second"))
    events = list(w.store.events())
    assert [(e.kind, e.revision) for e in events] == [(EventKind.VOTE, 0), (EventKind.UNDO, 1), (EventKind.VOTE, 2)]
    (standing,) = current(events).standing
    assert standing.outcome == "second"


def test_only_the_last_vote_can_be_taken_back(make):
    w = make()
    b = w.browser(w.person())
    first = b.task()["task"]
    b.post("/api/vote", b.ballot(first))
    b.vote()
    assert b.post("/api/undo", {"key": str(uuid.uuid4()), "assignment": first["assignment"]}).status_code == 409


def test_a_reload_shows_the_same_task_and_so_does_a_restart(make):
    w = make()
    b = w.browser(w.person())
    task = b.task()["task"]
    assert b.task()["task"] == task
    w.restart()
    assert w.browser(b.person).task()["task"] == task


def test_nobody_votes_on_what_was_given_to_another(make):
    w = make()
    one, two = w.browser(w.person()), w.browser(w.person())
    task = one.task()["task"]
    two.task()
    assert two.post("/api/vote", two.ballot(task)).status_code == 409
    assert two.get(task["clips"]["first"]["url"]).status_code == 404


def test_two_people_never_get_the_same_comparison_beyond_the_overlap(make):
    w = make(conduct={"overlap": 0.0, "quota": 6})
    browsers = [w.browser(w.person()) for _ in range(4)]
    for _ in range(6):
        for b in browsers:
            assert b.vote().status_code == 200
    votes = [e.match for e in w.store.events()]
    assert len(votes) == len(set(votes)) == 24


def test_the_share_of_overlap_is_judged_by_exactly_two(make):
    w = make(conduct={"overlap": 1.0, "quota": 6})
    browsers = [w.browser(w.person()) for _ in range(4)]
    for _ in range(6):
        for b in browsers:
            assert b.vote().status_code == 200
    times = [sum(e.match == match for e in w.store.events()) for match in {e.match for e in w.store.events()}]
    assert max(times) == 2
    assert times.count(2) >= 10
    pairs = {(e.match, e.judge) for e in w.store.events()}
    assert len(pairs) == 24


def test_a_lease_that_ended_gives_the_match_to_the_next_and_a_late_vote_still_counts(make):
    w = make(conduct={"lease_s": 60.0}, round_size=1)
    slow, quick = w.browser(w.person()), w.browser(w.person())
    task = slow.task()["task"]
    w.clock.now += 61
    other = quick.task()["task"]
    assert other["clips"] == task["clips"]
    assert quick.post("/api/vote", quick.ballot(other)).status_code == 200
    assert slow.post("/api/vote", slow.ballot(task)).status_code == 200


def test_after_the_quota_there_are_thanks_and_a_code(make):
    w = make(conduct={"quota": 2})
    b = w.browser(w.person())
    b.vote()
    assert b.vote().json()["next"]["state"] == "done"
    code = w.hall.signer.code("done", "people", b.person.id)
    assert code in b.get("/thanks").text
    fresh = w.browser(w.person())
    assert 'class="code"' not in fresh.get("/thanks").text


def test_a_system_that_failed_loses_by_rule_and_is_never_played(make):
    w = make(failing=["north"])
    b = w.browser(w.person())
    for _ in range(5):
        assert b.vote().status_code == 200
    matches = w.matches()
    for event in w.store.events():
        met = {matches[event.match].first_system, matches[event.match].second_system}
        assert ("north" in met) is (event.judge == RULE_FAILURE)


def test_outcomes_that_the_study_forbids_are_refused_and_allowed_ones_are_kept(make):
    strict, tied = make(), make(outcomes=(Outcome.FIRST, Outcome.SECOND, Outcome.TIE))
    assert strict.browser(strict.person()).vote("tie").status_code == 409
    b = tied.browser(tied.person())
    assert "tie" in b.task()["task"]["outcomes"]
    assert b.vote("tie").status_code == 200


def test_the_question_whether_both_are_bad_must_be_answered_where_it_is_asked(make):
    w = make()
    assert w.browser(w.person()).vote(both_bad=None).status_code == 409
    silent = make(conduct={"ask_both_bad": False})
    assert silent.browser(silent.person()).vote(both_bad=True).status_code == 409


def test_hidden_tasks_look_like_all_others_and_move_no_rating(make):
    w = make(conduct={"repeats": 0.15, "swaps": 0.15, "gold": 0.2, "quota": 60}, samples=12, round_size=30)
    b = w.browser(w.person())
    shapes = set()
    for _ in range(60):
        task = b.task()["task"]
        shapes.add(tuple(sorted(task)))
        b.post("/api/vote", b.ballot(task))
    matches = w.matches()
    purposes = [matches[e.match].purpose for e in w.store.events()]
    assert len(shapes) == 1
    assert {str(p) for p in purposes} == {"rated", "repeat", "swap", "gold"}
    view = w.hall.room("people").live.view()
    assert view.votes == sum(p == "rated" for p in purposes)


def test_swaps_are_the_same_two_takes_the_other_way_round(make):
    w = make(conduct={"swaps": 0.4, "quota": 30}, round_size=30)
    b = w.browser(w.person())
    for _ in range(30):
        b.vote()
    matches = w.matches()
    voted = [matches[e.match] for e in w.store.events()]
    rated = {(m.first, m.second) for m in voted if m.purpose == "rated"}
    swapped = [(m.second, m.first) for m in voted if m.purpose == "swap"]
    assert len(swapped) >= 4
    assert set(swapped) <= rated


def test_gold_is_answered_rightly_by_who_knows_which_answer_belongs(make):
    w = make(conduct={"gold": 0.5, "quota": 30}, round_size=30)
    b = w.browser(w.person())
    takes = w.hall.room("people").desk.takes
    for _ in range(30):
        task = b.task()["task"]
        match = w.matches()[next(a.match for a in w.store.all(Assignment) if a.id == task["assignment"])]
        right = "first" if takes[match.first].sample == match.sample else "second"
        b.post("/api/vote", b.ballot(task, right))
    right, asked = progress.gold_score(w.hall.room("people").desk, b.person.judge)
    assert right == asked >= 5


def test_samples_go_to_those_who_speak_their_language(make):
    w = make()
    chinese = w.browser(w.person(languages={"zh": "native"}))
    assert chinese.task()["state"] == "wait"
    english = w.browser(w.person(languages={"en": "fluent"}))
    assert english.task()["state"] == "task"


def test_a_paused_study_gives_out_nothing_new_but_takes_the_vote_on_what_is_open(make):
    w = make()
    b = w.browser(w.person())
    task = b.task()["task"]
    w.hall.conduct(replace(w.hall.room("people").desk.conduct, paused=True))
    said = b.post("/api/vote", b.ballot(task)).json()
    assert said["next"]["state"] == "paused"


def test_who_is_asked_for_a_revelation_sees_names_only_after_the_vote(make):
    w = make(conduct={"reveal": True})
    b = w.browser(w.person())
    task = b.get("/api/task")
    assert not any(system in task.text for system in w.systems)
    said = b.post("/api/vote", b.ballot(task.json()["task"])).json()
    assert set(said["revealed"].values()) <= set(w.systems)
    assert said["next"]["undo"] is None
    hidden = make()
    assert "revealed" not in hidden.browser(hidden.person()).vote().json()
