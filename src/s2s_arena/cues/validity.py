"""Where each instrument can be believed: one table of tasks and levels by instrument."""

from collections.abc import Mapping
from dataclasses import dataclass

from s2s_arena.records.taxonomy import Level

INSTRUMENTS: Mapping[str, str] = {
    "asr": "words by the transcriber: what is said, completeness, contains and lacks",
    "agreement": "speech against the system's own text",
    "language": "language as the transcriber tells it",
    "rate": "speaking rate and pauses",
    "f0": "pitch level, range and contour",
    "emphasis": "prominence by word",
    "intensity": "level of active speech",
    "emotion": "emotion heads",
    "expressiveness": "expressiveness heads",
    "dnsmos": "predicted sound quality",
}
"""Instrument -> what it measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A case in which some instruments must not be used."""

    instruments: frozenset[str]
    why: str
    tasks: frozenset[str] = frozenset()  # empty: all tasks
    levels: frozenset[Level] = frozenset()  # empty: all levels, and a level that is not known

    def applies(self, *, level: Level | str | None, task: str | None) -> bool:
        """Whether it does; of a task whose level is not known, the worst is taken."""
        if self.tasks and task not in self.tasks:
            return False
        return not self.levels or level in self.levels or (level is None and bool(self.tasks))


_SUNG = frozenset({"singing"})
_IMITATED = frozenset({"natural_sound_simulation"})
_WHISPERED = frozenset({"whispering", "whisper"})
_EXPRESSES = frozenset({Level.L3, Level.L4})  # where only the user sings or imitates, the answer is plain speech

LIMITS: tuple[Limit, ...] = (
    Limit(
        tasks=_SUNG,
        levels=_EXPRESSES,
        instruments=frozenset({"asr", "agreement", "dnsmos", "rate", "emphasis"}),
        why="held vowels are misheard by Whisper, and DNSMOS was trained on speech; sung durations and pitch follow "
        "the tune, so rate and stress say nothing of the words",
    ),
    Limit(
        tasks=_IMITATED,
        levels=_EXPRESSES,
        instruments=frozenset({"asr", "agreement", "language", "dnsmos", "rate", "emphasis", "emotion"}),
        why="an imitated sound is not words: Whisper invents some or hears none, and DNSMOS takes it for noise",
    ),
    Limit(
        tasks=_WHISPERED,
        levels=_EXPRESSES,
        instruments=frozenset({"asr", "agreement", "dnsmos", "f0", "emphasis", "emotion", "expressiveness"}),
        why="whispering has no F0, DNSMOS takes breath for noise, and the ears and heads know voiced speech only",
    ),
    Limit(
        tasks=frozenset({"tongue_twisters"}),
        instruments=frozenset({"agreement"}),
        why="Whisper's language model corrects twisters, or trips over right ones",
    ),
    Limit(
        tasks=frozenset({"polyphonic_words", "pronunciation_correction"}),
        instruments=frozenset({"agreement"}),
        why="words are quoted, spelled and mispronounced on purpose; a transcript is no evidence of how they sounded",
    ),
    Limit(
        levels=frozenset({Level.L1, Level.L2}),
        instruments=frozenset({"expressiveness", "emotion", "emphasis"}),
        why="the answer should stay neutral there: more expression is no better",
    ),
)


def valid(instrument: str, *, level: Level | str | None, task: str | None) -> bool:
    """Whether the instrument may be used on answers to a task at a level; either may be unknown.

    Unknown levels and tasks that the table does not name limit nothing.

    Raises:
        KeyError: No such instrument.
    """
    return reason(instrument, level=level, task=task) is None


def reason(instrument: str, *, level: Level | str | None, task: str | None) -> str | None:
    """Why the instrument must not be used there; None if it may. Errors as for `valid`."""
    if instrument not in INSTRUMENTS:
        raise KeyError(f"instrument {instrument}: unknown; one of {', '.join(INSTRUMENTS)}")
    known = (limit for limit in LIMITS if limit.applies(level=level, task=task))
    return next((limit.why for limit in known if instrument in limit.instruments), None)
