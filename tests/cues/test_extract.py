from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.cues.builders import silence, tone, track, transcript, wave

from s2s_arena.cues.extract import Extractor, told
from s2s_arena.records.codec import decode, encode
from s2s_arena.records.cues import Cues, Quality
from s2s_arena.records.identity import AudioHash

HASH = AudioHash("b" * 64)


@dataclass
class Ears:
    """Hears the same words in everything, and remembers what it was asked."""

    identity: str = "ears/1"
    asked: list = field(default_factory=list)

    def transcribe(self, speech, *, language=None):
        self.asked.append((speech.rate_hz, language))
        return transcript("a garden wall", times=[(0.2, 0.4), (0.4, 0.8), (0.8, 1.2)])

    def encode(self, speech):
        return np.ones((int(speech.duration_s * 50), 4), dtype=np.float32)


class Pitch:
    identity = "pitch/1"

    def track(self, speech):
        return track(np.full(int(speech.duration_s / 0.016), 150.0))


class Meter:
    identity = "meter/1"

    def rate(self, speech):
        return Quality(signal=3.0, background=4.0, overall=3.0, p808=3.5)


class Head:
    identity = "head/1"

    def predict(self, features, prosody=None):
        return {"expressive": float(features.mean()), "pace": prosody.syllables_per_s}


@pytest.fixture
def parts():
    ears = Ears()
    return ears, Extractor(ears, ears, Pitch(), Meter(), Head())


def test_one_hearing_fills_every_part(parts):
    ears, extractor = parts
    cues = extractor.hear(wave(silence(0.2), tone(1.0, rate_hz=24_000), rate_hz=24_000), audio=HASH, language="en")
    assert cues.audio == HASH and cues.extractor == told(extractor.identity, "en")
    assert cues.transcript.text == "a garden wall" and cues.quality.overall == 3.0
    assert cues.heads["expressive"] == 1.0 and cues.heads["pace"] == cues.prosody.syllables_per_s
    assert cues.prosody.f0_median_hz == pytest.approx(150.0)
    assert {"peak_dbfs", "clipping_share", "note_share", "brightness_db", "worded_share"} <= cues.checks.keys()
    assert ears.asked == [(16_000, "en")]  # once, at the rate that ears need


def test_cues_survive_the_store(parts):
    cues = parts[1].hear(wave(silence(0.2), tone(1.0)), audio=HASH)
    assert decode(Cues, encode(cues)) == cues


@pytest.mark.parametrize("speech", [wave(), wave(silence(0.0001)), wave(silence(3.0))])
def test_ears_are_not_asked_about_silence(parts, speech):
    ears, extractor = parts
    cues = extractor.hear(speech, audio=HASH)
    assert cues.transcript is None and cues.quality is None and not cues.heads and not ears.asked
    assert cues.prosody.speech_s == 0.0 and cues.prosody.f0_median_hz is None
    assert decode(Cues, encode(cues)) == cues


def test_another_part_is_another_extractor():
    ears = Ears()
    identities = {
        Extractor(ears, ears, Pitch(), Meter(), Head()).identity,
        Extractor(ears, ears, Pitch(), Meter()).identity,
        Extractor(ears, ears, Pitch(), None, Head()).identity,
        Extractor(Ears(identity="ears/2"), ears, Pitch(), Meter(), Head()).identity,
    }
    assert len(identities) == 4


def test_without_heads_nothing_is_encoded():
    ears = Ears()
    ears.encode = None
    assert Extractor(ears, ears, Pitch(), None).hear(wave(tone(1.0)), audio=HASH).heads == {}
