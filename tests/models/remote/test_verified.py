"""A card that says `loopback` answers, with its own settings, over the loopback server of its wire."""

import tomllib

import pytest

from s2s_arena.models import registry
from s2s_arena.records.codec import parse
from s2s_arena.records.systems import SystemCard, Verified
from s2s_arena.testing.servers.running import KEY
from tests.models.conftest import CARDS
from tests.models.doubles import FakeParts, Voice
from tests.models.remote.loopback_lines import LINES, VARIABLE, asking, likeness

AT_ONCE = {"doubao": {"pace": 0.0}, "moshi": {"pace": 0.0, "silence_s": 0.6, "wait_s": 2.0}}


def cards():
    found = [parse(SystemCard, tomllib.loads(path.read_text())) for path in sorted((CARDS / "systems").glob("*.toml"))]
    return [card for card in found if registry.is_remote(card.model) and card.verified is Verified.LOOPBACK]


def line_of(card):
    dialect = card.settings.get("dialect")
    return next(line for line in LINES if line.family == card.model and line.settings.get("dialect") == dialect)


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_the_card_answers_over_its_wire(card, monkeypatch):
    monkeypatch.setenv(VARIABLE, KEY)
    line = line_of(card)
    with line.start() as server:
        keys = {key: VARIABLE for key in card.settings if key.endswith("_env")}
        keys = keys or {line.keyed: VARIABLE} if line.keyed else keys
        settings = {**card.settings, "url": line.address(server), **keys, **AT_ONCE.get(card.model, {})}
        answer = registry.build(card.model, settings, FakeParts(None, None, Voice("en"))).answer(asking())
        said = line.said(server)
    assert answer.text == said.text
    assert line.writes_only or likeness(answer.speech, said.speech) > (0.95 if line.lossy else 0.999)
    assert line.writes_only or answer.speech.rate_hz == card.output_rate_hz


def test_most_wires_are_verified_so():
    assert {card.model for card in cards()} == {"openai-chat", "realtime", "gemini-live", "doubao", "moshi"}
