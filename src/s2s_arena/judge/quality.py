"""How good an answer sounds: predicted quality, completeness, clipping, melody, band, level and how it ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from s2s_arena.audio.cutoff import cut_hz
from s2s_arena.audio.waveform import Waveform
from s2s_arena.judge.faults import plain, words
from s2s_arena.judge.numbers import spelled
from s2s_arena.judge.opinion import Opinion, abstain, named
from s2s_arena.judge.trust import trusted
from s2s_arena.records.cues import Cues, Quality
from s2s_arena.records.samples import Sample

COMPLETE_FROM = 0.85  # ears err: share of its own text from which nothing is missing
MISSING_WEIGHT = 3.0  # DNSMOS points for an answer of which nothing is spoken
CLIPPED_FROM = 0.001  # share of samples
CLIPPED_PENALTY = 0.5
CUT_OFF_PENALTY = 0.7
FASTEST = 20.0  # letters a second: a text with more than that was not spoken whole
FLAT_ST = 0.6  # spread of pitch; no reading, made or recorded, of 500 that were measured had less than 1.0
FLAT_PENALTY = 0.7
SHORT_MOS = 0.25  # points of DNSMOS for e times as much speech, on 288 answers of two voices; none beyond FULL_S
SHORTEST_S, FULL_S = 0.5, 4.0
FULL_HZ = 7000.0  # speech loses little of what is above
NARROW_PENALTY = 0.5  # an octave: a telephone's band is about one less
SOFT_DBFS = -45.0
SOFT_PENALTY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One turn's sound: predicted quality if it can be predicted, and what is wrong with it, in its points."""

    mos: float | None
    penalty: float
    faults: tuple[str, ...] = ()


def compare(
    sample: Sample,
    first: Sequence[Cues],
    second: Sequence[Cues],
    *,
    first_texts: Sequence[str | None],
    second_texts: Sequence[str | None],
    first_tops_hz: Sequence[float] = (),
    second_tops_hz: Sequence[float] = (),
) -> Opinion:
    """How much better the first answer sounds, in points of mean opinion (1 to 5).

    Args:
        sample: Level and task say where quality can be predicted and words can be understood.
        first: What was heard in each turn of the take heard first.
        second: The same of the take heard second.
        first_texts: The system's own words by turn, if it tells them.
        second_texts: The same of the take heard second.
        first_tops_hz: Where each turn's sound ends in frequency, if it is known.
        second_tops_hz: The same of the take heard second.
    """
    a = _sounds(sample, first, first_texts, first_tops_hz)
    b = _sounds(sample, second, second_texts, second_tops_hz)
    mos_a, mos_b = _mean_mos(a), _mean_mos(b)
    penalty_a, penalty_b = _mean_penalty(a), _mean_penalty(b)
    faults = _faults("first", a) + _faults("second", b)
    margin = penalty_b - penalty_a
    why = list(faults)
    if mos_a is not None and mos_b is not None:
        margin += mos_a - mos_b
        why.insert(0, f"mean opinion {mos_a:.2f} against {mos_b:.2f}")
    elif not faults:
        return abstain("quality cannot be predicted here and nothing is wrong with either sound")
    return named(margin, "; ".join(why))


def _sounds(
    sample: Sample, turns: Sequence[Cues], texts: Sequence[str | None], tops_hz: Sequence[float]
) -> list[Sound]:
    tops = tops_hz or [FULL_HZ] * len(turns)
    return [sound(sample, *turn) for turn in zip(turns, texts, tops, strict=True)]


def top_hz(speech: Waveform) -> float:
    """Where the sound ends in frequency: at a cut, or where its rate ends."""
    return min(cut_hz([speech]) or speech.rate_hz / 2.0, speech.rate_hz / 2.0)


def sound(sample: Sample, cues: Cues, own_text: str | None, top: float = FULL_HZ) -> Sound:
    """The sound of one turn, which ends at `top` Hz."""
    mos = rated(cues.quality, speech_s=cues.prosody.speech_s) if cues.quality and trusted("dnsmos", sample) else None
    penalty = 0.0
    faults: list[str] = []
    if own_text and trusted("agreement", sample):
        language = cues.transcript.language if cues.transcript else sample.language
        said = spoken_share(words(cues.transcript), own_text, language=language, speech_s=cues.prosody.speech_s)
        if said < COMPLETE_FROM:
            penalty += MISSING_WEIGHT * (COMPLETE_FROM - said)
            faults.append(f"only {said:.0%} of its own text is spoken")
    if cues.checks.get("clipping_share", 0.0) > CLIPPED_FROM:
        penalty += CLIPPED_PENALTY
        faults.append("clipped")
    if cues.checks.get("ends_abruptly", 0.0) > 0.0:
        penalty += CUT_OFF_PENALTY
        faults.append("cut off at the end")
    spread = cues.prosody.f0_sd_st
    if spread is not None and spread < FLAT_ST and _may_not_be_flat(sample) and trusted("f0", sample):
        penalty += FLAT_PENALTY
        faults.append("flat as a machine")
    if top < FULL_HZ:
        penalty += NARROW_PENALTY * math.log2(FULL_HZ / top)
        faults.append(f"nothing above {top / 1000.0:.1f} kHz")
    level = cues.prosody.intensity_dbfs
    if level is not None and level < SOFT_DBFS:
        penalty += SOFT_PENALTY
        faults.append(f"hardly audible ({level:.0f} dBFS)")
    return Sound(mos=mos, penalty=penalty, faults=tuple(faults))


def rated(quality: Quality, *, speech_s: float) -> float:
    """Predicted overall quality, less what is predicted for being short: the same voice gets less for fewer words."""
    return quality.overall - SHORT_MOS * math.log(min(max(speech_s, SHORTEST_S), FULL_S) / FULL_S)


def _may_not_be_flat(sample: Sample) -> bool:
    return not any((e.cue, e.want) == ("range", "flat") or e.cue == "style" for e in sample.expects)


def spoken_share(heard: str, own_text: str, *, language: str, speech_s: float) -> float:
    """How much of what the system says it said was heard, in its order, 0..1: letters alone, figures as words too.

    Args:
        heard: By the ears.
        own_text: What the system says it said.
        language: Of both.
        speech_s: Seconds of active speech.
    """
    written = _covered(plain(heard), plain(own_text))
    said = _covered(plain(spelled(heard, language)), plain(spelled(own_text, language)))
    lasts = len(plain(own_text)) <= FASTEST * speech_s
    return max(written, said, _different_words(heard, own_text) if lasts else 0.0)


def _different_words(heard: str, wanted: str) -> float:
    """The share of different words that were heard: ears write down once what is said over and over."""
    known = {plain(word) for word in heard.split()}
    sought = [word for word in dict.fromkeys(plain(word) for word in wanted.split()) if word]
    return sum(word in known for word in sought) / len(sought) if sought else 0.0


def _covered(heard: str, wanted: str) -> float:
    """The longest common subsequence, of the wanted text. What is heard beyond it is not missing."""
    return LCSseq.similarity(heard, wanted) / len(wanted) if wanted else 1.0


def _mean_mos(sounds: Sequence[Sound]) -> float | None:
    known = [s.mos for s in sounds if s.mos is not None]
    return sum(known) / len(known) if known else None


def _mean_penalty(sounds: Sequence[Sound]) -> float:
    return sum(s.penalty for s in sounds) / len(sounds) if sounds else 0.0


def _faults(which: str, sounds: Sequence[Sound]) -> list[str]:
    return [f"{which}: {fault}" for s in sounds for fault in s.faults]
