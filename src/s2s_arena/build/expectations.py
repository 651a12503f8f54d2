"""Expectations as contributors write them: one line of text each, `cue want`, checked against the known cues."""

from s2s_arena.build.languages import known
from s2s_arena.records.samples import Expectation

EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "surprised", "excited", "calm", "disgusted", "sarcastic")

CHOICES: dict[str, tuple[str, ...]] = {
    "rate": ("slow", "fast", "slow_then_fast", "fast_then_slow"),
    "pitch": ("low", "high"),
    "range": ("flat", "wide"),
    "volume": ("soft", "loud"),
    "emotion": EMOTIONS,
    "gender": ("male", "female"),
    "age": ("child", "adult", "elder"),
    "style": ("whisper", "sing", "sound"),
    "neutral": ("yes",),
}
"""Cues with a closed list of wants; see `Expectation`."""

OPEN = ("emphasis", "pause", "language", "contains", "lacks")
"""Cues whose want is a word, a tag or a text."""

DELIVERY = frozenset({"rate", "pitch", "range", "volume", "emotion", "emphasis", "pause", "gender", "age", "style"})
"""Cues that are heard in the delivery and not in the words."""


def expectation(line: str) -> Expectation:
    """The expectation that a line such as `rate slow` or `contains twenty|20` describes.

    Raises:
        ValueError: An unknown cue, or a want that the cue does not have; the message says what is possible.
    """
    cue, _, want = line.strip().partition(" ")
    want = want.strip()
    if cue not in CHOICES and cue not in OPEN:
        raise ValueError(f"unknown cue {cue!r}; use one of: {', '.join([*CHOICES, *OPEN])}")
    if not want:
        raise ValueError(f"cue {cue!r} says nothing; write '{cue} {CHOICES.get(cue, ('TEXT',))[0]}'")
    if cue in CHOICES and want not in CHOICES[cue]:
        raise ValueError(f"{cue} {want!r}; use one of: {', '.join(CHOICES[cue])}")
    if cue == "language" and not known(want):
        raise ValueError(f"language {want!r} is not a known BCP 47 tag; use e.g. en, zh or ja")
    if cue in ("contains", "lacks") and not all(option.strip() for option in want.split("|")):
        raise ValueError(f"{cue} {want!r} has an empty alternative; remove the extra '|'")
    return Expectation(cue=cue, want=want)
