"""The judge stage: how many it judges, in what order it records, and what it does about failures."""

import contextlib
from dataclasses import replace

import pytest

from s2s_arena.errors import IllegalVoteError, InfrastructureError, InputError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge import stage
from s2s_arena.judge.comparison import Comparison, Decision
from s2s_arena.judge.ledger import Ledger
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SystemName
from s2s_arena.records.matches import Match, Purpose, Round
from s2s_arena.records.speech import Delivery
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.systems import JudgeCard
from s2s_arena.records.verdicts import CriterionOutcome, Event, EventKind
from tests.judge.worlds import Longest, World, world


def judged(w: World, judge: Longest, matches: int, **options: object) -> stage.Summary:
    return stage.run(
        w.study,
        w.suite,
        options.pop("card", w.card),  # type: ignore[arg-type]
        lambda: judge,
        store=w.store,
        executor=ThreadsExecutor(),
        matches=matches,
        **options,  # type: ignore[arg-type]
    )


def events(w: World) -> list[Event]:
    return list(w.store.events(study=w.study.name))


def test_as_many_comparisons_are_rated_as_are_wanted():
    w, judge = world(), Longest()
    summary = judged(w, judge, 12)
    assert summary.complete
    assert (summary.rated, summary.by_judge, summary.rounds) == (12, 12, 3)
    assert len(events(w)) == 12


def test_a_second_run_does_nothing_and_does_not_even_load_the_judge():
    w = world()
    judged(w, Longest(), 12)
    before = events(w)

    def unwanted() -> Longest:
        raise AssertionError("loaded")

    summary = stage.run(w.study, w.suite, w.card, unwanted, store=w.store, executor=ThreadsExecutor(), matches=12)
    assert summary.by_judge == summary.rounds == 0
    assert events(w) == before


def test_more_matches_go_on_where_fewer_ended():
    whole, parts = world(), world()
    judged(whole, Longest(), 13)
    for matches in (3, 7, 13):
        judged(parts, Longest(), matches)
    assert [e.verdict for e in events(parts)] == [e.verdict for e in events(whole)]
    assert list(parts.store.all(Match)) == list(whole.store.all(Match))


def test_rounds_are_stored_whole_before_their_matches_are_judged():
    w = world()
    with pytest.raises(KeyboardInterrupt):
        judged(w, Longest(stop_after=2), 12)
    assert [r.number for r in w.store.all(Round)] == [0]
    assert len(list(w.store.all(Match))) == 5
    assert len(events(w)) == 2


def test_after_a_crash_what_was_judged_is_not_judged_again_and_all_comes_out_the_same():
    whole, crashed = world(), world()
    judged(whole, Longest(), 12)
    heard = []
    for stop in (0, 1, 3, 4, None):
        judge = Longest(stop_after=stop)
        with contextlib.suppress(KeyboardInterrupt):
            judged(crashed, judge, 12)
        heard += [(c.sample.id, c.first.identity, c.second.identity, c.seed) for c in judge.heard]
    assert len(heard) == len(set(heard)) == 12
    assert [e.verdict for e in events(crashed)] == [e.verdict for e in events(whole)]


@pytest.mark.parametrize("concurrency", [2, 7])
def test_records_do_not_depend_on_concurrency(concurrency: int):
    one, many = world(failing=[SystemName("short")]), world(failing=[SystemName("short")])
    judged(one, Longest(), 14)
    judged(many, Longest(), 14, concurrency=concurrency)
    assert events(many) == events(one)
    assert list(many.store.all(Match)) == list(one.store.all(Match))


def test_events_come_in_the_order_of_play():
    w = world()
    judged(w, Longest(), 15, concurrency=4)
    orders = [e.verdict.order for e in events(w) if e.verdict]
    assert orders == sorted(orders)


def test_pairing_sees_finished_rounds_only():
    w = world(round_size=4)
    judged(w, Longest(), 12)
    assert [r.ratings_from_event for r in w.store.all(Round)] == [0, 4, 8]


def test_both_orders_are_two_matches_and_one_comparison():
    w, judge = world(), Longest()
    summary = judged(w, judge, 6, orders="both")
    assert summary.rated == 6
    assert summary.by_judge == len(judge.heard) == 12
    groups: dict[str, list[Match]] = {}
    for match in w.store.all(Match):
        groups.setdefault(match.group, []).append(match)
    assert all((a.first, a.second) == (b.second, b.first) for a, b in groups.values())


