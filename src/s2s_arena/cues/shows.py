"""How strongly measured speech shows what was asked for: one number for one expectation."""

from collections.abc import Callable, Mapping

from s2s_arena.cues import asked
from s2s_arena.cues.norms import Norms, shipped
from s2s_arena.cues.scales import Scales
from s2s_arena.records.cues import Cues
from s2s_arena.records.samples import Expectation

MOST = 4.0  # beyond this a score only says "very"

_CUES: Mapping[str, Callable[[Scales, str], float | None]] = {
    "rate": asked.rate,
    "pitch": asked.pitch,
    "range": asked.range_,
    "volume": asked.volume,
    "emotion": asked.emotion,
    "emphasis": asked.emphasis,
    "pause": asked.pause,
    "language": asked.language,
    "gender": asked.gender,
    "age": asked.age,
    "style": asked.style,
    "contains": asked.contains,
    "lacks": asked.lacks,
    "neutral": asked.neutral,
}


def shows(cues: Cues, expectation: Expectation, *, norms: Norms | None = None) -> float | None:
    """How strongly the speech shows the expectation.

    Args:
        cues: What was heard.
        expectation: One cue and what is wanted of it; all that `Expectation` lists, and style "shout".
        norms: What plain speech measures; the package's own by default, or those of one voice
            (`norms.measured`).

    Returns:
        Positive if it is shown, negative for the opposite, 0 like plain speech; in standard deviations of plain
        speech where the cue is one of delivery, on a like scale elsewhere; within -4..4. None if it cannot be
        measured: nothing was said, no instrument for it, or an unknown cue or want.
    """
    score = _CUES.get(expectation.cue)
    if score is None or cues.prosody.speech_s <= 0:
        return None
    value = score(Scales(cues, norms or shipped()), expectation.want.strip())
    return None if value is None else max(-MOST, min(MOST, value))
