"""How emotions sound: names, and the direction in which each moves pace, pitch, range and loudness."""

from collections.abc import Mapping
from types import MappingProxyType

PROFILES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "happy": {"rate": 0.5, "pitch": 1.0, "range": 1.0, "volume": 0.5},
        "sad": {"rate": -1.0, "pitch": -0.5, "range": -1.0, "volume": -0.8, "pausing": 0.5},
        "angry": {"rate": 0.5, "pitch": 0.4, "range": 0.7, "volume": 1.0, "brightness": 0.6},
        "fearful": {"rate": 0.9, "pitch": 1.0, "range": -0.3, "volume": -0.2},
        "surprised": {"pitch": 1.0, "range": 1.2, "volume": 0.3},
        "excited": {"rate": 1.0, "pitch": 0.9, "range": 0.9, "volume": 0.8},
        "calm": {"rate": -0.8, "pitch": -0.3, "range": -0.6, "volume": -0.5},
        "disgusted": {"rate": -0.7, "pitch": -0.4, "range": 0.3},
        "sarcastic": {"rate": -0.7, "pitch": -0.4, "range": 0.5, "volume": 0.2},
    }
)
"""Weights of z scores. Directions as in the review of Juslin and Laukka (2003, tables 7 and 11); the sizes are
rough and only rank the measures. Sarcasm after Cheang and Pell (2008): slower and lower."""

_ALIASES: Mapping[str, str] = {
    "joy": "happy",
    "joyful": "happy",
    "cheerful": "happy",
    "happiness": "happy",
    "sadness": "sad",
    "sorrowful": "sad",
    "melancholy": "sad",
    "anger": "angry",
    "annoyed": "angry",
    "furious": "angry",
    "fear": "fearful",
    "afraid": "fearful",
    "scared": "fearful",
    "anxious": "fearful",
    "worried": "fearful",
    "surprise": "surprised",
    "amazed": "surprised",
    "excitement": "excited",
    "enthusiastic": "excited",
    "comforting": "calm",
    "gentle": "calm",
    "soothing": "calm",
    "relaxed": "calm",
    "disgust": "disgusted",
    "sarcasm": "sarcastic",
    "ironic": "sarcastic",
    "plain": "neutral",
}


def canonical(name: str) -> str:
    """The name under which an emotion is known here; unknown names come back as they are, in lower case."""
    lower = name.strip().lower()
    return _ALIASES.get(lower, lower)
