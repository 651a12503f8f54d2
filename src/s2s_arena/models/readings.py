"""An engine's last readings, kept: the same words are often spoken again with another delivery."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from s2s_arena.audio.waveform import Waveform

KEPT = 32


class Readings:
    """The last few readings by what was asked; safe from several threads.

    Args:
        kept: How many.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._waves: OrderedDict[Hashable, Waveform] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], Waveform]) -> Waveform:
        """What was read under this key, or what `make` gives, which is then kept."""
        with self._lock:
            if key in self._waves:
                self._waves.move_to_end(key)
                return self._waves[key]
        wave = make()
        with self._lock:
            self._waves[key] = wave
            if len(self._waves) > self._kept:
                self._waves.popitem(last=False)
        return wave
