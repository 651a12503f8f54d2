"""The live board follows every vote, and says what a board made from the log says."""

from collections.abc import Iterator

import numpy as np
import pytest

from s2s_arena.boards import slices, standings, votes
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.live.boards import LiveBoards
from s2s_arena.serve.people.person import Role


def made_up(matches, *, judges: int, seed: int) -> Iterator[Event]:
    """Votes, undoings, exclusions and restorations at random."""
    rng = np.random.default_rng(seed)
    revision: dict[tuple[str, str], int] = {}
    standing: dict[tuple[str, str], bool] = {}
    for number in range(1, 400):
        match = matches[int(rng.integers(len(matches)))]
        judge = JudgeName(f"person:{int(rng.integers(judges))}")
        place = (match.id, judge)
        kind = rng.choice(
            [EventKind.VOTE, EventKind.UNDO, EventKind.EXCLUDE, EventKind.RESTORE], p=[0.6, 0.2, 0.1, 0.1]
        )
        if (kind == EventKind.VOTE) is standing.get(place, False) and kind in (EventKind.VOTE, EventKind.UNDO):
            continue
        if kind in (EventKind.VOTE, EventKind.UNDO):
            standing[place] = kind == EventKind.VOTE
        verdict = Verdict(
            match=match.id,
            study=match.study,
            judge=judge,
            order=(match.round, match.index),
            outcome=Outcome(rng.choice(["first", "second"])),
            both_bad=bool(rng.random() < 0.2),
        )
        revision[place] = revision.get(place, -1) + 1
        yield Event(
            id=str(number),
            kind=EventKind(kind),
            study=match.study,
            match=match.id,
            judge=judge,
            revision=revision[place],
            verdict=verdict if kind == EventKind.VOTE else None,
            number=number,
        )


@pytest.mark.parametrize("seed", range(2))
def test_the_live_board_is_the_board_of_the_log(make, seed):
    w = make(round_size=20)
    w.browser(w.person()).task()
    matches = list(w.matches().values())
    events = list(made_up(matches, judges=3, seed=seed))
    live = LiveBoards(w.systems)
    for event in events:
        live.add(event, w.matches()[event.match])
    board = standings.board(matches, votes.current(events), systems=w.systems, bootstraps=0)
    view = live.view()
    assert {row.system: row.bt for row in view.rows} == pytest.approx(
        {s.system: s.bt for s in board.standings}, abs=0.1
    )
    assert {row.system: (row.wins, row.losses) for row in view.rows} == {
        s.system: (s.wins, s.losses) for s in board.standings
    }
    assert (view.votes, view.both_bad) == (board.matches, board.both_bad)
    assert {row.system: row.elo for row in view.rows} == pytest.approx(
        {s.system: s.elo for s in board.standings}, abs=0.1
    )


@pytest.mark.parametrize("seed", range(2))
def test_slices_are_the_boards_of_their_votes(make, seed):
    w = make(round_size=20)
    w.browser(w.person()).task()
    matches, samples = w.matches(), {s.id: s for s in w.suite.samples}
    events = list(made_up(list(matches.values()), judges=3, seed=seed))
    live = LiveBoards(w.systems, samples)
    for event in events:
        live.add(event, matches[event.match])
    (part,) = [one for one in live.view().slices if one.by == "level"]
    made = slices.slices(
        matches.values(), votes.current(events), samples=samples.values(), by="level", systems=w.systems, bootstraps=0
    )
    assert set(part.rows) == {value for value, board in made.boards.items() if board.matches}
    for value, rows in part.rows.items():
        board = made.boards[value]
        assert part.votes[value] == board.matches
        assert {r.system: r.bt for r in rows} == pytest.approx({s.system: s.bt for s in board.standings}, abs=0.1)


