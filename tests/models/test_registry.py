"""Families are found by name, and every shipped card names one and parses."""

import tomllib

import pytest

from s2s_arena.errors import CardError
from s2s_arena.models import registry, weights
from s2s_arena.models.parts import LocalParts
from s2s_arena.records.codec import parse
from s2s_arena.records.systems import JudgeCard, SystemCard, VoiceCard
from s2s_arena.workspace.cards import Found
from tests.models.conftest import CARDS

SYSTEMS = sorted((CARDS / "systems").glob("*.toml"))
VOICES = sorted((CARDS / "voices").glob("*.toml"))


def test_an_unknown_family_is_named_with_those_that_are_known():
    with pytest.raises(CardError, match="model cascad: unknown family; one of cascade"):
        registry.build("cascad", {}, None)


@pytest.mark.parametrize("path", SYSTEMS, ids=lambda path: path.stem)
def test_a_system_card_is_complete(path):
    card = parse(SystemCard, tomllib.loads(path.read_text()))
    assert card.name == path.stem
    assert card.model in registry.families()
    assert card.licences.code and card.kind and card.organisation
    if registry.is_light(card.model):
        return  # weights and voices of others
    elsewhere = any(isinstance(value, dict) and "family" in value for value in card.settings.values())
    assert elsewhere or set(card.weights) <= set(weights.SETS)
    voice = card.settings.get("voice")
    assert voice is None or voice in {path.stem for path in VOICES}


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.stem)
def test_a_voice_card_is_complete(path):
    card = parse(VoiceCard, tomllib.loads(path.read_text()))
    assert card.name == path.stem
    assert card.model in registry.families()
    assert card.gender in ("female", "male") and card.languages and card.licences.voice


def test_the_judge_says_that_it_shares_weights_with_contestants():
    judge = parse(JudgeCard, tomllib.loads((CARDS / "judges" / "local.toml").read_text()))
    contestant = parse(SystemCard, tomllib.loads((CARDS / "systems" / "qwen-kokoro.toml").read_text()))
    assert set(judge.weights) & set(contestant.weights)


def test_a_voice_finds_its_files_beside_its_own_card_whoever_uses_it(tmp_path):
    folder = tmp_path / "voices"
    card = VoiceCard(name="own", title="Own", model="worker-voice", settings={"file": "own.py"}, languages=("en",))
    found = Found(card=card, folder=folder, source="workspace")
    parts = LocalParts(tmp_path, tmp_path / "systems", voice=lambda name: found)
    with pytest.raises(CardError, match=str(folder / "own.py")):
        parts.speaker("own")
