"""Which words stand out: pitch, loudness and length of each word against the rest of its utterance."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from s2s_arena.audio.activity import HOP_S
from s2s_arena.cues.contour import Contour
from s2s_arena.cues.syllables import syllables
from s2s_arena.records.cues import Word

WEIGHTS = {"peak": 0.3, "mean": 0.15, "level": 0.3, "length": 0.25}
"""Weights of the four z scores: F0 maximum, F0 mean, level, duration per syllable."""
_SLACK_S = 0.03  # word times of a transcriber are this vague
_LEAST_WORDS = 3


def prominence(
    words: Sequence[Word], *, contour: Contour, levels_dbfs: NDArray[np.float64], language: str
) -> tuple[float, ...]:
    """How much each word stands out, in standard deviations of its utterance; 0 is an average word.

    F0 and level are taken relative to their linear trend over the utterance, because both sink towards its end
    without any word being meant less. The last word's length counts half: every speaker lengthens it.

    Args:
        words: In order.
        contour: F0 of the whole utterance.
        levels_dbfs: From `audio.activity.frame_levels_dbfs`, shape (hops,).
        language: BCP 47, for syllables.

    Returns:
        One value a word; nothing if there are fewer than three words, for then nothing can stand out.
    """
    if len(words) < _LEAST_WORDS:
        return ()
    middle = np.array([(word.start_s + word.end_s) / 2.0 for word in words])
    pitches = [contour.within(word.start_s - _SLACK_S, word.end_s + _SLACK_S) for word in words]
    measures = {
        "peak": _without_trend(middle, np.array([np.percentile(p, 95) if p.size > 1 else np.nan for p in pitches])),
        "mean": _without_trend(middle, np.array([p.mean() if p.size > 1 else np.nan for p in pitches])),
        "level": _without_trend(middle, np.array([_level(levels_dbfs, word) for word in words])),
        "length": np.array([_log_length(word, language) for word in words]),
    }
    scores = {name: _z(values) for name, values in measures.items()}
    scores["length"][-1] *= 0.5
    total = sum((WEIGHTS[name] * score for name, score in scores.items()), np.zeros(len(words)))
    return tuple(float(value) for value in _z(total))


def by_word(words: Sequence[Word], values: Sequence[float]) -> Mapping[str, float]:
    """Prominence by word, lower case without punctuation at its edges; of a repeated word the most prominent."""
    table: dict[str, float] = {}
    for word, value in zip(words, values, strict=False):
        name = word.text.strip().strip(".,;:!?\"'。，、；：！？“”‘’…-—()").lower()
        if name:
            table[name] = max(value, table.get(name, value))
    return table


def _level(levels_dbfs: NDArray[np.float64], word: Word) -> float:
    part = levels_dbfs[max(0, int(word.start_s / HOP_S)) : int(word.end_s / HOP_S) + 1]
    # The loudest part is the vowel; the mean would mostly count consonants and closures.
    return float(np.percentile(part, 85)) if part.size else np.nan


def _log_length(word: Word, language: str) -> float:
    return float(np.log(max(0.03, word.end_s - word.start_s) / max(1.0, syllables(word.text, language))))


def _without_trend(times: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    if known.sum() < 4:
        return values
    centred = times - times[known].mean()
    # Median of pairwise slopes (Theil-Sen): one stressed word must not tilt the line it is measured from.
    spots, heights = centred[known], values[known]
    first, second = np.triu_indices(spots.size, 1)
    gaps = spots[second] - spots[first]
    slope = float(np.median((heights[second] - heights[first])[gaps > 0] / gaps[gaps > 0])) if (gaps > 0).any() else 0.0
    detrended: NDArray[np.float64] = values - slope * centred
    return detrended


def _z(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard scores; 0 where the value is unknown or all are equal."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return np.zeros(values.shape)
    spread = float(values[known].std())
    if spread < 1e-9:
        return np.zeros(values.shape)
    return np.where(known, (values - values[known].mean()) / spread, 0.0)
