"""Shipped cards of remote systems say what their adapters do, and name their keys and where to get them."""

import tomllib

import pytest

from s2s_arena.models import registry
from s2s_arena.records.codec import parse
from s2s_arena.records.systems import SystemCard, Verified
from tests.models.conftest import CARDS
from tests.models.doubles import FakeParts, Voice


def remote_cards():
    cards = [parse(SystemCard, tomllib.loads(path.read_text())) for path in sorted((CARDS / "systems").glob("*.toml"))]
    return [card for card in cards if registry.is_remote(card.model)]


@pytest.mark.parametrize("card", remote_cards(), ids=lambda card: card.name)
def test_a_card_builds_and_says_what_its_adapter_does(card):
    system = registry.build(card.model, card.settings, FakeParts(None, None, Voice("en", "zh", "ja")))
    assert system.input_rate_hz == card.input_rate_hz
    assert system.identity.startswith(f"{card.model}/1(")
    assert card.needs.extra == "remote"
    assert card.verified in (Verified.NONE, Verified.LOOPBACK)
    # The adapter gives up before the stage does, so that no connection is left behind.
    assert float(card.settings.get("timeout_s", 170.0)) < card.timeout_s


@pytest.mark.parametrize("card", remote_cards(), ids=lambda card: card.name)
def test_a_card_names_its_keys_and_where_to_get_them(card):
    named = {value for key, value in card.settings.items() if key.endswith("_env")}
    assert set(card.needs.env) == named
    needed = named | ({"server"} if card.needs.server else set())
    assert set(card.needs.where) == needed and needed


@pytest.mark.parametrize("card", remote_cards(), ids=lambda card: card.name)
def test_the_server_a_card_needs_is_the_one_it_asks(card):
    if card.needs.server:
        assert str(card.settings["url"]).startswith(card.needs.server)


def test_every_wire_has_a_card():
    wires = {(card.model, str(card.settings.get("dialect", ""))) for card in remote_cards()}
    assert {model for model, _ in wires} == {"openai-chat", "realtime", "gemini-live", "doubao", "moshi", "http-wav"}
    assert {d for model, d in wires if model == "openai-chat"} >= {"openai", "dashscope", "zhipu", "vllm-omni"}
    assert {d for model, d in wires if model == "realtime"} >= {"openai", "dashscope", "zhipu"}
