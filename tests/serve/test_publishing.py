"""Published boards are versions that never change, name every variant, and are made again from the log."""

from dataclasses import replace

import pytest

from s2s_arena.archive import verifying
from s2s_arena.boards.published import published_next
from s2s_arena.errors import InputError
from s2s_arena.records.boards import PublishedBoard
from s2s_arena.serve.people.person import Role

HTML = {"accept": "text/html"}


def test_a_published_board_stays_as_it_was_while_votes_go_on(make):
    w = make(conduct={"public_board": True, "organiser": "The Lab", "interests": "south is ours"})
    lead, b = w.browser(w.person(Role.RESEARCHER)), w.browser(w.person())
    for outcome in ("first", "second", "first"):
        b.vote(outcome)
    first = lead.form("/desk/study/people/publish", note="a beginning")
    assert first.status_code == 200
    one = b.get("/api/board/people/published/1").json()
    b.vote("second")
    lead.form("/desk/study/people/publish")
    assert b.get("/api/board/people/published/1").json() == one
    two = b.get("/api/board/people/published/2").json()
    assert (one["boards"]["people"]["matches"], two["boards"]["people"]["matches"]) == (3, 4)
    assert (one["organiser"], one["interests"], one["note"]) == ("The Lab", "south is ours", "a beginning")
    assert one["judges"][0].startswith("people: 1 under pseudonyms, 3 votes")
    for path in ("/board/people/published", "/board/people/published/1"):
        text = b.get(path, headers=HTML).text
        assert "north" in text
    assert "south is ours" in b.get("/board/people/published/1", headers=HTML).text
    assert b.get("/api/board/people/published/3").status_code == 404
    assert b.form("/desk/study/people/publish").status_code == 404  # not for annotators


def test_what_was_published_is_made_again_from_the_log_and_a_change_is_found(make):
    w = make(conduct={"organiser": "The Lab", "interests": "none"})
    b = w.browser(w.person())
    for outcome in ("first", "second", "first"):
        b.vote(outcome)
    made = published_next(w.store, w.study.name, at="2030-01-01", organiser="The Lab", interests="none")
    b.vote("first")
    said = [p for p in verifying.run(w.store).problems if "published" in p]
    assert said == []
    board = made.boards["people"]
    forged = replace(board, standings=(replace(board.standings[0], bt=2000.0), *board.standings[1:]))
    w.store.put(replace(made, version=2, boards={"people": forged}))
    said = [p for p in verifying.run(w.store).problems if "published" in p]
    assert said == [f"study people: published board 2: replaying the log up to event {made.up_to} gives other boards"]


def test_a_variant_that_has_left_stays_on_the_list(make):
    w = make()
    b = w.browser(w.person())
    for _ in range(6):
        b.vote()
    w.store.put(replace(w.study, revision=1, systems=("north", "east")))
    heard = {m.first_system for m in w.matches().values()} | {m.second_system for m in w.matches().values()}
    assert "south" in heard
    with pytest.raises(InputError, match="south"):  # its votes cannot be left out in silence
        published_next(w.store, w.study.name, at="x", organiser="The Lab", interests="none")
    w.store.put(replace(w.study, revision=2))
    made = published_next(w.store, w.study.name, at="x", organiser="The Lab", interests="none")
    assert [(v.system, v.contestant, v.takes) for v in made.variants] == [
        ("east", True, 8),
        ("north", True, 8),
        ("south", True, 8),
    ]
    assert sum(v.matches for v in made.variants) == 2 * len(w.matches())
    assert all(v.settings for v in made.variants)


@pytest.mark.parametrize(("organiser", "interests"), [("", "none"), ("The Lab", " ")])
def test_nothing_is_published_without_saying_who_organised_and_what_they_have_at_stake(make, organiser, interests):
    w = make()
    w.browser(w.person()).vote()
    with pytest.raises(InputError, match="not stated"):
        published_next(w.store, w.study.name, at="x", organiser=organiser, interests=interests)
    assert list(w.store.all(PublishedBoard)) == []


def test_nothing_is_published_before_anybody_has_voted(make):
    w = make()
    with pytest.raises(InputError, match="no votes"):
        published_next(w.store, w.study.name, at="x", organiser="The Lab", interests="none")
