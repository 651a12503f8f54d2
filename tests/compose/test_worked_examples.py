"""The three systems that docs/systems.md adds answer as they stand there, by the command line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s_arena.audio import files
from s2s_arena.cli.main import app
from s2s_arena.compose import open_workspace
from s2s_arena.records.responses import Response
from s2s_arena.testing.servers.chat import ChatServer
from s2s_arena.testing.servers.chat_vendors import VENDORS
from s2s_arena.testing.sound import tones
from s2s_arena.testing.worlds import rehearsal_suite

PAGE = (Path(__file__).parents[2] / "docs" / "systems.md").read_text(encoding="utf-8")
CARDS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
(WORKER,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def workspace(tmp_path):
    assert CliRunner().invoke(app, ["init", str(tmp_path)]).exit_code == 0
    (tmp_path / "cards" / "systems").mkdir(parents=True, exist_ok=True)
    with open_workspace(tmp_path) as arena:
        rehearsal_suite(arena.store, samples=3)
    return tmp_path


def answers(workspace, name, text) -> list[Response]:
    (workspace / "cards" / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["answer", "-w", str(workspace), "-S", name, "--concurrency", "2", "-q"])
    assert done.exit_code == 0, (done.output, done.exception)
    with open_workspace(workspace) as arena:
        found = [r for r in arena.store.all(Response) if r.system == name]
        assert all(r.failure is None and arena.store.audio(r.speech.hash).frames for r in found), found
    assert {r.sample for r in found} == {"s000", "s001", "s002"}
    return found


def card(model: str) -> str:
    (text,) = (text for text in CARDS if f'model = "{model}"' in text)
    return text


def test_a_server(workspace):
    with ChatServer(VENDORS["vllm-omni"], key=None) as server:
        found = answers(
            workspace, "my-server", re.sub(r'url = ".*"', f'url = "{server.base_url}"', card("openai-chat"))
        )
        assert server.finished == 3 and len({r.speech.hash for r in found}) == 3


def test_a_folder_of_recordings(workspace, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    for n in range(3):
        files.write_wav(folder / f"s{n:03d}.wav", tones(["answer", str(n)]))
    found = answers(workspace, "our-product", re.sub(r'folder = ".*"', f'folder = "{folder}"', card("replay")))
    assert {r.speech.hash for r in found} == {tones(["answer", str(n)]).hash() for n in range(3)}


def test_a_worker(workspace):
    (workspace / "cards" / "systems" / "backwards.py").write_text(WORKER, encoding="utf-8")
    found = answers(workspace, "backwards", card("worker"))
    assert {r.text for r in found} == {"backwards"}
    with open_workspace(workspace) as arena:
        (asked,) = (s.turns[0].speech for s in arena.suite().samples if s.id == "s000")
        (said,) = (r.speech for r in found if r.sample == "s000")
        assert (arena.store.audio(said.hash).samples == arena.store.audio(asked.hash).samples[::-1]).all()