def test_a_model_is_held_against_people_on_the_matches_that_both_judged(make):
    w = make(round_size=20)
    w.browser(w.person()).task()
    matches = list(w.matches().values())[:8]
    live, number = LiveBoards(w.systems), 0

    def say(match, judge, outcome, kind=EventKind.VOTE):
        nonlocal number
        number += 1
        judge = JudgeName(judge)
        verdict = Verdict(
            match=match.id, study=match.study, judge=judge, order=(match.round, match.index), outcome=Outcome(outcome)
        )
        event = Event(
            id=str(number),
            kind=kind,
            study=match.study,
            match=match.id,
            judge=judge,
            verdict=verdict if kind is EventKind.VOTE else None,
            number=number,
        )
        live.add(event, match)

    for n, match in enumerate(matches):
        say(match, "person:a", "first")
        say(match, "machine", "first" if n < 6 else "second")
    beside = live.view("machine").beside
    assert (beside.matches, beside.agreement) == (8, 0.75)
    say(matches[7], "person:a", "first", EventKind.UNDO)
    say(matches[6], "person:b", "second")  # another person on a match that is counted already
    beside = live.view("machine").beside
    assert (beside.matches, beside.agreement) == (8, 7 / 8)
    say(matches[0], "machine", "first", EventKind.EXCLUDE)
    assert live.view("machine").beside.matches == 7
    assert live.view().beside is None


def test_each_vote_and_each_undoing_moves_the_board_at_once(make):
    w = make(conduct={"public_board": True})
    b = w.browser(w.person())
    task = b.task()["task"]

    def people():
        return b.get("/api/board/people").json()["boards"][0]

    assert people()["votes"] == 0
    b.post("/api/vote", b.ballot(task, both_bad=True))
    assert (people()["votes"], people()["both_bad"], people()["both_bad_asked"]) == (1, 1, 1)
    b.post("/api/undo", {"key": "00000000-0000-4000-8000-000000000001", "assignment": task["assignment"]})
    assert (people()["votes"], people()["both_bad"]) == (0, 0)
    assert "north" in b.get("/board/people").text


def test_a_model_judge_of_another_process_stands_beside_the_people(make):
    w = make(conduct={"public_board": True})
    b = w.browser(w.person())
    b.vote()
    match = w.matches()[next(iter(w.store.events())).match]
    verdict = Verdict(
        match=match.id,
        study=match.study,
        judge=JudgeName("machine"),
        order=(match.round, match.index),
        outcome=Outcome.SECOND,
    )
    event = Event(
        id="m", kind=EventKind.VOTE, study=match.study, match=match.id, judge=JudgeName("machine"), verdict=verdict
    )
    w.store.append(event)
    boards = {x["judge"]: x for x in b.get("/api/board/people").json()["boards"]}
    assert boards["people"]["votes"] == boards["machine"]["votes"] == 1
    assert b.vote().status_code == 200


def test_the_board_after_a_restart_is_the_same(make):
    w = make()
    b = w.browser(w.person())
    for outcome in ("first", "second", "first", "first"):
        b.vote(outcome)
    before = w.hall.room("people").live.view()
    w.restart()
    assert w.hall.room("people").live.view() == before


def test_a_clicker_is_flagged_and_the_board_without_them_stands_beside(make):
    w = make(conduct={"quota": 60}, round_size=40, samples=8)
    honest, clicker = [w.browser(w.person()) for _ in range(3)], w.browser(w.person(name="clicker"))
    rank = {"north": 0, "east": 1, "south": 2}
    for _ in range(45):
        for b in honest:
            task = b.task()["task"]
            match = w.matches()[w.hall.room("people").desk.assignment(task["assignment"], b.person).match]
            b.post(
                "/api/vote",
                b.ballot(task, "first" if rank[match.first_system] < rank[match.second_system] else "second"),
            )
        clicker.vote("first")
    page = w.browser(w.person(Role.RESEARCHER)).get("/desk/study/people").text
    assert page.count('class="flagged') == 1
    assert "always first" in page
    assert "Board with and without" in page
