"""What is measured of one turn: numbers from the signal and the script, by instruments that made none of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s_arena.audio.activity import active_spans, frame_levels_dbfs
from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.audio.resampling import resample
from s2s_arena.audio.waveform import Waveform
from s2s_arena.build.labels.resonances import resonance_st
from s2s_arena.cues.asked import pause_after
from s2s_arena.cues.contour import contour
from s2s_arena.cues.prosody import describe
from s2s_arena.cues.syllables import syllables
from s2s_arena.cues.words import place
from s2s_arena.protocols import PitchTracker, Transcriber
from s2s_arena.records.cues import Prosody, Transcript
from s2s_arena.records.samples import Turn

HEARING_HZ = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One turn's voice, without background.

    Attributes:
        rate: Syllables of the script a second of speech without pauses; None for too little speech.
        letters: Letters of the script a syllable; long syllables take longer.
        pitch_st: F0 median, semitones over 100 Hz; None without voicing.
        resonance_st: Mean place of the resonances, semitones over 1 kHz; None with too little voicing.
        voiced_share: Of active speech, 0..1.
        loudness_lufs: None if nothing is audible.
        words: As heard with their times; None where nobody listened.
        prosody: All of it, with prominence by heard word.
    """

    rate: float | None
    letters: float
    pitch_st: float | None
    resonance_st: float | None
    voiced_share: float
    loudness_lufs: float | None
    words: Transcript | None
    prosody: Prosody


def measure(voice: Waveform, turn: Turn, *, pitch: PitchTracker, ears: Transcriber | None) -> Measured:
    """Measures a voice that says a turn's script.

    Args:
        voice: Without background, at any rate.
        turn: Its script counts the syllables: what ears make of fast or whispered speech does not.
        pitch: Not WORLD, which shaped the speech.
        ears: Find the words in time, for stress and pauses; None leaves these unmeasured.
    """
    spans = active_spans(voice)
    wave = resample(voice, HEARING_HZ)
    track = pitch.track(wave)
    tune = contour(track, spans, levels_dbfs=frame_levels_dbfs(voice))
    heard = ears.transcribe(wave, language=turn.language) if ears is not None and spans else None
    said = turn.respelling or turn.script
    by_script = describe(
        voice, spans=spans, tune=tune, pitch=track, transcript=Transcript(text=said, language=turn.language)
    )
    by_ear = describe(voice, spans=spans, tune=tune, pitch=track, transcript=heard) if heard else by_script
    median_hz = by_script.f0_median_hz
    return Measured(
        rate=by_script.syllables_per_s,
        letters=sum(c.isalpha() for c in said) / max(1.0, syllables(said, turn.language)),
        pitch_st=None if median_hz is None else float(12.0 * np.log2(median_hz / 100.0)),
        resonance_st=resonance_st(wave, track),
        voiced_share=by_script.voiced_share,
        loudness_lufs=loudness_lufs(voice),
        words=heard,
        prosody=by_ear,
    )


def pause(measured: Measured, phrase: str) -> float | None:
    """Silence after the phrase, seconds; None where no words were heard, or not this one."""
    heard = measured.words
    if heard is None or not heard.words:
        return None
    spot = place(phrase, [word.text for word in heard.words], heard.language)
    return None if spot is None else pause_after(heard.words, spot[1], measured.prosody.pauses)


def plain_word(words: Sequence[str], rng: np.random.Generator) -> str | None:
    """A word in the middle of a script, by lot, that neither punctuation follows nor anything before it stresses."""
    inner = [word for word in words[1:-1] if word.isalpha() and len(word) > 1]
    return inner[int(rng.integers(len(inner)))] if inner else None
