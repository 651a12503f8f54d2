"""One loudness gain for each system and one for the user, over a whole suite: never one for a clip."""

import threading
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from s2s_arena.audio.loudness import loudness_lufs
from s2s_arena.audio.waveform import Waveform
from s2s_arena.protocols import Store
from s2s_arena.records.identity import SystemName, content_hash
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Suite

TARGET_LUFS = -26.0  # leaves loud answers 20 dB above the median before they would clip
ENOUGH = 60  # clips that a median is taken over: its standard error is then below 1 dB for speech
FURTHEST_DB = 40.0  # more would only bring up the noise of what is nearly silent


def gain_db(waves: Iterable[Waveform], *, target_lufs: float = TARGET_LUFS) -> float:
    """The gain that brings the median loudness (BS.1770) of the clips to the target, within -40..40 dB.

    Silent clips have no loudness and are left out; 0 dB if all are silent.
    """
    levels = [level for level in map(loudness_lufs, waves) if level is not None]
    if not levels:
        return 0.0
    return max(-FURTHEST_DB, min(FURTHEST_DB, target_lufs - median(levels)))


class Levels:
    """Gains of the systems and of the user in one suite, measured when first asked for. Safe to use from threads.

    The same suite and answers give the same gains, in any order of asking: where there are more than `ENOUGH` clips,
    those of the samples whose hashes come first are measured.

    Args:
        suite: Whose answers and questions are measured.
        store: Where they are.
        takes: The answers; every take in the store by default.
    """

    def __init__(self, suite: Suite, store: Store, takes: Sequence[Take] | None = None) -> None:
        self._suite = suite
        self._store = store
        self._takes = takes
        self._lock = threading.Lock()
        self._known: dict[str, float] = {}

    def system(self, name: SystemName) -> float:
        """The gain of a system's answers, in dB."""
        return self._once(f"system:{name}", lambda: gain_db(self._answers(name)))

    def user(self) -> float:
        """The gain of what users say, in dB."""
        return self._once("user", lambda: gain_db(self._questions()))

    def _once(self, key: str, measure: Callable[[], float]) -> float:
        with self._lock:
            if key not in self._known:
                self._known[key] = measure()
            return self._known[key]

    def _answers(self, name: SystemName) -> Iterable[Waveform]:
        samples = {sample.id for sample in self._suite.samples}
        takes = self._store.all(Take, system=name) if self._takes is None else self._takes
        own = [take for take in takes if take.system == name and take.sample in samples]
        clips = 0
        for take in sorted(own, key=lambda t: content_hash("level", t.sample, t.id)):
            for key in take.responses:
                response = self._store.get(Response, key)
                if response is not None and response.speech is not None and clips < ENOUGH:
                    clips += 1
                    yield self._store.audio(response.speech.hash)

    def _questions(self) -> Iterable[Waveform]:
        spoken = [turn.speech for sample in self._suite.samples for turn in sample.turns if turn.speech]
        for ref in sorted(spoken, key=lambda ref: ref.hash)[:ENOUGH]:
            yield self._store.audio(ref.hash)
