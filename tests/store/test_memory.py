import pytest

from s2s_arena.store.memory import MemoryStore

from .contract import StoreContract


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()
