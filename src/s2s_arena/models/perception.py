"""What an expressive cascade hears beyond words: pace, pitch, loudness, noise, and a guess at speaker and mood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.audio.activity import active_mean_square, active_spans
from s2s_arena.audio.checks import check
from s2s_arena.audio.levels import dbfs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.models.phonemes import is_eastern
from s2s_arena.protocols import PitchTracker
from s2s_arena.records.cues import Transcript

_SURE = 0.55  # a head's probability from which its guess is passed on
_CHILD_HZ = 300.0  # children of five to eight speak at 250 to 300 Hz, lively women too: to call one a child is worse
_TYPICAL_HZ: Mapping[str, float] = {"male": 110.0, "female": 200.0, "child": 280.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Perception:
    """How a user spoke. None where it cannot be told."""

    pace: str | None = None  # slow | normal | fast
    pitch: str | None = None  # low | normal | high, for such a speaker
    range: str | None = None  # flat | normal | lively
    loudness: str | None = None  # quiet | normal | loud
    emotion: str | None = None
    gender: str | None = None
    age: str | None = None
    whispered: bool = False
    noisy: bool = False
    values: Mapping[str, float] = field(default_factory=dict)


def perceive(
    speech: Waveform, transcript: Transcript, pitch: PitchTracker, *, heads: Mapping[str, float] | None = None
) -> Perception:
    """What can be told from one utterance.

    Args:
        speech: What the user said.
        transcript: Its words with times.
        pitch: Measures F0.
        heads: Probabilities such as emotion:sad or gender:female from trained heads, used where they are sure.
    """
    spans = active_spans(speech)
    active_s = sum(span.end_s - span.start_s for span in spans)
    if active_s < 0.2:
        return Perception()
    track = pitch.track(speech)
    f0 = track.f0_hz[track.voiced]
    values: dict[str, float] = {"syllables_per_s": _syllables(transcript.text) / active_s}
    power = active_mean_square(speech, spans)
    values["level_dbfs"] = dbfs(float(np.sqrt(power))) if power else -120.0
    voiced_share = float(track.voiced.mean()) if track.voiced.size else 0.0
    values["voiced_share"] = voiced_share
    heads = heads or {}
    gender = _guess(heads, "gender")
    age = _guess(heads, "age")
    level = spread = None
    if f0.size >= 20:
        median = float(np.median(f0))
        if age is None:
            age = "child" if median > _CHILD_HZ else None
        if gender is None and age != "child":
            gender = "male" if median < 150.0 else "female" if median > 170.0 else None
        typical = _TYPICAL_HZ["child" if age == "child" else gender or "female"]
        values["pitch_st"] = level = 12.0 * float(np.log2(median / typical))
        semitones = 12.0 * np.log2(f0 / median)
        values["range_st"] = spread = float(np.percentile(semitones, 90) - np.percentile(semitones, 10))
    whispered = f0.size < 20 and voiced_share < 0.08 and bool(transcript.words)
    rate, loud = values["syllables_per_s"], values["level_dbfs"]
    return Perception(
        pace="slow" if rate < 2.9 else "fast" if rate > 6.2 else "normal",
        pitch=None if level is None else "low" if level < -3.0 else "high" if level > 3.0 else "normal",
        range=None if spread is None else "flat" if spread < 2.2 else "lively" if spread > 9.0 else "normal",
        loudness="quiet" if loud < -33.0 else "loud" if loud > -15.0 else "normal",
        emotion=_guess(heads, "emotion") or _mood(rate, loud, level, spread),
        gender=gender,
        age=age,
        whispered=whispered,
        noisy=(snr := check(speech).snr_db) is not None and snr < 12.0,
        values=values,
    )


def _mood(rate: float, loud: float, level: float | None, spread: float | None) -> str | None:
    """A cautious guess: several signs have to agree.

    Praise that is meant does not take its time: a melody as wide as joy's over slow words is a sarcastic one.
    """
    if level is None or spread is None:
        return None
    if (rate < 3.9) + (loud < -25.0) + (level < -1.2) + (spread < 5.5) >= 3:
        return "sad"
    if spread > 10.5:
        if rate < 4.5:
            return "sarcastic"
        return "angry" if loud > -22.0 and level < -0.5 else "excited"
    up = (rate > 4.9) + (loud > -24.0) + (level > 1.5) + (spread > 7.5)
    return "excited" if up == 4 else None


def _guess(heads: Mapping[str, float], group: str) -> str | None:
    found = {name.partition(":")[2]: value for name, value in heads.items() if name.startswith(f"{group}:")}
    if not found:
        return None
    best = max(found, key=lambda name: found[name])
    return best if found[best] >= _SURE else None


def _syllables(text: str) -> float:
    eastern = sum(is_eastern(character) for character in text)
    latin = sum(1 for word in text.split() for group in _vowel_groups(word) if group)
    return float(eastern + latin)


def _vowel_groups(word: str) -> list[str]:
    plain = "".join(c if c in "aeiouy" else " " for c in word.lower() if c.isascii())
    groups = plain.split()
    # A final e is mostly silent: "make" has one syllable.
    return groups[:-1] if len(groups) > 1 and word.lower().rstrip(".,!?;:").endswith("e") else groups
