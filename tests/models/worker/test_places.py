"""Our workers are found by name in a checkout, in an installed package, or where the user says."""

import pytest

from s2s_arena.errors import CardError, MissingError
from s2s_arena.models.worker import places


def test_those_of_the_checkout_are_found():
    assert {"example", "qwen_omni", "kimi_audio"} <= set(places.known())
    assert places.find("example").read_text().startswith('"""A worker that needs nothing but Python')


def test_the_users_folder_comes_first(tmp_path, monkeypatch):
    (tmp_path / "example").mkdir()
    (tmp_path / "example" / "worker.py").write_text("mine")
    monkeypatch.setenv("S2S_ARENA_WORKERS", str(tmp_path))
    assert places.find("example").read_text() == "mine"
    assert places.find("kimi_audio").is_file()


def test_an_unknown_worker_is_named_with_those_there_are():
    with pytest.raises(MissingError, match=r"worker nobody: not here; known: .*example.*S2S_ARENA_WORKERS"):
        places.find("nobody")
    with pytest.raises(CardError, match=r"settings\.worker"):
        places.find("../example/worker.py")
