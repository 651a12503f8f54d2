"""Live and published boards warn of model judges as `rank` and reports do."""

from dataclasses import replace

import pytest

from s2s_arena.boards.reliability import record_of
from s2s_arena.ratings.agreement import Estimate
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.studies import Outcome
from s2s_arena.records.systems import JudgeCard, SystemCard
from s2s_arena.records.verdicts import Event, EventKind, Verdict
from s2s_arena.serve.live import doubts
from tests.serve.worlds import World

HTML = {"accept": "text/html"}
OPEN = {"public_board": True, "organiser": "The Lab", "interests": "none"}


def heard_by(w: World, judge: str, *, version: str = "7") -> None:
    """A model's verdict, from another process, on a match that somebody voted on."""
    match = w.matches()[next(iter(w.store.events())).match]
    verdict = Verdict(
        match=match.id,
        study=match.study,
        judge=JudgeName(judge),
        judge_version=version,
        order=(match.round, match.index),
        outcome=Outcome.FIRST,
    )
    place = {"study": match.study, "match": match.id, "judge": verdict.judge}
    w.store.append(Event(id=f"by {judge}", kind=EventKind.VOTE, verdict=verdict, **place))


def with_cards(w: World, *judges: JudgeCard, north: tuple[str, ...] = ("echo-1b",)) -> None:
    """The hall knows these judges, and a card of `north` made of those weights."""
    card = SystemCard(name="north", title="North", model="x", weights=north)
    w.hall.library = replace(
        w.hall.library, judge_cards=lambda: {c.name: c for c in judges}, system_cards=lambda: {"north": card}
    )


def judge_card(name: str = "machine", weights: tuple[str, ...] = (), **fields) -> JudgeCard:
    return JudgeCard(name=name, title=name, model=fields.pop("model", "x"), weights=weights, **fields)


def boards(b) -> dict[str, dict]:
    return {board["judge"]: board for board in b.get("/api/board/people").json()["boards"]}


def test_a_judge_of_which_nothing_is_known_is_warned_of_and_people_are_not(make):
    w = make(conduct=OPEN)
    b = w.browser(w.person())
    b.vote()
    heard_by(w, "machine")
    found = boards(b)
    assert found["people"]["warnings"] == []
    assert found["machine"]["judge_version"] == "7"
    unknown, no_card = found["machine"]["warnings"]
    assert "nothing is known" in unknown and "no card in this workspace" in no_card
    page = b.get("/board/people", headers=HTML).text
    assert "nothing is known" in page and "no card in this workspace" in page


def test_a_judge_of_a_contestants_weights_is_warned_of_on_both_boards(make):
    w = make(conduct=OPEN)
    b = w.browser(w.person())
    with_cards(w, judge_card(weights=("echo-1b", "ears")))
    b.vote()
    heard_by(w, "machine")
    assert "judge machine shares weights with north (echo-1b)" in boards(b)["machine"]["warnings"][-1]
    w.browser(w.person(role="admin")).form("/desk/study/people/publish")
    made = b.get("/api/board/people/published/1").json()
    assert [said[:45] for said in made["conflicts"]] == ["judge machine shares weights with north (echo"]
    assert len(made["warnings"]) == 1 and "nothing is known" in made["warnings"][0]
    page = b.get("/board/people/published/1", headers=HTML).text
    assert "shares weights with north" in page and "nothing is known" in page


def test_a_panel_has_its_members_weights_on_published_boards_too(make):
    w = make(conduct=OPEN)
    b = w.browser(w.person())
    panel = judge_card("panel", model="panel", settings={"members": ["machine"]})
    with_cards(w, panel, judge_card(weights=("echo-1b",)))
    b.vote()
    heard_by(w, "panel")
    assert "panel shares weights with north" in boards(b)["panel"]["warnings"][-1]
    w.browser(w.person(role="admin")).form("/desk/study/people/publish")
    assert "panel shares weights with north" in b.get("/api/board/people/published/1").json()["conflicts"][0]


@pytest.mark.parametrize(("agrees", "bad"), [(0.4, True), (0.95, False)])
def test_a_judge_that_is_tried_while_the_server_runs_is_believed_without_another_vote(make, monkeypatch, agrees, bad):
    monkeypatch.setattr(doubts, "LOOK_S", 0.0)
    monkeypatch.setattr("s2s_arena.serve.live.display.CATCH_UP_S", 0.0)
    w = make(conduct=OPEN)
    b = w.browser(w.person())
    with_cards(w, judge_card())
    b.vote()
    heard_by(w, "machine")
    assert "nothing is known" in boards(b)["machine"]["warnings"][0]
    figures = {"probe:words": Estimate(value=agrees, low=agrees - 0.01, high=agrees + 0.01, cases=400)}
    w.store.put(record_of(JudgeName("machine"), "7", figures, counts={}))
    now = boards(b)["machine"]["warnings"]
    assert not any("nothing is known" in said for said in now)
    assert any("below" in said for said in now) is bad


def test_a_version_that_was_never_tried_is_told(make):
    w = make(conduct=OPEN)
    b = w.browser(w.person())
    with_cards(w, judge_card())
    w.store.put(record_of(JudgeName("machine"), "6", {}, counts={}))
    b.vote()
    heard_by(w, "machine")
    assert "validated as version 6, these verdicts are by 7" in boards(b)["machine"]["warnings"][0]
