"""What a delivery means for the signal: one table of emotions, styles and traits, resolved to plain numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from s2s_arena.errors import InputError
from s2s_arena.records.speech import Delivery, Pause, Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """How the signal is to differ from the voice's own reading; the defaults change nothing.

    Attributes:
        rate: Factor on speaking rate.
        pitch_st: Shift of the F0 level, semitones.
        pitch_range: Factor on F0 excursions, in semitones around the level.
        gain_db: Gain on the voice's own level.
        formant: Factor on formant frequencies.
        tilt_db_oct: Spectral tilt around 1 kHz, dB per octave; positive is brighter.
        breath: 0..1, least share of noise in every band.
        tremor_st: Depth of a 4.5 Hz tremor of F0.
        whisper: No voice at all, noise only.
        sing: Notes instead of intonation.
    """

    rate: float = 1.0
    pitch_st: float = 0.0
    pitch_range: float = 1.0
    gain_db: float = 0.0
    formant: float = 1.0
    tilt_db_oct: float = 0.0
    breath: float = 0.0
    tremor_st: float = 0.0
    whisper: bool = False
    sing: bool = False

    @property
    def reshapes(self) -> bool:
        """Whether more than a gain and a rate is needed."""
        return Direction(rate=self.rate, gain_db=self.gain_db) != self

    def then(self, other: "Direction", strength: float = 1.0) -> "Direction":
        """Both together; `strength` scales the other: 0 leaves it out, 1 takes it whole."""
        return Direction(
            rate=self.rate * other.rate**strength,
            pitch_st=self.pitch_st + other.pitch_st * strength,
            pitch_range=self.pitch_range * other.pitch_range**strength,
            gain_db=self.gain_db + other.gain_db * strength,
            formant=self.formant * other.formant**strength,
            tilt_db_oct=self.tilt_db_oct + other.tilt_db_oct * strength,
            breath=min(1.0, max(self.breath, other.breath * strength)),
            tremor_st=max(self.tremor_st, other.tremor_st * strength),
            whisper=self.whisper or other.whisper,
            sing=self.sing or other.sing,
        )


EMOTIONS: Mapping[str, Direction] = {
    "neutral": Direction(),
    "happy": Direction(rate=1.10, pitch_st=2.5, pitch_range=1.5, gain_db=2.0, tilt_db_oct=0.5, formant=1.02),
    "sad": Direction(rate=0.78, pitch_st=-2.0, pitch_range=0.55, gain_db=-4.0, tilt_db_oct=-1.5, breath=0.15),
    "angry": Direction(rate=1.12, pitch_st=1.5, pitch_range=1.5, gain_db=5.0, tilt_db_oct=2.0),
    "fearful": Direction(rate=1.18, pitch_st=3.5, pitch_range=0.8, gain_db=-1.0, tremor_st=0.5, breath=0.1),
    "surprised": Direction(rate=1.04, pitch_st=4.0, pitch_range=1.8, gain_db=2.5, tilt_db_oct=0.5),
    "excited": Direction(rate=1.20, pitch_st=3.5, pitch_range=1.7, gain_db=3.5, tilt_db_oct=1.0),
    "calm": Direction(rate=0.86, pitch_st=-1.0, pitch_range=0.75, gain_db=-2.0, tilt_db_oct=-0.7),
    "disgusted": Direction(rate=0.85, pitch_st=-1.5, pitch_range=1.15, gain_db=0.5, tilt_db_oct=0.5, formant=0.97),
    "sarcastic": Direction(rate=0.82, pitch_st=-0.5, pitch_range=1.6, gain_db=0.0),
}
"""Emotion -> its effect at strength 1; the directions follow what is known of acted emotion in speech."""

STYLES: Mapping[str, Direction] = {
    "whisper": Direction(rate=0.92, gain_db=-8.0, whisper=True),
    "shout": Direction(rate=0.95, pitch_st=4.0, pitch_range=1.2, gain_db=8.0, tilt_db_oct=2.5),
    "sing": Direction(sing=True, gain_db=1.0),
}

EMPHASIS_ST = 3.5
EMPHASIS_DB = 4.0
EMPHASIS_STRETCH = 1.35

_CHILD = Direction(pitch_st=4.5, formant=1.16, pitch_range=1.15)
_ELDER = Direction(rate=0.85, pitch_st=-1.5, formant=0.97, tremor_st=0.35, breath=0.12, tilt_db_oct=-0.8)
_TO_MALE = Direction(pitch_st=-9.0, formant=0.86)
_TO_FEMALE = Direction(pitch_st=8.0, formant=1.16)


CARRIED = frozenset({"emotion", "style", "age"})
"""Directions in words: a voice may carry them out by itself. Numbers are physical and are done to the signal."""


def direct(delivery: Delivery, traits: Traits, *, gender: str, carried: frozenset[str] = frozenset()) -> Direction:
    """The direction for words with this delivery by this speaker.

    Args:
        delivery: What is asked.
        traits: Who is to be heard.
        gender: Of the voice as it is: male or female.
        carried: What of `CARRIED` the voice carries out by itself. Voices level what they say, so how loud an emotion
            or a style is stays here.

    Raises:
        InputError: An emotion, style, gender or age that is not in the tables, or a number out of its range.
    """
    _within("rate", delivery.rate, 0.25, 4.0)
    _within("pitch_st", delivery.pitch_st, -24.0, 24.0)
    _within("pitch_range", delivery.pitch_range, 0.0, 4.0)
    _within("volume_db", delivery.volume_db, -60.0, 24.0)
    _within("strength", delivery.strength, 0.0, 2.0)
    found = Direction(
        rate=delivery.rate,
        pitch_st=delivery.pitch_st,
        pitch_range=delivery.pitch_range,
        gain_db=delivery.volume_db,
    )
    if delivery.emotion is not None:
        emotion = _look_up("emotion", delivery.emotion, EMOTIONS)
        found = found.then(_gain_of(emotion) if "emotion" in carried else emotion, delivery.strength)
    if delivery.style is not None:
        style = _look_up("style", delivery.style, STYLES)
        found = found.then(_gain_of(style) if "style" in carried else style)
    return found.then(embody(replace(traits, age=None) if "age" in carried else traits, gender=gender))


def _gain_of(whole: Direction) -> Direction:
    return Direction(gain_db=whole.gain_db)


def embody(traits: Traits, *, gender: str) -> Direction:
    """What makes a voice of one gender sound like a speaker with these traits."""
    found = Direction()
    if traits.gender is not None and traits.gender != gender and traits.age != "child":
        found = found.then(_look_up("gender", traits.gender, {"male": _TO_MALE, "female": _TO_FEMALE}))
    if traits.age is not None:
        ages = {"child": _CHILD, "adult": Direction(), "elder": _ELDER}
        found = found.then(_look_up("age", traits.age, ages))
        if traits.age == "child" and gender == "male":
            found = found.then(_TO_FEMALE)
    return found


def split_at_pauses(text: str, pauses: Sequence[Pause]) -> list[tuple[str, float]]:
    """The text in pieces, each with the seconds of silence after it.

    A pause follows the first occurrence of its word (case-insensitive, whole word where words have spaces) and
    any punctuation there; a pause after the last word is silence at the end.

    Raises:
        InputError: A word that is not in the text, or a pause outside 0..10 s.
    """
    cuts: dict[int, float] = {}
    for pause in pauses:
        _within("pause", pause.seconds, 0.0, 10.0)
        found = find_word(text, pause.after)
        if found is None:
            raise InputError(f"delivery: pause after {pause.after!r}, which is not in {text[:60]!r}; name a word of it")
        end = found[1]
        while end < len(text) and text[end] in ",.;:!?，。；：！？、…\"'”’)":
            end += 1
        cuts[end] = max(cuts.get(end, 0.0), pause.seconds)
    pieces: list[tuple[str, float]] = []
    start = 0
    for end in sorted(cuts):
        pieces.append((text[start:end].strip(), cuts[end]))
        start = end
    if text[start:].strip():
        pieces.append((text[start:].strip(), 0.0))
    return pieces


def find_word(text: str, word: str) -> tuple[int, int] | None:
    """Where the word first stands in the text, as character offsets; None where it does not."""
    asked = word.strip()
    if not asked:
        return None
    pattern = re.escape(asked)
    if asked[0].isascii() and asked[-1].isascii():
        pattern = rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"
    found = re.search(pattern, text, re.IGNORECASE)
    return found.span() if found else None


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"delivery: {name} {value} given, {low}..{high} needed")


def _look_up(what: str, name: str, table: Mapping[str, Direction]) -> Direction:
    if name not in table:
        raise InputError(f"delivery: {what} {name!r} given, one of {', '.join(table)} needed")
    return table[name]
