"""Panels decide by majority or by weight, and leave what splits them to people; disputes are found in the log."""

import json
import math

import pytest

from s2s_arena.errors import CardError, JudgeFailure
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge import stage
from s2s_arena.judge.comparison import Decision
from s2s_arena.judge.escalation import disputed
from s2s_arena.judge.panel import Member, PanelJudge
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.verdicts import CriterionOutcome
from tests.judge.listeners import comparison, take
from tests.judge.worlds import Longest, world

FIRST, SECOND, TIE = Outcome.FIRST, Outcome.SECOND, Outcome.TIE
PAIR = comparison(take(1), take(2))


class Says:
    def __init__(self, outcome, cost=None):
        self.outcome, self.cost = outcome, cost
        self.identity = f"says/{outcome}"

    def decide(self, comparison):
        if self.outcome is None:
            raise JudgeFailure("mumbled")
        part = CriterionOutcome(outcome=self.outcome)
        return Decision(
            outcome=self.outcome, criteria={Criterion.QUALITY: part}, raw="r", version="v1", cost_usd=self.cost
        )


def panel(*outcomes, reliability=None, **options):
    reliability = reliability or [None] * len(outcomes)
    members = [
        Member(name=f"j{n}", judge=Says(outcome), reliability=weight)
        for n, (outcome, weight) in enumerate(zip(outcomes, reliability, strict=True))
    ]
    return PanelJudge(members, **options)


def test_the_majority_decides_and_all_replies_are_kept():
    decision = panel(FIRST, SECOND, FIRST).decide(PAIR)
    assert (decision.outcome, decision.margin, decision.parsed) == (FIRST, 1.0, "panel")
    assert decision.criteria[Criterion.QUALITY].outcome is FIRST
    raw = json.loads(decision.raw)
    assert [raw[f"j{n}"]["outcome"] for n in range(3)] == ["first", "second", "first"]


def test_one_good_judge_outweighs_two_poor_ones():
    decision = panel(FIRST, SECOND, SECOND, reliability=[0.95, 0.7, 0.7]).decide(PAIR)
    assert decision.outcome is FIRST
    assert decision.margin == pytest.approx(math.log(19) - 2 * math.log(7 / 3))
    assert panel(FIRST, SECOND, SECOND, reliability=[0.8, 0.7, 0.7]).decide(PAIR).outcome is SECOND


def test_a_coin_has_no_weight_and_nobody_is_infallible():
    assert Member(name="a", judge=Says(FIRST), reliability=0.5).weight == 0.0
    assert Member(name="a", judge=Says(FIRST), reliability=0.3).weight == 0.0
    assert Member(name="a", judge=Says(FIRST), reliability=1.0).weight == pytest.approx(math.log(99))


def test_a_split_is_for_people():
    for split in (panel(FIRST, SECOND), panel(FIRST, SECOND, TIE), panel(FIRST, FIRST, SECOND, unanimous=True)):
        with pytest.raises(JudgeFailure, match=r"^split: j0 first"):
            split.decide(PAIR)


def test_a_member_that_fails_is_missed_only_below_the_quorum():
    decision = panel(FIRST, None, FIRST).decide(PAIR)
    assert decision.outcome is FIRST and json.loads(decision.raw)["j1"] == {"failure": "mumbled"}
    with pytest.raises(JudgeFailure, match=r"^quorum: 1 of 3"):
        panel(FIRST, None, None).decide(PAIR)


def test_a_panel_that_cannot_be_is_refused():
    with pytest.raises(CardError, match="two different"):
        panel(FIRST)
    with pytest.raises(CardError, match="all or none"):
        panel(FIRST, SECOND, reliability=[0.9, None])
    with pytest.raises(CardError, match="quorum 4"):
        panel(FIRST, SECOND, quorum=4)


def judged(w, name, judge, *, matches=6, **options):
    card = JudgeCard(name=name, title=name, model="t", orders="one")
    return stage.run(
        w.study, w.suite, card, lambda: judge, store=w.store, executor=ThreadsExecutor(), matches=matches, **options
    )


class Shortest(Longest):
    identity = "shortest/1"

    def decide(self, comparison):
        return super().decide(comparison.swapped)


def found(w, **options):
    return disputed(list(w.store.all(Match)), w.store.events(study=w.study.name), **options)


def test_matches_on_which_judges_differ_are_found_whatever_the_order_heard():
    w = world(samples=3)
    judged(w, "longest", Longest())
    assert found(w) == ()
    judged(w, "other", Shortest(), same_matches=True)
    disputes = found(w)
    assert len(disputes) == 6 and {d.dispute for d in disputes} == {1.0}
    assert found(w, judges={JudgeName("longest")}) == ()


def test_a_judge_that_its_own_order_flips_is_found():
    w = world(samples=3)
    judged(w, "longest", Says(FIRST), matches=4, orders="both")
    disputes = found(w)
    assert len(disputes) == 4
    assert all(d.flipped == ("longest",) and d.dispute == 1.0 for d in disputes)


def test_a_split_panel_is_a_dispute():
    w = world(samples=3)
    judged(w, "longest", panel(FIRST, SECOND), matches=1)
    assert {d.dispute for d in found(w)} == {1.0}
