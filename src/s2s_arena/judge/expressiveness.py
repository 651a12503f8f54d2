"""Whether an answer is said as the sample asks: measured delivery against expectations, and expressiveness heads."""

from collections.abc import Sequence

from s2s_arena.cues.shows import shows
from s2s_arena.judge.opinion import Opinion, abstain, named
from s2s_arena.judge.trust import trusted
from s2s_arena.records.cues import Cues
from s2s_arena.records.samples import Expectation, Sample

INSTRUMENT_OF: dict[str, str | None] = {
    "rate": "rate",
    "pause": "rate",
    "pitch": "f0",
    "range": "f0",
    "age": "f0",
    "gender": None,
    "volume": "intensity",
    "emotion": "emotion",
    "emphasis": "emphasis",
    "style": None,
    "neutral": None,
}
"""Expectation of delivery -> the instrument behind it in `cues.validity`; None is believed everywhere."""

LIMIT = 3.0  # one measurement beyond this many z units says no more
NOT_NEUTRAL = -0.5  # plain readings of two seconds scatter down to here
HEAD = "expressive"
HEAD_WEIGHT = 0.5  # heads tell systems apart better than answers of one system, so they only help


def compare(sample: Sample, first: Sequence[Cues], second: Sequence[Cues]) -> Opinion:
    """How much more the first answer is said as asked, in z units; an abstention where that cannot be told.

    Args:
        sample: Its expectations of delivery, level and task.
        first: What was heard in each turn of the take heard first.
        second: The same of the take heard second.
    """
    if sample.level is not None and not sample.level.expresses:
        return _unasked(sample, first, second)
    gaps: list[float] = []
    why: list[str] = []
    for expectation in sample.expects:
        gap = _gap(expectation, sample, first, second)
        if gap is not None:
            gaps.append(gap)
            why.append(f"{expectation.cue} {expectation.want} {gap:+.1f}")
    measured = bool(gaps)
    margin = sum(gaps) / len(gaps) if gaps else 0.0
    if sample.level is not None and not _asks_for_less(sample):
        lively = _lively(sample, first, second)
        if lively is not None:
            margin += HEAD_WEIGHT * lively
            why.append(f"expressive {lively:+.1f}")
            measured = True
    if not measured:
        return abstain("no delivery that is asked for can be measured in both answers")
    return named(margin, ", ".join(why))


def _unasked(sample: Sample, first: Sequence[Cues], second: Sequence[Cues]) -> Opinion:
    """At levels that ask for no expression only a voice that is plainly not neutral counts, and against it."""
    for expectation in sample.expects:
        a, b = _shown(expectation, first), _shown(expectation, second)
        if expectation.cue == "neutral" and a is not None and b is not None and min(a, b) < NOT_NEUTRAL:
            gap = min(a, NOT_NEUTRAL) - min(b, NOT_NEUTRAL)
            return named(gap, f"neutral voice {a:+.1f} against {b:+.1f}")
    return abstain(f"level {sample.level} asks for no expression")


def _gap(expectation: Expectation, sample: Sample, first: Sequence[Cues], second: Sequence[Cues]) -> float | None:
    """By how many z units the first answer shows the expectation more; None where either cannot be measured."""
    if expectation.cue not in INSTRUMENT_OF:
        return None
    instrument = INSTRUMENT_OF[expectation.cue]
    if instrument is not None and not trusted(instrument, sample):
        return None
    a, b = _shown(expectation, first), _shown(expectation, second)
    return None if a is None or b is None else a - b


def _shown(expectation: Expectation, turns: Sequence[Cues]) -> float | None:
    measured = [value for cues in turns if (value := shows(cues, expectation)) is not None]
    if not measured:
        return None
    mean = sum(measured) / len(measured)
    return min(LIMIT, max(-LIMIT, mean))


def _asks_for_less(sample: Sample) -> bool:
    """Whether what is asked (a flat, soft or calm voice) is the opposite of a lively one."""
    quiet = {("range", "flat"), ("emotion", "calm"), ("emotion", "neutral"), ("neutral", "yes"), ("style", "whisper")}
    return any((e.cue, e.want) in quiet for e in sample.expects)


def _lively(sample: Sample, first: Sequence[Cues], second: Sequence[Cues]) -> float | None:
    if not trusted("expressiveness", sample):
        return None
    a = [cues.heads[HEAD] for cues in first if HEAD in cues.heads]
    b = [cues.heads[HEAD] for cues in second if HEAD in cues.heads]
    if not a or not b:
        return None
    gap = sum(a) / len(a) - sum(b) / len(b)
    return min(LIMIT, max(-LIMIT, gap))
