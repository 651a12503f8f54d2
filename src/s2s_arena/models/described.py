"""A direction put into words: what voices that follow a description are told."""

from collections.abc import Mapping

from s2s_arena.records.speech import Delivery, Traits

_EMOTIONS: Mapping[str, str] = {
    "neutral": "in a neutral, even tone",
    "happy": "happily, with a smile in the voice",
    "sad": "sadly, with a low and heavy voice",
    "angry": "angrily, with a hard and tense voice",
    "fearful": "fearfully, with a trembling voice",
    "surprised": "in great surprise",
    "excited": "with great excitement",
    "calm": "calmly and gently",
    "disgusted": "in disgust",
    "sarcastic": "sarcastically, drawing out the words",
}
_STYLES: Mapping[str, str] = {
    "whisper": "in a whisper, without any voice",
    "shout": "shouting across a distance",
}
DEGREES = ((0.6, "slightly "), (1.25, ""))
"""Up to that strength the word before the emotion; beyond, `_MUCH`."""

_MUCH = "very strongly, "
_PEOPLE: Mapping[tuple[str | None, str | None], str] = {
    ("female", None): "A woman",
    ("male", None): "A man",
    ("female", "adult"): "A woman",
    ("male", "adult"): "A man",
    ("female", "child"): "A little girl",
    ("male", "child"): "A little boy",
    (None, "child"): "A small child",
    ("female", "elder"): "An old woman",
    ("male", "elder"): "An old man",
    (None, "elder"): "An elderly person",
}


def describe(delivery: Delivery, traits: Traits) -> str:
    """One or two sentences for a voice that follows descriptions.

    Only what such a voice carries out is in them: who speaks, feeling, whisper and shout. Pace, pitch, pauses and
    stress have numbers, which no description keeps.
    """
    who = _PEOPLE.get((traits.gender, traits.age), "A person")
    if traits.accent:
        who += f" with a {traits.accent} accent"
    ways = []
    if delivery.emotion is not None and delivery.emotion in _EMOTIONS:
        degree = next((word for most, word in DEGREES if delivery.strength <= most), _MUCH)
        ways.append(degree + _EMOTIONS[delivery.emotion])
    if delivery.style is not None and delivery.style in _STYLES:
        ways.append(_STYLES[delivery.style])
    manner = ", ".join(ways) if ways else "in a neutral, even tone"
    return f"{who} speaks {manner}. The recording is very clear and close, with no background noise."


def tells(delivery: Delivery, traits: Traits) -> frozenset[str]:
    """Which of `delivery.CARRIED` the description tells of; a song is not told, since it has notes."""
    found = set()
    if delivery.emotion is not None and delivery.emotion in _EMOTIONS:
        found.add("emotion")
    if delivery.style in _STYLES:
        found.add("style")
    if traits.age in ("child", "elder"):
        found.add("age")
    return frozenset(found)
