import pytest

from s2s_arena.store.sqlite import SqliteStore

from .contract import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore(tmp_path / "arena.db", audio=tmp_path / "audio")
        yield store
        store.close()
