"""The answer stage asks each question once, keeps whatever came of it, and goes on where it stopped."""

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from s2s_arena.answer import stage
from s2s_arena.answer.asking import Retries
from s2s_arena.answer.contestants import Contestant
from s2s_arena.answer.dialogues import takes
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import (
    AudioError,
    EmptyAnswer,
    InfrastructureError,
    MissingError,
    Refused,
    RequestRejected,
    StoreError,
    SuiteError,
    TimedOut,
)
from s2s_arena.executors.threads import ThreadsExecutor
from s2s_arena.protocols import Answer
from s2s_arena.records.responses import FailureKind, Response, Take, take_of
from s2s_arena.records.runs import Run
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import silence, tone, tones
from s2s_arena.testing.systems import ScriptedSystem
from s2s_arena.testing.worlds import rehearsal_cards, rehearsal_suite

NO_WAIT = Retries(attempts=3, sleep=lambda _: None)


class Arena:
    """A store, a suite and one scripted system, and how often it was loaded."""

    def __init__(self, *, samples=4, turns=1, deeds=None, store=None, **card) -> None:
        self.store = store or MemoryStore()
        self.suite = rehearsal_suite(self.store, samples=samples, turns=turns)
        self.system = ScriptedSystem(deeds=deeds or {})
        self.card = replace(rehearsal_cards(["one"])[0], **card)
        self.loads = 0

    def load(self) -> ScriptedSystem:
        self.loads += 1
        return self.system

    def run(self, **options) -> stage.SystemSummary:
        return self.summary(**options).systems[0]

    def summary(self, **options) -> stage.Summary:
        options = {"executor": ThreadsExecutor(), "retries": NO_WAIT, **options}
        return stage.run(self.suite, [Contestant(card=self.card, load=self.load)], store=self.store, **options)

    def responses(self) -> list[Response]:
        return list(self.store.all(Response))


def test_every_sample_gets_a_response_and_a_take():
    arena = Arena(samples=5)
    summary = arena.run()
    assert (summary.answered, summary.takes, summary.failures) == (5, 5, {})
    assert [r.sample for r in arena.responses()] == [s.id for s in arena.suite.samples]
    assert {t.sample for t in arena.store.all(Take)} == {s.id for s in arena.suite.samples}
    assert list(arena.store.all(Take)) == [take_of([r]) for r in arena.responses()]


def test_what_the_system_gave_is_kept():
    arena = Arena(samples=1)
    arena.run(run=Run(id="r7", stage="answer", started="", seed=0))
    (response,) = arena.responses()
    given = arena.system.rule(arena.system.requests[0])
    assert response.speech.hash == given.speech.hash()
    assert (response.text, response.first_audio_s, response.run) == (given.text, 0.1, "r7")
    assert response.total_s > 0 and response.versions == {"adapter": "scripted/1:scripted"}
    assert response.usage.audio_out_s == pytest.approx(given.speech.duration_s)
    assert response.usage.audio_in_s == pytest.approx(arena.suite.samples[0].turns[0].speech.duration_s)
    assert arena.store.get(Run, "r7") is not None


def test_running_twice_does_nothing_and_loads_nothing_the_second_time():
    arena = Arena()
    arena.run()
    before = arena.responses()
    summary = arena.run()
    assert (summary.answered, summary.kept, summary.takes) == (0, 4, 4)
    assert arena.loads == 1 and len(arena.system.requests) == 4 and arena.responses() == before


def test_other_settings_seed_or_speech_are_other_work():
    arena = Arena(samples=1)
    arena.run()
    arena.run(seed=1)
    arena.card = replace(arena.card, settings={"voice": "other"})
    arena.run()
    turn = replace(arena.suite.samples[0].turns[0], speech=arena.store.put_audio(tones(["louder"])))
    arena.suite = replace(arena.suite, samples=(replace(arena.suite.samples[0], turns=(turn,)),))
    arena.run()
    arena.card = replace(arena.card, notes="prose is not a setting")
    assert arena.run().kept == 1
    assert len(arena.responses()) == 4 == len(list(arena.store.all(Take)))


def test_later_turns_hear_the_answers_that_were_kept():
    arena = Arena(samples=2, turns=3)
    summary = arena.run()
    assert (summary.answered, summary.takes) == (6, 2)
    last = next(r for r in arena.system.requests if r.turn == 2)
    earlier = sorted((r for r in arena.responses() if r.sample == last.sample), key=lambda r: r.turn)[:2]
    assert [e.answer.speech.hash() for e in last.history] == [r.speech.hash for r in earlier]
    assert [e.user.hash() for e in last.history] == [t.speech.hash for t in arena.suite.samples[0].turns[:2]]
    assert [len(t.responses) for t in arena.store.all(Take)] == [3, 3]


