"""A plan counts what is left to do and spends nothing."""

from dataclasses import replace

import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.contestants import Contestant
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Answer
from s2s_arena.records.systems import Needs
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tone
from s2s_arena.testing.systems import ScriptedSystem
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite


def never():
    raise AssertionError("a plan loads no model")


def contestants(**changes):
    return [Contestant(card=replace(card, **changes), load=never) for card in rehearsal_cards(["one", "two"])]


def test_a_plan_counts_the_calls_and_audio_of_every_system():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=6, turns=2)
    planned = stage.plan(suite, contestants(), store=store)
    heard = sum(t.speech.duration_s for s in suite.samples for t in s.turns) / 60
    assert (planned.samples, planned.calls) == (6, 24)
    assert planned.audio_in_minutes == pytest.approx(2 * heard)
    assert planned.audio_out_minutes == pytest.approx(24 * 10 / 60) and planned.cost_usd == 0.0
    assert not planned.systems[0].from_experience
    assert stage.plan(suite, contestants(), store=store, limit=1).calls == 4


def test_a_plan_costs_what_the_cards_charge():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=6)
    heard = sum(t.speech.duration_s for s in suite.samples for t in s.turns) / 60
    planned = stage.plan(suite, contestants(price={"minute_in": 0.6, "minute_out": 1.2}), store=store)
    assert planned.cost_usd == pytest.approx(2 * (0.6 * heard + 1.2 * 1.0))
    assert stage.plan(suite, contestants(needs=Needs(env=("SOME_KEY",))), store=store).cost_usd is None


def test_a_plan_leaves_out_what_is_done_and_learns_from_it():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=6)
    system = ScriptedSystem(rule=lambda request: Answer(speech=tone(seconds=3.0)))
    done = Contestant(card=contestants()[0].card, load=lambda: system)
    stage.run(suite, [done], store=store, executor=ThreadsExecutor(), limit=4)
    first, second = stage.plan(suite, contestants(), store=store).systems
    assert (first.kept, first.calls, first.from_experience) == (4, 2, True)
    assert first.audio_out_minutes == pytest.approx(2 * 3 / 60) and first.wall_minutes < second.wall_minutes
    assert (second.kept, second.calls) == (0, 6)


def test_requests_in_flight_shorten_the_wait_as_far_as_the_card_allows():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=8)

    def minutes(concurrency):
        return stage.plan(suite, contestants(concurrency=4), store=store, concurrency=concurrency).wall_minutes

    assert minutes(2) == pytest.approx(minutes(1) / 2) and minutes(64) == pytest.approx(minutes(1) / 4)


def test_a_plan_shows_the_limits_and_waits_for_them():
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=12)
    (planned, _) = stage.plan(suite, contestants(limits={"requests": 2.0}), store=store, concurrency=4).systems
    assert planned.limits == {"requests": 2.0} and planned.in_flight == 1
    assert planned.wall_minutes == pytest.approx(12 / 2 - 1)
    free = stage.plan(suite, contestants(limits={"requests": 600.0}), store=store).systems[0]
    assert free.wall_minutes == pytest.approx(12 * 10.0 / 60)
