"""A small study with answers, and a judge that decides by what it hears, for tests of the judge stage."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision
from s2s_arena.protocols import Store
from s2s_arena.records.identity import JudgeName, StudyName, SystemName
from s2s_arena.records.responses import Failure, FailureKind, Response, Take, response_key, take_of
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.studies import Outcome, Rules, Sampling, Study
from s2s_arena.records.systems import JudgeCard
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import silence, tones
from s2s_arena.testing.worlds import rehearsal_suite

SYSTEMS = tuple(SystemName(name) for name in ("long", "middle", "short"))
"""The longer a system's answers, the better `Longest` likes them."""


@dataclass
class World:
    store: Store
    suite: Suite
    study: Study
    card: JudgeCard


def world(
    *,
    samples: int = 6,
    systems: Sequence[SystemName] = SYSTEMS,
    failing: Sequence[SystemName] = (),
    audible_failures: bool = False,
    orders: str = "one",
    round_size: int = 5,
    seed: int = 0,
) -> World:
    store = MemoryStore()
    suite = rehearsal_suite(store, samples=samples)
    for sample in suite.samples:
        for place, system in enumerate(systems):
            store.put(
                *answer(store, sample, system, words=9 - 3 * place, failed=system in failing, audible=audible_failures)
            )
    study = Study(
        name=StudyName("test"),
        suite=suite.name,
        suite_hash=suite.hash,
        systems=tuple(systems),
        judges=(JudgeName("longest"), JudgeName("other")),
        rules=Rules(orders=orders),
        sampling=Sampling(round_size=round_size),
        seed=seed,
    )
    store.put(study)
    return World(
        store=store, suite=suite, study=study, card=JudgeCard(name="longest", title="L", model="t", orders="one")
    )


def answer(
    store: Store, sample: Sample, system: SystemName, *, words: int, failed: bool = False, audible: bool = False
) -> tuple[Response, Take]:
    """A response of that many tones, or a failed one, silent if it is to be audible; and its take."""
    wave = silence(1.0) if failed else tones([f"{sample.id}{n}" for n in range(words)])
    response = Response(
        key=response_key(sample=sample.id, turn=0, audio=["a"], system=system, settings="s", seed=0),
        sample=sample.id,
        turn=0,
        system=system,
        settings="s",
        speech=store.put_audio(wave) if audible or not failed else None,
        failure=Failure(kind=FailureKind.SILENT, message="nothing heard") if failed else None,
    )
    return response, take_of([response])


@dataclass
class Longest:
    """Prefers the longer answer; fails as often as it is told to."""

    fail: int = 0
    stop_after: int | None = None
    heard: list[Comparison] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    identity = "longest/1"

    def decide(self, comparison: Comparison) -> Decision:
        with self._lock:
            if self.stop_after is not None and len(self.heard) >= self.stop_after:
                raise KeyboardInterrupt
            self.heard.append(comparison)
            if self.fail:
                self.fail -= 1
                raise JudgeFailure("reply without a winner")
        lengths = [
            sum(t.speech.duration_s for t in take.turns if t.speech) for take in (comparison.first, comparison.second)
        ]
        margin = lengths[0] - lengths[1]
        outcome = Outcome.FIRST if margin > 0 else Outcome.SECOND
        return Decision(outcome=outcome, margin=margin, reason="length", prompt_hash="p", parsed="rule")