def test_a_card_may_ask_for_both_orders_and_a_judge_that_averages_hears_one():
    both, averaged = world(), world()
    judged(both, Longest(), 2, card=replace(both.card, orders="both"))
    judged(averaged, Longest(), 2, card=replace(averaged.card, orders="averaged"))
    assert (len(events(both)), len(events(averaged))) == (4, 2)


def test_a_failed_take_loses_by_rule_without_being_heard():
    w, judge = world(failing=[SystemName("long")], audible_failures=True), Longest()
    summary = judged(w, judge, 10)
    assert summary.by_rule > 0
    assert summary.by_rule + summary.by_judge == summary.rated == 10
    assert all(c.first.failure is None and c.second.failure is None for c in judge.heard)
    matches = {m.id: m for m in w.store.all(Match)}
    for event in events(w):
        if event.judge == RULE_FAILURE:
            match = matches[event.match]
            loser = match.second_system if event.verdict and event.verdict.outcome == "first" else match.first_system
            assert loser == "long"


def test_with_the_rule_off_failed_takes_that_have_audio_are_heard():
    w, judge = world(failing=[SystemName("long")], audible_failures=True), Longest()
    summary = judged(w, judge, 10, short_circuit=False)
    assert (summary.by_rule, summary.by_judge) == (0, 10)
    assert any("long" in (m.first_system, m.second_system) for m in w.store.all(Match))


def test_with_the_rule_off_a_take_without_audio_still_loses_by_rule():
    w = world(failing=[SystemName("long")], audible_failures=False)
    assert judged(w, Longest(), 10, short_circuit=False).by_rule > 0


def test_two_failed_takes_are_counted_and_not_rated():
    w = world(failing=[SystemName("long"), SystemName("middle")])
    summary = judged(w, Longest(), 10)
    unrated = [e for e in events(w) if e.kind is EventKind.FAILED]
    assert summary.rated == 10
    assert summary.both_failed == len(unrated) > 0
    assert {(e.judge, e.verdict) for e in unrated} == {(RULE_FAILURE, None)}


def test_when_every_answer_failed_the_run_ends_and_says_so():
    w = world(failing=["long", "middle", "short"])  # type: ignore[list-item]
    summary = judged(w, Longest(), 10)
    assert not summary.complete
    assert summary.rated == 0
    assert summary.both_failed == 5


def test_a_judge_that_fails_is_asked_again_and_each_failure_is_recorded():
    w, judge = world(), Longest(fail=2)
    summary = judged(w, judge, 5)
    kinds = [(e.kind, e.revision) for e in events(w)]
    assert kinds[:3] == [(EventKind.FAILED, 0), (EventKind.FAILED, 1), (EventKind.VOTE, 2)]
    assert summary.rated == 5
    assert summary.failures == {"reply without a winner": 2}


def test_after_three_failures_a_match_is_given_up_and_another_is_judged_instead():
    w, judge = world(), Longest(fail=3)
    summary = judged(w, judge, 5)
    assert (summary.given_up, summary.rated) == (1, 5)
    assert [e.kind for e in events(w)[:4]] == [EventKind.FAILED] * 3 + [EventKind.VOTE]
    again = Longest()
    assert judged(w, again, 5).given_up == 1
    assert again.heard == []


def test_a_judge_that_always_fails_is_not_asked_for_ever():
    w, judge = world(), Longest(fail=10_000)
    summary = judged(w, judge, 5)
    assert not summary.complete
    assert summary.given_up == 5
    assert len(judge.heard) == 15


def test_faults_outside_stop_the_run_and_count_as_nothing():
    class Unreachable(Longest):
        def decide(self, comparison: Comparison) -> Decision:
            raise InfrastructureError("503 from the judge")

    w = world()
    with pytest.raises(InfrastructureError):
        judged(w, Unreachable(), 5)
    assert events(w) == []
    assert judged(w, Longest(), 5).rated == 5


def test_a_second_judge_can_judge_the_same_matches():
    w = world()
    judged(w, Longest(), 8)
    other = JudgeCard(name="other", title="O", model="t", orders="one")
    summary = judged(w, Longest(), 8, card=other, same_matches=True)
    assert summary.rounds == 0
    voted = {name: {e.match for e in events(w) if e.judge == name} for name in ("longest", "other")}
    assert voted["longest"] == voted["other"]


