"""Each kind of expectation as a score; `shows.shows` is the door to them."""

import math
import re
from collections.abc import Sequence

import numpy as np

from s2s_arena.cues import emotions
from s2s_arena.cues.scales import Scales
from s2s_arena.cues.syllables import syllables
from s2s_arena.cues.words import likeness, place
from s2s_arena.records.cues import Span, Transcript, Word

_NOT_SAID = -1.5  # the word that was to be stressed, or paused after, is not there
_SAME_TEMPO, _TEMPO_UNIT = 0.1, 0.2  # of its logarithm; plain readings have a standard deviation of 0.2
_PAUSE_S, _PAUSE_UNIT_S = 0.2, 0.1
_SPEECHLIKE = 0.75  # likeness from which a text counts as said


def rate(scales: Scales, want: str) -> float | None:
    """slow, fast, slow_then_fast, fast_then_slow."""
    if want in ("slow_then_fast", "fast_then_slow"):
        change = tempo_change(scales.cues.transcript, scales.cues.prosody.pauses)
        if change is None:
            return None
        faster = change if want == "slow_then_fast" else -change
        return (faster - _SAME_TEMPO) / _TEMPO_UNIT
    return _signed(scales, "rate", want, low="slow", high="fast")


def pitch(scales: Scales, want: str) -> float | None:
    """low, high: for a voice of its gender."""
    return _signed(scales, "pitch", want, low="low", high="high")


def range_(scales: Scales, want: str) -> float | None:
    """flat, wide."""
    return _signed(scales, "range", want, low="flat", high="wide")


def volume(scales: Scales, want: str) -> float | None:
    """soft, loud."""
    return _signed(scales, "volume", want, low="soft", high="loud")


def emotion(scales: Scales, want: str) -> float | None:
    """By the emotion head where it knows the name (log-odds against chance), else by the emotion's profile."""
    name = emotions.canonical(want)
    known = {key: value for key, value in scales.cues.heads.items() if key.startswith("emotion:")}
    probability = known.get(f"emotion:{name}")
    if probability is not None and len(known) > 1:
        return _logit(probability) - _logit(1.0 / len(known))
    if name == "neutral":
        return neutral(scales, "yes")
    profile = emotions.PROFILES.get(name)
    if profile is None:
        return None
    scores = {measure: scales.z(measure) for measure in profile}
    usable = {measure: score for measure, score in scores.items() if score is not None}
    if len(usable) < 2:
        return None
    length = math.sqrt(sum(profile[measure] ** 2 for measure in usable))
    return sum(profile[measure] * float(np.clip(score, -3, 3)) for measure, score in usable.items()) / length


def emphasis(scales: Scales, want: str) -> float | None:
    """The word's prominence, or of a phrase its most prominent word's; not said counts against."""
    heard = scales.cues.transcript
    table = scales.cues.prosody.emphasis
    if heard is None or len(table) < 3:
        return None
    names = tuple(table)
    found = [place(word, names, heard.language) for word in _alternatives(want)]
    spots = [index for spot in found if spot is not None for index in range(spot[0], spot[1] + 1)]
    return max(table[names[index]] for index in spots) if spots else _in_pieces(scales, want)


def _in_pieces(scales: Scales, want: str) -> float:
    """A phrase whose words are not neighbours in the table (it keeps one entry a word): its best word."""
    table, heard = scales.cues.prosody.emphasis, scales.cues.transcript
    tag = heard.language if heard else "en"
    spots = [place(piece, (name,), tag) and name for piece in want.split() for name in table]
    scores = [table[name] for name in spots if isinstance(name, str)]
    return max(scores, default=_NOT_SAID)


def pause(scales: Scales, want: str) -> float | None:
    """The silence after the word: positive from 0.2 s, 1 at 0.3 s; -0.75 without one."""
    heard = scales.cues.transcript
    if heard is None or not heard.words:
        return None
    spots = [place(word, [w.text for w in heard.words], heard.language) for word in _alternatives(want)]
    lengths = [pause_after(heard.words, spot[1], scales.cues.prosody.pauses) for spot in spots if spot is not None]
    return max(_NOT_SAID / 2.0, (max(lengths) - _PAUSE_S) / _PAUSE_UNIT_S) if lengths else _NOT_SAID


def language(scales: Scales, want: str) -> float | None:
    """The language heard: by how sure the ears were; at least 0.5 either way."""
    heard = scales.cues.transcript
    if heard is None or not heard.text.strip():
        return None
    sure = max(0.5, _logit(heard.language_probability))
    same = heard.language.split("-")[0].lower() == want.split("-")[0].lower()
    return sure if same else -sure


def gender(scales: Scales, want: str) -> float | None:
    """male, female: by the head where there is one, else by F0."""
    if want not in ("male", "female"):
        return None
    head = scales.cues.heads.get("gender:female")
    odds = _logit(head) if head is not None else scales.gender_log_odds
    return None if odds is None else odds if want == "female" else -odds


