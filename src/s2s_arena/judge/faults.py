"""Blatant faults: an answer that is empty, silent, an echo of the question or in the wrong language."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.records.cues import Cues, Transcript
from s2s_arena.records.samples import Sample

RATE_HZ = 16_000
FRAMES_PER_S = 50
EDGES_HZ = (60.0, 250.0, 500.0, 1000.0, 2000.0, 3000.0, 4000.0)
SHIFT_S = 1.0
COMMON = 0.7  # share of the longer clip that must overlap
ECHO_CORRELATION = 0.9
ECHO_LENGTHS = (0.8, 1.25)
ECHO_WORDS = 0.9  # likeness of texts from which a reply only repeats the question
ECHO_CHARACTERS = 12  # shorter questions ("Hello!") may be answered in kind
ECHO_ENDS = 0.6  # likeness of as many first, and of as many last letters: who reads out what was asked leaves out one
SPEECH_S = 0.15
LANGUAGE_SURE = 0.94  # accents and short replies are taken for another language by up to .93, other languages from .95
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
    if not words_only and question is not None and (alike := likeness(question, speech)) >= ECHO_CORRELATION:
        return Finding(fault=Fault.ECHO, how=f"the question's own sound comes back (likeness {alike:.2f})")
    if (same := repeats(sample.turns[turn].script, text)) is not None:
        return Finding(fault=Fault.ECHO, how=f"the words only repeat the question ({same:.0%} alike)")
    if cues.transcript is not None and not wordless:
        return _language(sample, turn, cues.transcript, cues.prosody.speech_s)
    return None


def repeats(question: str, reply: str) -> float | None:
    """How much alike they are, 0..1, where the reply only repeats the question; None where it does not."""
    asked, said = plain(question), plain(reply)
    if len(asked) < ECHO_CHARACTERS:
        return None
    same = float(Indel.normalized_similarity(asked, said))
    # "Please read this: ..." with a long text is nearly the same as the text, which is what was asked for.
    ends = ((asked[:ECHO_CHARACTERS], said[:ECHO_CHARACTERS]), (asked[-ECHO_CHARACTERS:], said[-ECHO_CHARACTERS:]))
    whole = all(Indel.normalized_similarity(one, other) >= ECHO_ENDS for one, other in ends)
    return same if same >= ECHO_WORDS and whole else None


def words(transcript: Transcript | None) -> str:
    """The words that were understood; empty where there are none."""
    return transcript.text.strip() if transcript else ""


def plain(text: str) -> str:
    """Letters and digits only, in lower case."""
    return re.sub(r"[\W_]+", "", text.casefold())


def likeness(a: Waveform, b: Waveform) -> float:
    """Greatest correlation of two clips' loudness over time and frequency within a second's shift, -1..1.

    Gain, rate and leading silence up to a second do not matter; unlike lengths give 0. The same recording is near
    1, other words in the same voice stay well below.
    """
    if not a.frames or not b.frames:
        return 0.0
    if not ECHO_LENGTHS[0] <= b.duration_s / a.duration_s <= ECHO_LENGTHS[1]:
        return 0.0
    first, second = _bands(a), _bands(b)
    best = 0.0
    reach = round(SHIFT_S * FRAMES_PER_S)
    for shift in range(-reach, reach + 1):
        x = first[max(0, shift) :]
        y = second[max(0, -shift) :]
        n = min(len(x), len(y))
        if n >= COMMON * max(len(first), len(second)):
            best = max(best, _correlation(x[:n], y[:n]))
    return best


def _bands(wave: Waveform) -> NDArray[np.float64]:
    """RMS of 20 ms frames in six bands up to 4 kHz, shape (frames, 6)."""
    samples = resample(wave, RATE_HZ).samples.astype(np.float64)
    size = RATE_HZ // FRAMES_PER_S
    frames = max(1, len(samples) // size)
    cut = np.zeros(frames * size)
    cut[: min(len(samples), len(cut))] = samples[: len(cut)]
    power = np.abs(np.fft.rfft(cut.reshape(frames, size), axis=1)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(size, 1.0 / RATE_HZ), EDGES_HZ)
    return np.sqrt(np.add.reduceat(power, edges, axis=1)[:, :-1])


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    scale = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum()) / scale if scale > 0.0 else 0.0


def _wordless(sample: Sample) -> bool:
    return any(e.cue == "style" and e.want in WORDLESS_STYLES for e in sample.expects)


def _language(sample: Sample, turn: int, transcript: Transcript, speech_s: float) -> Finding | None:
    """Speech that is surely in a language that was not wanted."""
    allowed = wanted_languages(sample, turn)
    spoken = primary(transcript.language)
    # Ears guess at short or unclear speech, and an innocent answer must not lose by their guess.
    sure = sure_of_language(transcript) and speech_s >= LANGUAGE_SPEECH_S
    if not allowed or spoken in allowed or not sure:
        return None
    return Finding(fault=Fault.LANGUAGE, how=f"{spoken} spoken, {' or '.join(allowed)} wanted")


def sure_of_language(transcript: Transcript) -> bool:
    """Whether ears know what language they hear."""
    return transcript.language_probability >= LANGUAGE_SURE


def wanted_languages(sample: Sample, turn: int) -> tuple[str, ...]:
    """Primary tags of what a turn may be answered in, the likeliest first; none where that is open."""
    asked = [e.want for e in sample.expects if e.cue == "language"]
    if not asked:
        if sample.seed_task in TRANSLATING_TASKS or sample.task in TRANSLATING_TASKS:
            return ()
        asked = [sample.turns[turn].language, sample.language]
    return tuple(dict.fromkeys(primary(tag) for tag in asked))


def primary(tag: str) -> str:
    """The language of a tag, all of Chinese as one."""
    first = tag.split("-")[0].lower()
    return "zh" if first in ("yue", "cmn") else first
