"""A store is named by a folder, a file, a URL, or memory."""

import pytest

from s2s_arena.errors import WorkspaceError
from s2s_arena.store.memory import MemoryStore
from s2s_arena.store.opening import open_store


@pytest.mark.parametrize("place", ["{}", "{}/arena.db", "sqlite:///{}/arena.db"])
def test_a_workspace_is_its_folder_its_file_or_its_url(tmp_path, place):
    store = open_store(place.format(tmp_path / "new"))
    assert store.database == tmp_path / "new" / "arena.db" and store.database.exists()
    assert store.files.folder == tmp_path / "new" / "audio"
    store.close()


def test_audio_may_be_elsewhere(tmp_path):
    store = open_store(tmp_path, audio=tmp_path / "big disk")
    assert store.files.folder == tmp_path / "big disk"
    store.close()


def test_memory_needs_no_place():
    assert isinstance(open_store("memory:"), MemoryStore)


def test_what_is_no_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match="is a file"):
        open_store(tmp_path / "file")
    with pytest.raises(WorkspaceError, match="mysql") as caught:
        open_store("mysql://user:secret@host/db")
    assert "secret" not in str(caught.value)
