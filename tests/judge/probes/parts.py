"""A small answered suite in tones, an editor of delivery that only stretches, and judges with known faults."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from s2s_arena.audio.levels import rms_dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision, HeardTake
from s2s_arena.judge.probes.sources import Source, sources
from s2s_arena.records.identity import SampleId, SuiteName, SystemName
from s2s_arena.records.responses import Response, response_key, take_of
from s2s_arena.records.samples import Sample, Suite, Turn
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.taxonomy import Level
from s2s_arena.records.verdicts import CriterionOutcome
from s2s_arena.store.memory import MemoryStore
from s2s_arena.testing.sound import tones

WORDS = ("seven", "green", "lanterns", "drifted", "slowly", "along", "river", "before", "morning", "arrived")


@dataclass
class Answered:
    store: MemoryStore
    suite: Suite
    sources: tuple[Source, ...]


def answered(*, samples: int = 6, languages: tuple[str, ...] = ("en",), turns: int = 1) -> Answered:
    """Two systems' answers to every sample: the short one says five words, the long one eight."""
    store = MemoryStore()
    made = []
    for n in range(samples):
        language = languages[n % len(languages)]
        said = [
            Turn(
                script=f"question {n} {k}",
                language=language,
                speech=store.put_audio(tones(["question", str(n), str(k)])),
            )
            for k in range(turns)
        ]
        made.append(
            Sample(
                id=SampleId(f"s{n}"),
                language=language,
                turns=tuple(said),
                level=list(Level)[n % 4],
                domain=("education", "medical")[n % 2],
            )
        )
    suite = Suite(name=SuiteName("small"), samples=tuple(made))
    store.put(suite)
    takes = []
    for n, sample in enumerate(made):
        for system, count in (("short", 5), ("long", 8)):
            responses = []
            for k in range(turns):
                words = [WORDS[(n + k + i) % len(WORDS)] for i in range(count)]
                responses.append(
                    Response(
                        key=response_key(
                            sample=sample.id, turn=k, audio=["a"], system=SystemName(system), settings="s", seed=0
                        ),
                        sample=sample.id,
                        turn=k,
                        system=SystemName(system),
                        settings="s",
                        speech=store.put_audio(tones([f"{n}{k}", *words])),
                        text=" ".join(words),
                    )
                )
            takes.append(take_of(responses))
            store.put(*responses, takes[-1])
    return Answered(store=store, suite=suite, sources=sources(takes, suite=suite, store=store))


class Stretcher:
    """Implements `Reshaper` by reading samples faster or slower; a smaller range makes speech softer."""

    identity = "stretcher/1"

    def reshape(
        self,
        speech: Waveform,
        *,
        rate: float = 1.0,
        pitch_st: float = 0.0,
        pitch_range: float = 1.0,
        buzz: float = 0.0,
    ) -> Waveform:
        at = np.arange(0.0, speech.frames, rate)
        samples = np.interp(at, np.arange(speech.frames), speech.samples) * (0.5 + 0.5 * pitch_range) * (1 - buzz / 2)
        return Waveform((samples * 2.0 ** (pitch_st / 24)).astype(np.float32), speech.rate_hz)


def seconds(take: HeardTake) -> float:
    return sum(t.speech.duration_s for t in take.turns if t.speech)


def loudness(take: HeardTake) -> float:
    return sum(rms_dbfs(t.speech) for t in take.turns if t.speech)


class By:
    """Prefers the take with the larger measure; ties go to the second. Fails as often as it is told."""

    def __init__(
        self, measure: Callable[[HeardTake], float], *, name: str = "by", criterion: bool = True, fail: int = 0
    ) -> None:
        self.identity = f"{name}/1"
        self.asked: list[Comparison] = []
        self._measure = measure
        self._criterion = criterion
        self._fail = fail

    def decide(self, comparison: Comparison) -> Decision:
        self.asked.append(comparison)
        if self._fail:
            self._fail -= 1
            raise JudgeFailure("nothing usable")
        margin = self._measure(comparison.first) - self._measure(comparison.second)
        outcome = Outcome.FIRST if margin > 0 else Outcome.SECOND
        parts = dict.fromkeys(Criterion, CriterionOutcome(outcome=outcome, margin=margin)) if self._criterion else {}
        return Decision(outcome=outcome, criteria=parts, margin=margin)


def always_first() -> By:
    judge = By(lambda take: 0.0, name="first")
    decide = judge.decide
    judge.decide = lambda comparison: replace(decide(comparison), outcome=Outcome.FIRST)  # type: ignore[method-assign]
    return judge


def in_their_languages(world: Answered) -> tuple[Source, ...]:
    """The sources, those of Chinese samples with Chinese words."""
    own = [f"今天的天气真好呀，第{n}次了。" for n in range(len(world.sources))]
    pairs = zip(world.sources, own, strict=True)
    return tuple(replace(s, texts=(words,) * len(s.texts)) if s.language == "zh" else s for s, words in pairs)
