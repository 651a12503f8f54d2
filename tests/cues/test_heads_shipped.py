"""Claims about the shipped heads on freshly generated speech of a sentence they have not heard."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

from s2s_arena.cues import prosody
from s2s_arena.cues.heads import SHIPPED, Heads
from s2s_arena.cues.training.speech import sentences
from s2s_arena.models import registry, weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.models.swift import SwiftPitch
from s2s_arena.records.speech import Delivery, Segment, Utterance

pytestmark = pytest.mark.local

SENTENCE = "The postman left a small parcel behind the green gate."


def _no_cards(name: str) -> NoReturn:
    raise AssertionError(name)


@pytest.fixture(scope="module")
def said() -> Callable[[Delivery], Mapping[str, float]]:
    """What the shipped heads say of the sentence in hibari's voice, delivered as asked."""
    parts = LocalParts(weights.default_cache(), Path(), voice=_no_cards)
    voice = registry.build("hibari", {"aligner": ""}, parts)
    encoder, pitch = parts.encoder("whisper-base"), SwiftPitch()
    heads = Heads.load(SHIPPED, encoder=encoder.identity)

    def say(delivery: Delivery) -> Mapping[str, float]:
        segment = Segment(text=SENTENCE, language="en", delivery=delivery)
        speech = voice.speak(Utterance(segments=(segment,)), seed=0)  # type: ignore[attr-defined]
        measured = prosody.measure(speech, pitch=pitch.track(speech), transcript=None)
        return heads.predict(encoder.encode(speech), measured)

    return say


def test_the_sentence_is_held_out():
    assert all(SENTENCE not in texts for texts in sentences().values())


def test_happy_is_told_from_sad(said: Callable[[Delivery], Mapping[str, float]]):
    happy, sad = said(Delivery(emotion="happy")), said(Delivery(emotion="sad"))
    assert happy["emotion:happy"] > sad["emotion:happy"]
    assert sad["emotion:sad"] > happy["emotion:sad"]
    assert happy["arousal"] > sad["arousal"]


def test_lively_is_told_from_flat(said: Callable[[Delivery], Mapping[str, float]]):
    flat = said(Delivery(pitch_range=0.0))
    lively = said(Delivery(emotion="excited", strength=1.2))
    assert lively["expressive"] > flat["expressive"] + 0.5


def test_a_woman_is_heard_as_one(said: Callable[[Delivery], Mapping[str, float]]):
    assert said(Delivery())["gender:female"] > 0.5