def test_a_run_that_stops_in_the_middle_of_a_dialogue_asks_the_same_when_it_goes_on():
    whole = Arena(samples=3, turns=2)
    whole.run()

    stopped = Arena(samples=3, turns=2, deeds={("s001", 1): [MissingError("key"), lambda r: stopped.system.rule(r)]})
    with pytest.raises(MissingError):
        stopped.run()
    summary = stopped.run()
    assert summary.kept == 3 and summary.answered == 3  # a dialogue that has begun goes before one that has not
    assert {(r.key, r.speech) for r in stopped.responses()} == {(r.key, r.speech) for r in whole.responses()}
    assert set(stopped.store.all(Take)) == set(whole.store.all(Take))


@pytest.mark.parametrize(
    ("deed", "kind"),
    [
        (Refused("no"), FailureKind.REFUSED),
        (EmptyAnswer("nothing"), FailureKind.EMPTY),
        (TimedOut("late"), FailureKind.TIMED_OUT),
        (AudioError("no header"), FailureKind.BROKEN),
        (ZeroDivisionError("division\nby zero"), FailureKind.CRASHED),
        (Answer(speech=silence(1.0)), FailureKind.SILENT),
        (Answer(speech=Waveform(np.zeros(0, np.float32), 16000)), FailureKind.EMPTY),
        (Answer(speech=np.zeros(9)), FailureKind.BROKEN),
        (lambda request: "text", FailureKind.BROKEN),
    ],
)
def test_a_systems_failure_is_a_record_and_the_run_goes_on(deed, kind):
    arena = Arena(samples=3, deeds={"s001": deed})
    summary = arena.run()
    assert summary.failures == {kind: 1} and (summary.answered, summary.takes, summary.failed_takes) == (2, 3, 1)
    failed = next(r for r in arena.responses() if r.sample == "s001")
    assert failed.failure.kind is kind and "\n" not in failed.failure.message
    assert next(t for t in arena.store.all(Take) if t.sample == "s001").failure is kind
    assert arena.run().answered == 0 and arena.system.asked("s001") == 1


def test_a_silent_answer_is_kept_so_that_it_can_be_heard():
    arena = Arena(samples=1, deeds={"s000": Answer(speech=silence(1.0))})
    arena.run()
    assert arena.responses()[0].speech.frames == 16000


def test_odd_answers_are_flagged_and_do_not_fail():
    loud = Waveform(np.clip(3 * tone(seconds=1.0, level=1.0).samples, -1, 1), 16000)
    arena = Arena(samples=2, deeds={"s000": Answer(speech=tone(seconds=0.1)), "s001": Answer(speech=loud)})
    assert arena.run().answered == 2
    first, second = arena.responses()
    assert "too_short" in first.flags and "clipped" in second.flags


def test_a_failed_turn_ends_its_dialogue():
    arena = Arena(samples=2, turns=3, deeds={("s000", 1): Refused("no")})
    summary = arena.run()
    assert (summary.answered, summary.takes, summary.failed_takes) == (4, 2, 1)
    assert next(t for t in arena.store.all(Take) if t.sample == "s000").failure is FailureKind.REFUSED
    assert not any(r.sample == "s000" and r.turn == 2 for r in arena.system.requests)


def test_infrastructure_faults_are_retried_as_long_as_the_other_side_asks():
    waits = []
    deeds = {"s000": [InfrastructureError("429", retry_after_s=7.0), InfrastructureError("503"), Answer(speech=tone())]}
    arena = Arena(samples=1, deeds=deeds)
    assert arena.run(retries=Retries(attempts=3, sleep=waits.append)).answered == 1
    assert waits == [7.0, 2.0]


def test_a_request_that_the_other_side_does_not_accept_is_not_sent_again_and_not_rated():
    arena = Arena(samples=1, deeds={"s000": RequestRejected("400: no such voice")})
    summary = arena.summary()
    assert (summary.unreached, summary.systems[0].takes, arena.system.asked("s000")) == (1, 0, 1)
    assert arena.responses()[0].failure.attempts == 1


def test_what_an_adapter_told_besides_its_answer_reaches_later_turns():
    told = Answer(speech=tone(), raw={"audio_id": "audio_7"})
    arena = Arena(samples=1, turns=2, deeds={("s000", 0): told})
    arena.run()
    assert arena.responses()[0].raw == {"audio_id": "audio_7"}
    assert arena.system.requests[1].history[0].answer.raw == {"audio_id": "audio_7"}


def test_an_infrastructure_failure_is_not_final():
    arena = Arena(samples=2, deeds={"s000": [*[InfrastructureError("503")] * 6, Answer(speech=tone())]})
    for _ in range(2):
        summary = arena.summary()
        assert summary.unreached == 1 and summary.systems[0].takes == 1
    assert arena.run().answered == 1
    kinds = [r.failure.kind if r.failure else None for r in arena.responses() if r.sample == "s000"]
    assert kinds == [FailureKind.INFRASTRUCTURE, FailureKind.INFRASTRUCTURE, None]
    assert arena.responses()[0].failure.attempts == 3
    assert arena.run().kept == 2


