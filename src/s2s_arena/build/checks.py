"""What makes a scripted turn impossible to speak as directed, found before any voice is loaded."""

import unicodedata
from collections.abc import Iterator

from s2s_arena.build.expectations import EMOTIONS
from s2s_arena.build.languages import spaced
from s2s_arena.build.scenes import SCENES
from s2s_arena.records.samples import Turn
from s2s_arena.records.speech import Delivery

LONGEST_WORDS = 60
LONGEST_CHARACTERS = 120
STYLES = ("whisper", "sing", "shout")
GENDERS = ("male", "female")
AGES = ("child", "adult", "elder")
_RANGES = {
    "rate": (0.5, 2.0),
    "pitch_st": (-12.0, 12.0),
    "pitch_range": (0.0, 3.0),
    "volume_db": (-30.0, 20.0),
    "strength": (0.0, 1.5),
}


def fault(turn: Turn) -> str | None:
    """What is wrong with the turn, as `key value; remedy`; None if it can be spoken.

    Found are: text without a letter or too long for one turn, a delivery out of its range, an emphasised or paused
    word that the script does not have, an unknown emotion, style, gender, age or scene, an SNR outside -20..60 dB.
    """
    return next(_faults(turn), None)


def words(text: str) -> list[str]:
    """Words of a text in lower case without punctuation; apostrophes inside a word stay."""
    kept = "".join(c if c.isalnum() or c in "'’" or unicodedata.category(c).startswith("M") else " " for c in text)
    return [word.strip("'’").replace("’", "'") for word in kept.lower().split() if word.strip("'’")]


def has_word(text: str, word: str, *, language: str) -> bool:
    """Whether the word stands in the text: whole words where words are spaced, else any run of characters."""
    if spaced(language):
        wanted, given = words(word), words(text)
        return any(given[i : i + len(wanted)] == wanted for i in range(len(given))) if wanted else False
    return word.strip() != "" and word in text


def _faults(turn: Turn) -> Iterator[str]:
    for key, text in (("script", turn.script), ("say", turn.respelling)):
        if text is None:
            continue
        if not any(c.isalpha() or c.isdigit() for c in text):
            yield f"{key} {text!r} has nothing to speak; write words"
        count, most = (
            (len(words(text)), LONGEST_WORDS) if spaced(turn.language) else (len(text.strip()), LONGEST_CHARACTERS)
        )
        if count > most:
            unit = "words" if spaced(turn.language) else "characters"
            yield f"{key} has {count} {unit}, {most} at most fit one turn; shorten it"
    yield from _delivery_faults(turn.delivery)
    spoken = turn.respelling or turn.script
    for key, given in (
        ("emphasis", turn.delivery.emphasis),
        ("pauses.after", tuple(p.after for p in turn.delivery.pauses)),
    ):
        for word in given:
            if not has_word(spoken, word, language=turn.language):
                yield f"delivery.{key} {word!r} is not in the script {spoken!r}; use one of its words"
    for key, value, allowed in (
        ("traits.gender", turn.traits.gender, GENDERS),
        ("traits.age", turn.traits.age, AGES),
        ("background.scene", turn.background.scene if turn.background else None, tuple(SCENES)),
    ):
        if value is not None and value not in allowed:
            yield f"{key} {value!r}; use one of: {', '.join(allowed)}"
    if turn.background and not -20.0 <= turn.background.snr_db <= 60.0:
        yield f"background.snr_db {turn.background.snr_db:g}; use -20..60 dB"
    for key, value in (("gender", turn.traits.gender), ("age", turn.traits.age), ("emotion", turn.delivery.emotion)):
        if value and key in turn.labels and turn.labels[key] != value:
            yield f"labels.{key} {turn.labels[key]!r}, but the voice is directed to {value!r}; make them agree"


def _delivery_faults(delivery: Delivery) -> Iterator[str]:
    for key, (low, high) in _RANGES.items():
        value = float(getattr(delivery, key))
        if not low <= value <= high:
            yield f"delivery.{key} {value:g}; use {low:g}..{high:g}"
    for pause in delivery.pauses:
        if not 0.05 <= pause.seconds <= 5.0:
            yield f"delivery.pauses.seconds {pause.seconds:g}; use 0.05..5 s"
    if delivery.emotion is not None and delivery.emotion not in EMOTIONS:
        yield f"delivery.emotion {delivery.emotion!r}; use one of: {', '.join(EMOTIONS)}"
    if delivery.style is not None and delivery.style not in STYLES:
        yield f"delivery.style {delivery.style!r}; use one of: {', '.join(STYLES)}"
