"""Blatant faults: an answer that is empty, silent, an echo of the question or in the wrong language."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Cues, Transcript
from s2s_arena.records.samples import Sample

FRAMES_PER_S = 50
SHIFT_S = 1.0
ECHO_CORRELATION = 0.9
ECHO_LENGTHS = (0.8, 1.25)
ECHO_WORDS = 0.9  # likeness of texts from which a reply only repeats the question
ECHO_CHARACTERS = 12  # shorter questions ("Hello!") may be answered in kind
SPEECH_S = 0.15
LANGUAGE_SURE = 0.7
LANGUAGE_SPEECH_S = 1.0
TRANSLATING_TASKS = frozenset({"cross_lingual_emotional_translation"})
WORDLESS_STYLES = frozenset({"sing", "sound"})


class Fault(StrEnum):
    """Why an answer loses whatever else it does."""

    EMPTY = "empty"
    SILENT = "silent"
    ECHO = "echo"
    LANGUAGE = "wrong language"


SEVERITY: dict[Fault, int] = {Fault.EMPTY: 4, Fault.SILENT: 3, Fault.ECHO: 2, Fault.LANGUAGE: 1}
"""The worse of two faulty answers loses: nothing at all, then silence, then the question, then another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault and how it shows."""

    fault: Fault
    how: str


def find(
    *,
    sample: Sample,
    turn: int,
    question: Waveform | None,
    speech: Waveform | None,
    cues: Cues | None,
    words_only: bool,
) -> Finding | None:
    """The worst blatant fault of one turn of an answer, or None.

    Args:
        sample: What was asked.
        turn: Which turn this answers.
        question: The user's speech, if there is any.
        speech: The answer, if there is any.
        cues: What was heard in it; needed where there is speech.
        words_only: Compare words only, not waveforms or measured speech.
    """
    if speech is None or cues is None or speech.frames == 0:
        return Finding(fault=Fault.EMPTY, how="no speech came back")
    text = words(cues.transcript)
    wordless = _wordless(sample)
    if (words_only and not text) or (not words_only and cues.prosody.speech_s < SPEECH_S):
        return Finding(fault=Fault.SILENT, how=f"{cues.prosody.speech_s:.1f} s of speech")
    if not words_only and question is not None and (alike := envelope_likeness(question, speech)) >= ECHO_CORRELATION:
        return Finding(fault=Fault.ECHO, how=f"the question's own sound comes back (envelope correlation {alike:.2f})")
    script = plain(sample.turns[turn].script)
    if len(script) >= ECHO_CHARACTERS and (same := Indel.normalized_similarity(script, plain(text))) >= ECHO_WORDS:
        return Finding(fault=Fault.ECHO, how=f"the words only repeat the question ({same:.0%} alike)")
    if cues.transcript is not None and not wordless:
        return _language(sample, turn, cues.transcript, cues.prosody.speech_s)
    return None


def words(transcript: Transcript | None) -> str:
    """The words that were understood; empty where there are none."""
    return transcript.text.strip() if transcript else ""


def plain(text: str) -> str:
    """Letters and digits only, in lower case."""
    return re.sub(r"[\W_]+", "", text.casefold())


def envelope_likeness(a: Waveform, b: Waveform) -> float:
    """Greatest correlation of two loudness envelopes within a second's shift, -1..1; 0 for unlike lengths.

    Gain, rate and leading silence up to a second do not matter. Two utterances of other words stay below
    about .7; the same recording is near 1.
    """
    if not a.frames or not b.frames:
        return 0.0
    if not ECHO_LENGTHS[0] <= b.duration_s / a.duration_s <= ECHO_LENGTHS[1]:
        return 0.0
    first, second = _envelope(a), _envelope(b)
    best = 0.0
    reach = int(SHIFT_S * FRAMES_PER_S)
    for shift in range(-reach, reach + 1):
        x = first[max(0, shift) :]
        y = second[max(0, -shift) :]
        n = min(len(x), len(y))
        if n < 0.7 * max(len(first), len(second)):
            continue
        best = max(best, _correlation(x[:n], y[:n]))
    return best


def _envelope(wave: Waveform) -> NDArray[np.float64]:
    """RMS of 20 ms frames, shape (frames,)."""
    frame = max(1, wave.rate_hz // FRAMES_PER_S)
    count = max(1, wave.frames // frame)
    padded = np.zeros(count * frame)
    kept = wave.samples[: count * frame].astype(np.float64)
    padded[: len(kept)] = kept
    return np.asarray(np.sqrt(np.mean(padded.reshape(count, frame) ** 2, axis=1)), dtype=np.float64)


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    x, y = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0.0 else 0.0


def _wordless(sample: Sample) -> bool:
    return any(e.cue == "style" and e.want in WORDLESS_STYLES for e in sample.expects)


def _language(sample: Sample, turn: int, transcript: Transcript, speech_s: float) -> Finding | None:
    """Speech that is surely in a language that was not wanted."""
    wanted = [e.want for e in sample.expects if e.cue == "language"]
    if not wanted:
        if sample.seed_task in TRANSLATING_TASKS or sample.task in TRANSLATING_TASKS:
            return None
        wanted = [sample.language, sample.turns[turn].language]
    primary = {_primary(tag) for tag in wanted}
    spoken = _primary(transcript.language)
    # Ears guess at short or unclear speech, and an innocent answer must not lose by their guess.
    sure = transcript.language_probability >= LANGUAGE_SURE and speech_s >= LANGUAGE_SPEECH_S
    if spoken in primary or not sure:
        return None
    return Finding(fault=Fault.LANGUAGE, how=f"{spoken} spoken, {' or '.join(sorted(primary))} wanted")


def _primary(tag: str) -> str:
    primary = tag.split("-")[0].lower()
    return "zh" if primary in ("yue", "cmn") else primary