def test_failures_are_asked_again_only_on_demand_and_nothing_is_overwritten():
    arena = Arena(samples=2, deeds={"s000": [Refused("no"), Refused("still no"), Answer(speech=tone())]})
    arena.run()
    assert arena.run().failed_takes == 1 and arena.system.asked("s000") == 1
    assert arena.run(retry_failed=True).failures == {FailureKind.REFUSED: 1}
    assert arena.run(retry_failed=True).answered == 1
    summary = arena.run(retry_failed=True)
    assert (summary.answered, summary.kept, summary.failed_takes) == (0, 2, 0)
    assert len(arena.responses()) == 4
    assert [t.failure for t in arena.store.all(Take) if t.sample == "s000"] == [FailureKind.REFUSED] * 2 + [None]
    assert {t.failure for t in takes(arena.suite, [arena.card], store=arena.store)} == {None}


def test_an_answer_that_is_late_is_timed_out():
    release = threading.Event()

    def hang(request):
        release.wait(30)
        return Answer(speech=tone())

    arena = Arena(samples=2, deeds={"s000": hang}, timeout_s=0.05)
    summary = arena.run()
    release.set()
    assert summary.failures == {FailureKind.TIMED_OUT: 1} and summary.answered == 1


def test_the_same_records_at_any_concurrency():
    def records(concurrency):
        arena = Arena(samples=12, turns=2, deeds={"s003": Refused("no")}, concurrency=8)
        arena.run(concurrency=concurrency)
        same = [replace(r, total_s=None) for r in arena.responses()]
        return sorted(same, key=lambda r: r.key), set(arena.store.keys(Take))

    assert records(1) == records(8)


def test_a_card_bounds_how_many_requests_are_in_flight():
    running, most = 0, 0
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def rule(request):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1
        return Answer(speech=tone())

    arena = Arena(samples=8, concurrency=2)
    arena.system.rule = rule
    arena.run(concurrency=64)
    assert most == 2


def test_samples_are_chosen_by_level_task_and_number():
    arena = Arena(samples=8)
    arena.run(levels=["L1"])
    assert [r.sample for r in arena.responses()] == ["s000", "s004"]
    assert arena.summary(tasks=[arena.suite.samples[4].task], limit=2).samples == 2
    with pytest.raises(SuiteError, match="no sample"):
        arena.run(levels=["L9"])


def test_a_sample_without_speech_is_refused_before_anything_is_asked():
    arena = Arena(samples=2)
    mute = replace(arena.suite.samples[1], turns=(replace(arena.suite.samples[1].turns[0], speech=None),))
    arena.suite = replace(arena.suite, samples=(arena.suite.samples[0], mute))
    with pytest.raises(SuiteError, match="s001"):
        arena.run()
    assert arena.loads == 0


def test_progress_counts_every_turn_even_when_a_dialogue_ends_early():
    class Told:
        def __init__(self):
            self.total = self.done = 0
            self.ended = False

        def begin(self, what, total):
            self.total = total

        def advance(self, note=""):
            self.done += 1

        def end(self):
            self.ended = True

    told = Told()
    Arena(samples=3, turns=3, deeds={("s001", 0): Refused("no")}).run(progress=told)
    assert (told.done, told.total, told.ended) == (9, 9, True)


def test_a_store_that_cannot_write_stops_the_run_and_keeps_what_was_finished():
    class Full(MemoryStore):
        room = 4

        def put(self, *records):
            if any(isinstance(r, Response) for r in records):
                self.room -= 1
                if self.room < 0:
                    raise StoreError("disk full")
            return super().put(*records)

    arena = Arena(samples=6, store=Full())
    with pytest.raises(StoreError):
        arena.run()
    assert len(arena.responses()) == 4 == len(list(arena.store.all(Take)))
    arena.store.room = 99
    assert arena.run().answered == 2


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal, also where the tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("concurrency", [1, 3])
def test_ctrl_c_stops_at_once_and_the_next_run_goes_on(concurrency):
    release = threading.Event()

    def interrupted(request):
        os.kill(os.getpid(), signal.SIGINT)  # to the process, as a terminal does: the main thread gets it
        release.wait(30)
        return Answer(speech=tone())

    arena = Arena(samples=4, deeds={"s002": [interrupted, Answer(speech=tone())]}, concurrency=3)
    with pytest.raises(KeyboardInterrupt):
        arena.run(concurrency=concurrency)
    release.set()
    kept = arena.store.keys(Response)
    assert len(kept) < 4 and not any(r.failure for r in arena.responses())
    summary = arena.run(concurrency=concurrency)
    assert (summary.kept, summary.takes) == (len(kept), 4) and arena.store.keys(Response) > kept
