"""What a judge has heard and marked before, so that no answer is heard or marked twice."""

import threading
from collections.abc import Callable

from s2s_arena.protocols import R, Record, Store


class Notebook:
    """Reads kept records from a store and remembers new ones until whoever drives the judge stores them.

    Only the driver writes to the store, so new records wait in `take_new`. Safe to use from several threads;
    each record is made once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._making: dict[tuple[type[Record], str], threading.Lock] = {}
        self._known: dict[tuple[type[Record], str], Record] = {}
        self._new: list[Record] = []

    def kept(self, kind: type[R], key: str, make: Callable[[], R]) -> R:
        """The record of that key: remembered, stored, or made now."""
        place = (kind, key)
        with self._lock:
            turn = self._making.setdefault(place, threading.Lock())
        with turn:
            known = self._known.get(place)
            if isinstance(known, kind):
                return known
            found = self._store.get(kind, key)
            if found is None:
                found = make()
                with self._lock:
                    self._new.append(found)
            self._known[place] = found
            return found

    def take_new(self) -> tuple[Record, ...]:
        """Records made since the last call; they are handed out once."""
        with self._lock:
            new, self._new = tuple(self._new), []
        return new
