"""Local models, loaded once for all tests of the models."""

import tomllib
from pathlib import Path

import pytest

import s2s_arena
from s2s_arena.models import weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.records.codec import parse
from s2s_arena.records.speech import Delivery, Segment, Traits, Utterance
from s2s_arena.records.systems import VoiceCard
from s2s_arena.workspace.cards import Found

CARDS = Path(s2s_arena.__file__).parent / "cards"


def voice_card(name: str) -> Found[VoiceCard]:
    folder = CARDS / "voices"
    card = parse(VoiceCard, tomllib.loads((folder / f"{name}.toml").read_text()))
    return Found(card=card, folder=folder, source="package")


@pytest.fixture(scope="session")
def local_parts() -> LocalParts:
    """The embedded models, each loaded at most once. They are part of the tests wherever the extra is installed."""
    pytest.importorskip("faster_whisper", reason="extra local not installed")
    return LocalParts(weights.default_cache(), CARDS / "systems", voice=voice_card)


@pytest.fixture(scope="session")
def say(local_parts):
    """Speak a line: say("hibari", "Hello", language="en", traits=Traits(...), rate=0.7, ...)."""

    def speak(voice, text, *, language="en", traits=None, seed=1, **delivery):
        segment = Segment(text=text, language=language, delivery=Delivery(**delivery))
        utterance = Utterance(segments=(segment,), traits=traits or Traits())
        return local_parts.speaker(voice).speak(utterance, seed=seed)

    return speak