def age(scales: Scales, want: str) -> float | None:
    """child, adult, elder: by the head where there is one; else a child by a pitch above women's, no elder."""
    if want not in ("child", "adult", "elder"):
        return None
    known = {key: value for key, value in scales.cues.heads.items() if key.startswith("age:")}
    if f"age:{want}" in known and len(known) > 1:
        return _logit(known[f"age:{want}"]) - _logit(1.0 / len(known))
    norm = scales.norms.norm("pitch", language=scales.language, gender="female")
    value = scales.values.get("pitch")
    if norm is None or value is None or want == "elder":
        return None
    above = norm.z(value) - 1.5
    return above if want == "child" else -above


def style(scales: Scales, want: str) -> float | None:
    """whisper, sing, shout, sound (an imitated one)."""
    checks, heard = scales.cues.checks, scales.cues.transcript
    if want == "whisper":
        voicing = scales.values.get("voicing")
        return None if voicing is None else (0.35 - voicing) / 0.1
    if want == "sing":
        return (checks["note_share"] - 0.35) / 0.1 if "note_share" in checks else None
    if want == "shout":
        parts = [scales.z(measure) for measure in ("volume", "pitch", "brightness")]
        usable = [part for part in parts if part is not None]
        return sum(usable) / math.sqrt(len(usable)) - 1.0 if usable else None
    if want == "sound":
        return None if heard is None else _wordless(heard, checks.get("worded_share", 1.0))
    return None


def contains(scales: Scales, want: str) -> float | None:
    """Any of a|b|c is said, nearly enough for what ears make of it: 2 if exactly."""
    heard = scales.cues.transcript
    if heard is None:
        return None
    best = max((likeness(text, heard.text, heard.language) for text in _alternatives(want)), default=0.0)
    return float(np.clip((best - _SPEECHLIKE) / (1.0 - _SPEECHLIKE) * 2.0, -2.0, 2.0))


def lacks(scales: Scales, want: str) -> float | None:
    """None of a|b|c is said."""
    said = contains(scales, want)
    return None if said is None else -said


def neutral(scales: Scales, want: str) -> float | None:
    """Plain delivery: 1 at the norms themselves, 0 at 1.6 of their units, which plain speech rarely passes."""
    if want not in ("yes", "no"):
        return None
    # Not volume: each system has a level of its own.
    scores = [scales.z(measure) for measure in ("rate", "pitch", "range", "dynamics", "pausing")]
    usable = [score for score in scores if score is not None]
    if len(usable) < 3:
        return None
    distance = math.sqrt(sum(min(score**2, 25.0) for score in usable) / len(usable))
    plain = 1.0 - distance / 1.6
    return plain if want == "yes" else -plain


def tempo_change(heard: Transcript | None, pauses: Sequence[Span]) -> float | None:
    """Natural logarithm of the rate in the second half of the syllables over that in the first.

    Returns:
        None for fewer than eight words.
    """
    if heard is None or len(heard.words) < 8:
        return None
    counts = np.array([syllables(word.text, heard.language) for word in heard.words])
    half = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2.0)) + 1
    if not 0 < half < len(heard.words):
        return None
    first, second = heard.words[:half], heard.words[half:]
    lengths = [_spoken_s(part, pauses) for part in (first, second)]
    if min(lengths) < 0.3:
        return None
    return float(np.log(counts[half:].sum() / lengths[1]) - np.log(counts[:half].sum() / lengths[0]))


def pause_after(words: Sequence[Word], index: int, pauses: Sequence[Span]) -> float:
    """Longest silence between the middle of the word and the middle of the next, seconds; 0 if there is none.

    Middles, for transcribers draw out a word's end into the silence that follows.
    """
    start_s = 0.5 * (words[index].start_s + words[index].end_s)
    last = index + 1 == len(words)
    end_s = math.inf if last else 0.5 * (words[index + 1].start_s + words[index + 1].end_s)
    inside = [span for span in pauses if start_s - 0.1 <= 0.5 * (span.start_s + span.end_s) <= end_s + 0.1]
    return max((span.end_s - span.start_s for span in inside), default=0.0)


def _spoken_s(words: Sequence[Word], pauses: Sequence[Span]) -> float:
    start_s, end_s = words[0].start_s, words[-1].end_s
    silent = sum(max(0.0, min(end_s, span.end_s) - max(start_s, span.start_s)) for span in pauses)
    return end_s - start_s - silent


def _wordless(heard: Transcript, worded_share: float) -> float:
    """Signs that ears found no words: doubt, silence between the words they found, or one sound repeated."""
    words = re.findall(r"\w+", heard.text.lower())
    repeated = 1.0 - len(set(words)) / len(words) if words else 1.0
    doubt = -heard.log_probability - 0.6
    return 2.0 * (doubt + (0.5 - worded_share) + (heard.no_speech_probability - 0.5) + repeated)


def _signed(scales: Scales, measure: str, want: str, *, low: str, high: str) -> float | None:
    score = scales.z(measure)
    if score is None or want not in (low, high):
        return None
    return score if want == high else -score


def _alternatives(want: str) -> list[str]:
    return [part.strip() for part in want.split("|") if part.strip()]


def _logit(probability: float) -> float:
    held = min(0.99, max(0.01, probability))
    return math.log(held / (1.0 - held))
