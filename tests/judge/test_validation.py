"""Judging judges: a good one shows as good, a bad one by what is bad in it, and nothing is asked twice."""

import pytest

from s2s_arena.boards.reliability import shortcomings
from s2s_arena.errors import InputError
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.judge.probes.kinds import Probe
from s2s_arena.judge.probes.workshop import Workshop
from s2s_arena.judge.validation import Control, Summary, Ways, plan, run
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName
from s2s_arena.testing.voices import ScriptedSpeaker
from tests.judge.probes.parts import Answered, By, Stretcher, always_first, answered, loudness, seconds

WAYS = Ways(probes=(Probe.SILENCE, Probe.HALF, Probe.REAL), pairs=6, again=2)


def tried(
    judge: By, world: Answered | None = None, *, ways: Ways = WAYS, controls: tuple[Control, ...] = ()
) -> Summary:
    world = world or answered()
    return run(
        JudgeName("j"),
        judge,
        world.sources,
        workshop=Workshop(world.store, reshaper=Stretcher(), speaker=ScriptedSpeaker()),
        store=world.store,
        executor=ThreadsExecutor(),
        languages=frozenset({"en"}),
        ways=ways,
        controls=controls,
    )


def test_who_prefers_sound_hears_silence_and_not_a_half():
    figures = tried(By(loudness)).record.figures
    assert figures["probe:silence"][0] == 1.0
    assert figures["criterion:silence"][0] == 1.0
    assert figures["swap"][0] == figures["retest"][0] == 1.0
    assert figures["position"][0] == 0.0
    assert figures["probe:silence"][1] == pytest.approx(0.61, abs=0.01)  # Wilson, 6 of 6


def test_who_prefers_length_shows_it_on_real_answers():
    figures = tried(By(seconds)).record.figures
    assert figures["length"][0] == 1.0
    assert figures["probe:half"][0] == 1.0
    assert figures["probe:silence"][0] == 0.5  # as long, so the position decides


def test_who_always_takes_the_first_is_right_half_the_time_and_never_agrees_with_itself():
    record = tried(always_first()).record
    assert record.figures["position"][0] == 1.0
    assert record.figures["swap"][0] == 0.0
    assert record.figures["retest"][0] == 1.0
    assert record.figures["blatant"][0] == 0.5
    short = " ".join(shortcomings(record))
    assert "blatant faults 50%" in short
    assert "position bias" in short


def test_a_pair_asked_in_both_orders_is_one_case():
    record = tried(By(loudness)).record
    assert record.counts["probe:silence"] == 6
    assert record.counts["asked"] == 3 * 2 * 6 + 3 * 2
    assert {name for name in record.figures if name.startswith(("language", "group", "cell"))} == {
        "language:en",
        "group:education",
        "group:medical",
        "cell:en/education",
        "cell:en/medical",
    }


def test_nothing_is_asked_twice_and_a_stopped_run_goes_on():
    world, judge = answered(), By(loudness)
    first = tried(judge, world)
    asked = len(judge.asked)
    again = tried(judge, world)
    assert len(judge.asked) == asked
    assert again.record == first.record
    more = Ways(probes=WAYS.probes, pairs=6, again=3)
    tried(judge, world, ways=more)
    assert len(judge.asked) == asked + 3
    assert len(list(world.store.all(JudgeReliability))) == 2


def test_a_judge_without_a_verdict_is_asked_again_and_else_counts_as_wrong():
    patient = tried(By(loudness, fail=2))
    assert patient.record.figures["probe:silence"][0] == 1.0
    assert patient.record.counts["failures"] == 2
    world, hopeless = answered(), By(loudness, fail=10_000)
    record = tried(hopeless, world).record
    assert record.figures["probe:silence"][0] == 0.0
    assert any("no usable verdict" in note for note in record.notes)
    assert tried(By(loudness), world).record.figures["probe:silence"][0] == 1.0  # failures are not kept


def test_abstentions_on_the_criterion_are_counted_and_are_no_mistakes():
    record = tried(By(loudness, criterion=False)).record
    assert "criterion:silence" not in record.figures
    assert record.counts["abstained:silence"] == 12 + 2


def test_a_control_that_succeeds_is_a_shortcoming_and_one_that_fails_is_not():
    ways = Ways(probes=(Probe.PACE, Probe.SILENCE), pairs=12, again=0)
    deaf = Control(name="deaf", judge=always_first(), probes=(Probe.PACE,))
    hearing = Control(name="hearing", judge=By(loudness, name="loud"), probes=(Probe.SILENCE,))
    record = tried(By(loudness), ways=ways, controls=(deaf, hearing)).record
    assert record.figures["control:deaf:pace"][0] == 0.5
    short = [s for s in shortcomings(record) if s.startswith("control")]
    assert len(short) == 1
    assert "hearing on silence succeeds where it must fail" in short[0]


def test_concurrency_changes_no_record():
    one = tried(By(loudness)).record
    many = tried(By(loudness), ways=Ways(probes=WAYS.probes, pairs=6, again=2, concurrency=4)).record
    assert one == many


def test_a_plan_counts_what_a_run_asks():
    world, judge = answered(), By(loudness)
    would = plan(
        world.sources, WAYS, languages=frozenset({"en"}), seconds_a_call=2.0, usd_a_minute=0.5, controls=[(Probe.HALF,)]
    )
    control = Control(name="c", judge=By(seconds, name="s"), probes=(Probe.HALF,))
    tried(judge, world, controls=(control,))
    assert would.calls == len(judge.asked) + len(control.judge.asked)  # type: ignore[attr-defined]
    assert would.seconds == 2.0 * would.calls
    assert would.cost_usd == pytest.approx(0.5 * would.audio_minutes)


def test_without_answers_there_is_nothing_to_try():
    with pytest.raises(InputError, match="answer first"):
        run(
            JudgeName("j"), By(loudness), (), workshop=Workshop(answered().store), store=answered().store,
            executor=ThreadsExecutor(), languages=frozenset(),
        )  # fmt: skip


def test_probes_of_delivery_count_at_the_level_that_they_ask_at():
    counts = tried(By(seconds), ways=Ways(probes=(Probe.PACE,), pairs=6, again=0)).record.counts
    assert {name: n for name, n in counts.items() if name.startswith("level:")} == {"level:L3": 6}
    own = tried(By(seconds), ways=Ways(probes=(Probe.HALF,), pairs=6, again=0)).record.counts
    assert sum(n for name, n in own.items() if name.startswith("level:")) == 6
    assert set(own) > {"level:L1"}


def test_margins_are_held_against_known_losers():
    world = answered(samples=12)
    ways = Ways(probes=(Probe.SILENCE, Probe.HALF), pairs=24, again=0)
    figures = tried(By(loudness), world, ways=ways).record.figures
    assert figures["odds:slope"][0] > 0.0
    assert 0.0 <= figures["odds:error"][0] <= 1.0
    assert figures["odds:saved"][0] <= 1.0
    assert "odds:slope" not in tried(always_first(), answered(samples=12), ways=ways).record.figures
