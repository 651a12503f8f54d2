"""Budgets, limits a minute, priorities, consent and second tries hold over a whole run."""

import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.asking import Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.deadlines import call_within
from s2s_arena.answer.pricing import price_of
from s2s_arena.errors import InfrastructureError, InputError, TimedOut
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Answer
from s2s_arena.records.responses import Response, Usage
from s2s_arena.records.systems import Needs
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tone
from s2s_arena.testing.systems import ScriptedSystem
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite


def ran(system, *, samples=8, third_party=False, consent=None, options=None, **card):
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=samples)
    if consent is not None:
        first = suite.samples[0]
        mine = replace(first, provenance=replace(first.provenance, consent=consent))
        suite = replace(suite, samples=(mine, *suite.samples[1:]))
    made = replace(rehearsal_cards(["one"])[0], **card)
    contestant = Contestant(card=made, load=lambda: system, third_party=third_party)
    summary = stage.run(suite, [contestant], store=store, executor=ThreadsExecutor(), **(options or {}))
    return summary, list(store.all(Response))


def minute_long():
    return ScriptedSystem(rule=lambda request: Answer(speech=tone(), usage=Usage(audio_in_s=6.0, audio_out_s=60.0)))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_budget_in_money_is_never_passed_and_the_next_run_goes_on(concurrency):
    options = {"budget": stage.Budget(usd=3.5), "concurrency": concurrency}
    price = {"price": {"minute_out": 1.0}, "concurrency": 4}
    summary, responses = ran(minute_long(), options=options, **price)
    assert summary.systems[0].spent_usd == pytest.approx(len(responses)) and 1 <= len(responses) <= 3 + concurrency
    assert "budget of $3.5" in summary.stopped
    assert [r.usage.cost_usd for r in responses] == [1.0] * len(responses)


def test_a_budget_needs_a_price_and_no_minutes_start_nothing():
    with pytest.raises(InputError, match=r"no \[price\]"):
        ran(minute_long(), options={"budget": stage.Budget(usd=1.0)}, needs=Needs(env=("KEY",)))
    system = minute_long()
    summary, _ = ran(system, options={"budget": stage.Budget(minutes=0.0)})
    assert "0 minutes" in summary.stopped and not system.requests
    with pytest.raises(InputError, match="budget usd"):
        stage.Budget(usd=-1.0)


def test_a_price_is_what_the_system_says_or_the_card():
    usage = Usage(tokens_in=100, tokens_out=10, audio_in_s=30.0, audio_out_s=60.0)
    assert price_of(usage, {"minute_in": 2.0, "minute_out": 1.0, "token_out": 0.1}) == pytest.approx(3.0)
    assert price_of(replace(usage, cost_usd=7.0), {"minute_in": 2.0}) == 7.0 and price_of(usage, {}) is None


def test_levels_are_asked_in_the_order_given():
    system = ScriptedSystem()
    ran(system, options={"first": ("L4", "L2")})
    assert [r.sample for r in system.requests] == ["s003", "s007", "s001", "s005", "s000", "s002", "s004", "s006"]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_may_not_be_sent_to_third_parties_stays_here(concurrency):
    system = ScriptedSystem()
    ways = {"consent": ("evaluation",), "concurrency": 4, "options": {"concurrency": concurrency}}
    summary, _ = ran(system, third_party=True, **ways)
    assert (summary.systems[0].withheld, system.asked("s000"), len(system.requests)) == (1, 0, 7)
    assert ran(system, third_party=False, **ways)[0].systems[0].answered == 8


def test_a_request_that_waits_holds_up_no_other():
    others = threading.Event()

    def rule(request):
        if len(system.requests) >= 8:
            others.set()
        return Answer(speech=tone())

    system = ScriptedSystem(rule=rule)
    system.deeds = {"s000": [InfrastructureError("429", retry_after_s=0.2), lambda r: Answer(speech=tone())]}
    summary, _ = ran(system)
    assert [r.sample for r in system.requests][-1] == "s000" and others.is_set()
    assert (summary.systems[0].asked_again, summary.systems[0].answered) == (1, 8)


def test_how_often_a_fault_is_met_depends_on_its_kind():
    ways = Retries(attempts=3, limited_attempts=5, longest_asked_s=100)
    assert [ways.again_after_s(InfrastructureError("503"), attempts=n) for n in (1, 2, 3)] == [1.0, 2.0, None]
    limited = InfrastructureError("429", retry_after_s=90.0)
    assert [ways.again_after_s(limited, attempts=n) for n in (1, 4, 5)] == [90.0, 90.0, None]
    assert ways.again_after_s(InfrastructureError("429", retry_after_s=101.0), attempts=1) is None


def test_a_slow_call_is_made_twice_only_if_asked_to():
    calls = []
    release = threading.Event()

    def work():
        calls.append(1)
        if len(calls) == 1:
            release.wait(10)
        return len(calls)

    outcome = call_within(work, 10.0, hedge_after_s=0.02)
    release.set()
    assert (outcome.result, outcome.hedged) == (2, True)
    assert call_within(lambda: 5, 10.0, hedge_after_s=5.0).hedged is False


def test_calls_share_threads_and_one_that_is_late_holds_up_none():
    release = threading.Event()
    late = call_within(lambda: release.wait(10), 0.01)
    threads = {call_within(threading.get_ident, 10.0).result for _ in range(20)}
    release.set()
    assert isinstance(late.raised, TimedOut)
    # A thread is free again a moment after its result is there: now and then a second one is needed.
    assert len(threads) < 10


def test_a_call_that_raised_leaves_its_thread_fit_for_the_next():
    def fail():
        raise ValueError("no")

    for _ in range(3):
        assert isinstance(call_within(fail, 10.0).raised, ValueError)
        assert call_within(lambda: 7, 10.0).result == 7


FORKS = """
import os
from s2s_arena.answer.deadlines import call_within

call_within(lambda: 1, 10.0)
child = os.fork()
if child == 0:
    os._exit(0 if call_within(lambda: 7, 10.0).result == 7 else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_starts_threads_of_its_own():
    assert subprocess.run([sys.executable, "-c", FORKS], timeout=60, check=False).returncode == 0
