"""One match as it is put to a judge, and the work of putting it: both pickle, so that it may be done elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, Decision, Judge, Levelled
from s2s_arena.protocols import Record
from s2s_arena.records.identity import MatchId
from s2s_arena.records.systems import JudgeCard


class Case:
    """A match as its judge hears it, with the audio itself.

    Args:
        match: Which.
        heard: What is heard.
        attempts: How often the judge may be asked.
        known: What was heard and marked before that may be of use. It is looked for only when the case is sent to
            another process, where it is `brought`: here the judge looks for itself.
    """

    def __init__(
        self, match: MatchId, heard: Comparison, *, attempts: int, known: Callable[[], Sequence[Record]] = tuple
    ) -> None:
        self.match = match
        self.heard = heard
        self.attempts = attempts
        self.brought: Sequence[Record] = ()
        self._known = known

    def __reduce__(self) -> tuple[Callable[..., Case], tuple[object, ...]]:
        return _arrived, (self.match, self.heard, self.attempts, tuple(self._known()))


def _arrived(match: MatchId, heard: Comparison, attempts: int, brought: Sequence[Record]) -> Case:
    case = Case(match, heard, attempts=attempts)
    case.brought = brought
    return case


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who judged, and what came of it: a decision after the failures, or failures only."""

    version: str
    levelled: bool
    decision: Decision | None = None
    failures: tuple[str, ...] = ()


@runtime_checkable
class Remembering(Protocol):
    """A way to load a judge that can be told what was heard and marked elsewhere, so that it is not done again."""

    def remember(self, records: Sequence[Record]) -> None: ...


class Judging:
    """Implements `protocols.Portable`: puts matches to one judge, which is loaded at the first of them.

    Args:
        load: Makes the judge; where it pickles, the work can be done in another process, which loads its own.
        card: Says what it needs of a machine.
    """

    def __init__(self, load: Callable[[], Judge], *, card: JudgeCard) -> None:
        self._load = load
        self.resources: Mapping[str, float] = card.resources
        self._reset()

    def __call__(self, case: Case | None) -> Said:
        """What the judge says; None only asks who it is. Raises what loading raises, and InfrastructureError."""
        judge = self._ready()
        version, levelled = judge.identity, isinstance(judge, Levelled) and judge.levelled
        if case is None:
            return Said(version=version, levelled=levelled)
        if case.brought and isinstance(self._load, Remembering):
            self._load.remember(case.brought)
        failures: list[str] = []
        for _ in range(case.attempts):
            try:
                decision = judge.decide(case.heard)
                return Said(version=version, levelled=levelled, decision=decision, failures=tuple(failures))
            except JudgeFailure as error:
                failures.append(str(error))
        return Said(version=version, levelled=levelled, failures=tuple(failures))

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_judge")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._judge: Judge | None = None

    def _ready(self) -> Judge:
        with self._lock:
            if self._judge is None:
                self._judge = self._load()
            return self._judge
