"""What a card still needs is said in one line, with how to get it."""

import socket

import pytest

from s2s_arena.compose.needs import answers_here, leaves_this_machine, missing
from s2s_arena.records.systems import Needs, SystemCard


def card(**needs):
    return SystemCard(name="c", title="C", model="echo", needs=Needs(**needs))


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_key_that_is_not_set_comes_with_where_to_get_it(monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    needs = card(env=("SOME_KEY",), where={"SOME_KEY": "ask at the desk"})
    assert missing(needs) == ("environment variable SOME_KEY: set it (ask at the desk)",)
    monkeypatch.setenv("SOME_KEY", "x")
    assert missing(needs) == ()


def test_a_key_that_only_the_settings_name_is_needed_too(monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    named = SystemCard(name="c", title="C", model="echo", settings={"key_env": "SOME_KEY", "app_env": ""})
    assert missing(named) == ("environment variable SOME_KEY: set it",)


def test_a_program_comes_with_its_remedy():
    assert missing(card(programs=("no-such-program",))) == ("program no-such-program: install it",)
    assert missing(card(programs=("no-such-program",), where={"no-such-program": "build it"})) == (
        "program no-such-program: build it",
    )


def test_a_server_on_this_machine_is_looked_at(listening, closed):
    assert missing(card(server=f"http://127.0.0.1:{listening}")) == ()
    (line,) = missing(card(server=f"ws://127.0.0.1:{closed}", where={"server": "start it"}))
    assert line == f"server ws://127.0.0.1:{closed}: nothing answers there; start it"


def test_a_server_elsewhere_is_not_looked_at():
    assert answers_here("https://example.invalid/v1")


def test_an_address_that_is_none_answers_nowhere():
    assert not answers_here("http://localhost:notaport")


def test_a_variable_that_must_name_a_folder_is_looked_at(monkeypatch, tmp_path):
    needs = card(folders=("A_CHECKOUT",), where={"A_CHECKOUT": "clone it"})
    monkeypatch.delenv("A_CHECKOUT", raising=False)
    assert missing(needs) == ("environment variable A_CHECKOUT: set it to a folder (clone it)",)
    monkeypatch.setenv("A_CHECKOUT", str(tmp_path / "none"))
    assert missing(needs) == (f"environment variable A_CHECKOUT: {tmp_path / 'none'} is no folder (clone it)",)
    monkeypatch.setenv("A_CHECKOUT", str(tmp_path))
    assert missing(needs) == ()


def test_a_worker_of_ours_that_is_not_here_is_named(monkeypatch):
    worker = SystemCard(name="c", title="C", model="worker", settings={"worker": "nobody"})
    (line,) = missing(worker)
    assert line.startswith("worker nobody: not here; known: ") and "S2S_ARENA_WORKERS" in line


def test_parts_described_in_place_bring_their_keys_and_say_where_speech_goes(monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    mind = {"family": "openai-text", "key_env": "SOME_KEY", "url": "http://localhost:1/v1"}
    cascade = SystemCard(name="c", title="C", model="cascade", settings={"ears": "e", "mind": mind, "voice": "v"})
    key, server = missing(cascade)
    assert key == "environment variable SOME_KEY: set it"
    assert server.startswith("server http://localhost:1/v1 (openai-text): nothing answers there; start it")
    assert not leaves_this_machine(cascade)
    elsewhere = {**cascade.settings, "mind": {**mind, "url": "https://example.invalid/v1"}}
    assert leaves_this_machine(SystemCard(name="c", title="C", model="cascade", settings=elsewhere))


@pytest.mark.parametrize(
    ("mind", "leaves"),
    [
        ("openai-text:http://localhost:8080/v1", False),
        ("openai-text:http://127.0.0.1:8080/v1", False),
        ("openai-text:https://localhost.elsewhere.example/v1", True),
        ("openai-text:https://elsewhere.example//localhost/v1", True),
        ("qwen2.5-coder-1.5b-instruct", False),
    ],
)
def test_a_part_leaves_this_machine_by_its_host_alone(mind, leaves):
    assert leaves_this_machine(SystemCard(name="c", title="C", model="cascade", settings={"mind": mind})) is leaves