@pytest.mark.parametrize("purpose", [Purpose.REPEAT, Purpose.SWAP, Purpose.GOLD])
def test_a_second_judge_does_not_hear_what_people_hear_again(purpose: Purpose):
    w = world()
    judged(w, Longest(), 8)
    again = [replace(m, id=MatchId(f"{purpose}{m.id}"), purpose=purpose) for m in w.store.all(Match)]
    w.store.put(*(replace(m, group=f"again{m.group}") for m in again))
    other = JudgeCard(name="other", title="O", model="t", orders="one")
    summary = judged(w, Longest(), 10, card=other, same_matches=True)
    assert (summary.rated, summary.rounds) == (10, 0)
    assert not {e.match for e in events(w) if e.judge == "other"} & {m.id for m in again}


def test_what_is_heard_again_steers_no_pairing():
    w = world(orders="both")
    judged(w, Longest(), 8)
    ledger = Ledger(JudgeName("longest"), events(w))
    matches = list(w.store.all(Match))
    assert ledger.games(matches, systems=w.study.systems).pairs.shape == (8, 2)  # both orders are one game
    swapped = [replace(m, purpose=Purpose.SWAP, group=f"again{m.group}") for m in matches]
    assert ledger.games(swapped, systems=w.study.systems).pairs.shape == (0, 2)


def test_a_second_judge_draws_its_own_matches_by_default():
    w = world()
    judged(w, Longest(), 5)
    other = JudgeCard(name="other", title="O", model="t", orders="one")
    assert judged(w, Longest(), 5, card=other).rounds == 1
    assert [r.drawn_for for r in w.store.all(Round)] == ["longest", "other"]


def test_the_judge_is_told_neither_systems_nor_delivery_plans():
    w, judge = world(), Longest()
    plans = tuple(
        replace(s, turns=tuple(replace(t, delivery=Delivery(rate=0.5), voice="kokoro") for t in s.turns))
        for s in w.suite.samples
    )
    w.suite = replace(w.suite, samples=plans)
    judged(w, judge, 3)
    for comparison in judge.heard:
        told = repr((comparison.sample, comparison.first, comparison.second))
        assert not any(name in told for name in ("'long'", "'middle'", "'short'", "kokoro"))
        assert all(turn.delivery.neutral for turn in comparison.sample.turns)


def test_a_judge_that_the_study_does_not_have_is_refused():
    w = world()
    with pytest.raises(IllegalVoteError, match="stranger"):
        judged(w, Longest(), 3, card=JudgeCard(name="stranger", title="S", model="t"))
    assert events(w) == []


def test_only_criteria_that_the_study_asks_for_are_kept():
    class Detailed(Longest):
        def decide(self, comparison: Comparison) -> Decision:
            part = CriterionOutcome(outcome=Outcome.FIRST, margin=1.0)
            return replace(super().decide(comparison), criteria=dict.fromkeys(Criterion, part))

    w = world()
    w.study = replace(w.study, rules=replace(w.study.rules, criteria=(Criterion.QUALITY,)))
    judged(w, Detailed(), 1)
    assert [list(e.verdict.criteria) for e in events(w) if e.verdict] == [[Criterion.QUALITY]]


@pytest.mark.parametrize("options", [{"matches": 0}, {"matches": 3, "attempts": 0}, {"matches": 3, "orders": "three"}])
def test_bad_numbers_and_orders_are_refused(options: dict[str, object]):
    with pytest.raises(InputError):
        judged(world(), Longest(), **options)  # type: ignore[arg-type]


def test_progress_is_told_of_every_match():
    told: list[str] = []

    class Heard:
        def begin(self, what: str, total: int) -> None:
            told.append(f"{what} {total}")

        def advance(self, note: str = "") -> None:
            told.append(note)

        def end(self) -> None:
            told.append("end")

    judged(world(), Longest(), 5, progress=Heard())
    assert told[0] == "judge longest 5"
    assert told[-1] == "end"
    assert len(told) == 7


def test_a_plan_counts_what_is_missing_and_spends_nothing():
    w = world()
    judged(w, Longest(), 4)
    before = events(w)
    plan = stage.plan(w.study, w.suite, w.card, store=w.store, matches=10, orders="both")
    assert (plan.wanted, plan.rated, plan.calls) == (10, 4, 12)
    assert plan.audio_minutes > 0
    assert plan.seconds > 0
    assert events(w) == before
