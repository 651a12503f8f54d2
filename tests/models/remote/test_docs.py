"""The cards that the documentation shows are cards that work, and its tables name what there is."""

import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

from s2s_arena.errors import InfrastructureError
from s2s_arena.models import registry
from s2s_arena.models.remote import chat_dialects, realtime_dialects
from s2s_arena.protocols import Exchange, Request
from s2s_arena.records.systems import SystemCard
from s2s_arena.testing.sound import tones
from s2s_arena.workspace.cards import load_card
from tests.models.doubles import FakeParts, Voice
from tests.models.remote.servers import HttpReply, http_server
from tests.models.remote.test_in_stage import said

PAGE = (Path(__file__).parents[3] / "docs" / "remote_systems.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: tomllib.loads(text)["title"])
def test_every_card_on_the_page_loads_and_builds(text, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    card = load_card(SystemCard, path)
    system = registry.build(card.model, card.settings, FakeParts(None, None, Voice("en")))
    assert system.identity.startswith(card.model)


@pytest.mark.parametrize(("title", "reply"), [("My omni model", said()), ("My research system", None)])
def test_a_card_on_the_page_answers_in_speech(title, reply, tmp_path):
    (text,) = (text for text in EXAMPLES if tomllib.loads(text)["title"] == title)
    spoken = tones(["one", "two", "three"], rate_hz=24000)
    if reply is None:
        content = spoken.pcm16().astype("<i2").tobytes()
        reply = HttpReply([content], headers={"Content-Type": "application/octet-stream"})
    with http_server(reply) as (url, asked):
        path = tmp_path / "mine.toml"
        received = "" if title == "My omni model" else 'received = "pcm16"\n'
        path.write_text(re.sub(r'url = ".*?"\n', f'url = "{url}"\n{received}', text))
        card = load_card(SystemCard, path)
        system = registry.build(card.model, card.settings, FakeParts(None, None, None))
        answer = system.answer(Request(speech=tones(["a"]), sample="s"))
    assert answer.speech.hash() == spoken.hash() and len(asked) == 1


def test_the_server_on_the_page_answers(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    script = tmp_path / "server.py"
    script.write_text(code)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL) as process:
        try:
            settings = {"url": f"http://127.0.0.1:{port}/answer", "asks": "json", "history": "json"}
            system = registry.build("http-wav", settings, FakeParts(None, None, None))
            question = tones(["a", "b"])
            answer = until_it_listens(lambda: system.answer(Request(speech=question, sample="s")))
            assert answer.speech.hash() == question.hash() and answer.text == "I say what you say."
            past = Exchange(user=question, answer=answer)
            assert system.answer(Request(speech=question, sample="s", turn=1, history=(past,))).text == answer.text
        finally:
            process.kill()


def until_it_listens(ask, longest_s=20.0):
    ends = time.monotonic() + longest_s
    while True:
        try:
            return ask()
        except InfrastructureError:
            if time.monotonic() > ends:
                raise
            threading.Event().wait(0.05)


def test_the_page_names_every_dialect_and_card():
    named = set(re.findall(r"`([a-z0-9.\-]+)`", PAGE))
    assert {*chat_dialects.DIALECTS, *realtime_dialects.DIALECTS} <= named
    cards = Path(registry.__file__).parents[1] / "cards" / "systems"
    for path in cards.glob("*.toml"):
        if registry.is_remote(tomllib.loads(path.read_text())["model"]):
            assert path.stem in named, path.stem
