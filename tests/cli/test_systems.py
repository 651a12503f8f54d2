"""`systems check` says in one line what is missing or wrong, and asks nobody."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from s2s_arena.cli.main import app

RUN = CliRunner()


@pytest.fixture
def workspace(tmp_path):
    RUN.invoke(app, ["init", str(tmp_path)])
    return tmp_path


def check(name, workspace):
    return RUN.invoke(app, ["systems", "check", name, "-w", str(workspace)])


def add(workspace, settings, model="openai-chat"):
    lines = "\n".join(f'{key} = "{value}"' for key, value in settings.items())
    path = workspace / "cards" / "systems" / "mine.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'title = "Mine"\nmodel = "{model}"\n\n[settings]\n{lines}\n')


def test_a_missing_key_is_named_with_where_to_get_it(workspace, monkeypatch):
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    result = check("gemini-live", workspace)
    assert result.exit_code == 2
    assert "environment variable GEMINI_API_KEY: set it (get one at" in result.output
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    assert "would run here (verified: " in check("gemini-live", workspace).output


def test_a_wrong_setting_is_found_before_anything_is_asked(workspace):
    add(workspace, {"dialect": "opnai"})
    result = check("mine", workspace)
    assert result.exit_code == 2
    assert "card mine: settings.dialect: 'opnai' given; one of azure" in result.output


def test_checking_a_card_with_a_reader_loads_no_voice(workspace):
    add(workspace, {"dialect": "llama-cpp", "reader": "kokoro-male"})
    assert "would run here (verified: none)" in check("mine", workspace).output


def test_a_reader_that_has_seen_enough_is_no_error():
    command = [sys.executable, "-m", "s2s_arena", "systems", "list", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        assert listing.stdout is not None and listing.stderr is not None
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait(60)) == ("", 1)
