"""How it was said: time, pitch, loudness and stress of one utterance, from its signal, F0 and transcript."""

from itertools import pairwise

import numpy as np

from s2s_arena.audio.activity import FRAME_S, active_mean_square, active_spans, frame_levels_dbfs
from s2s_arena.audio.activity import HOP_S as LEVEL_HOP_S
from s2s_arena.audio.levels import dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.cues.contour import Contour, contour
from s2s_arena.cues.emphasis import by_word, prominence
from s2s_arena.cues.syllables import syllables
from s2s_arena.protocols import PitchTrack
from s2s_arena.records.cues import Prosody, Span, Transcript

SHORTEST_RATE_S = 0.3  # no rate is given for less active speech
_SOUND_S = 0.03
_ROUNDS = 4  # the length of a syllable and what is a pause depend on each other


def measure(speech: Waveform, *, pitch: PitchTrack, transcript: Transcript | None) -> Prosody:
    """All that `Prosody` holds, for any waveform: silent and empty ones have durations and nothing else.

    Args:
        speech: The utterance.
        pitch: Its F0, from an instrument that did not produce it.
        transcript: Its words; without them there is no rate and no emphasis.
    """
    spans = active_spans(speech)
    return describe(
        speech,
        spans=spans,
        tune=contour(pitch, spans, levels_dbfs=frame_levels_dbfs(speech)),
        pitch=pitch,
        transcript=transcript,
    )


def describe(
    speech: Waveform, *, spans: tuple[Span, ...], tune: Contour, pitch: PitchTrack, transcript: Transcript | None
) -> Prosody:
    """`measure` for spans and contour that are known already."""
    power = active_mean_square(speech, spans)
    levels = frame_levels_dbfs(speech)
    return Prosody(
        duration_s=speech.duration_s,
        speech_s=sum(span.end_s - span.start_s for span in spans),
        lead_s=spans[0].start_s if spans else speech.duration_s,
        tail_s=max(0.0, speech.duration_s - spans[-1].end_s) if spans else speech.duration_s,
        pauses=pauses_between(spans),
        syllables_per_s=None if transcript is None else _rate(transcript, speech),
        f0_median_hz=tune.median_hz,
        f0_range_st=tune.range_st,
        f0_sd_st=tune.sd_st,
        f0_final_slope_st_s=tune.final_slope_st_s,
        intensity_dbfs=None if power is None else dbfs(float(np.sqrt(power))),
        intensity_sd_db=_level_sd(levels, spans),
        voiced_share=_voiced_share(pitch, spans),
        emphasis=_emphasis(transcript, tune, levels),
    )


def pauses_between(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The silences between spans of active speech.

    Half a frame longer at both ends: a frame that only touches a sound is active, so spans reach into silence.
    """
    edge = FRAME_S / 2.0
    return tuple(Span(start_s=a.end_s - edge, end_s=b.start_s + edge) for a, b in pairwise(spans))


def _rate(transcript: Transcript, speech: Waveform) -> float | None:
    """Syllables per second of speech without its pauses.

    A pause here is a gap longer than a syllable of this speaker; a fixed length would make slow speech pause at
    its stop closures, and its rate would not fall in proportion. Gaps about that long count in part.
    """
    count = syllables(transcript.text, transcript.language)
    spans = active_spans(speech, bridge_s=0.0, shortest_s=_SOUND_S)
    if not spans or count <= 0:
        return None
    extent_s = spans[-1].end_s - spans[0].start_s - FRAME_S
    gaps = np.array([gap.end_s - gap.start_s for gap in pauses_between(spans)])
    spoken_s = extent_s
    for _ in range(_ROUNDS):
        doubt = np.clip((gaps / (spoken_s / count) - 0.7) / 0.5, 0.0, 1.0)
        spoken_s = extent_s - float((gaps * doubt).sum())
    return count / spoken_s if spoken_s >= SHORTEST_RATE_S else None


def _voiced_share(pitch: PitchTrack, spans: tuple[Span, ...]) -> float:
    inside = np.zeros(pitch.times_s.shape, dtype=np.bool_)
    for span in spans:
        inside |= (pitch.times_s >= span.start_s) & (pitch.times_s <= span.end_s)
    return float(pitch.voiced[inside].mean()) if inside.any() else 0.0


def _level_sd(levels: np.ndarray[tuple[int], np.dtype[np.float64]], spans: tuple[Span, ...]) -> float | None:
    parts = [levels[round(span.start_s / LEVEL_HOP_S) : round(span.end_s / LEVEL_HOP_S)] for span in spans]
    active = np.concatenate(parts) if parts else np.zeros(0)
    if active.size < 2:
        return None
    # Stop closures inside a span are silence, not soft speech.
    loud = active[active > active.max() - 30.0]
    return float(loud.std())


def _emphasis(
    transcript: Transcript | None, tune: Contour, levels: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> dict[str, float]:
    if transcript is None:
        return {}
    values = prominence(transcript.words, contour=tune, levels_dbfs=levels, language=transcript.language)
    return dict(by_word(transcript.words, values))
