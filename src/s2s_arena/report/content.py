"""What a report says, as plain values, before anything is drawn or written."""

from collections.abc import Mapping
from dataclasses import dataclass

from s2s_arena.boards.agree import Agreement
from s2s_arena.boards.analysis import Analysis
from s2s_arena.boards.reliability_card import Card
from s2s_arena.records.boards import Board, Coverage, Slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A system's row on the systems page; figures are ready to print, a dash where there is none."""

    system: str
    title: str
    encoder: str
    backbone: str
    decoder: str
    licences: str
    verified: str
    asked: int
    answered: int
    failed: int
    flagged: int
    speech: str
    first_audio: str
    total_median: str
    total_p95: str
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One failed response."""

    system: str
    sample: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """What one system's answers took of one thing."""

    system: str
    quantity: str
    unit: str
    of: int  # answers that tell it
    p50: float
    p90: float
    p99: float
    sum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagTable:
    """How often each check did not pass, by system."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The whole report."""

    name: str
    study: str
    version: str
    suite_name: str
    suite_hash: str
    judge: str | None
    board: Board
    titles: Mapping[str, str]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    coverage: Mapping[str, Coverage]
    slices: tuple[Slices, ...]
    contestants: tuple[Contestant, ...]
    failures: tuple[FailureLine, ...]
    flags: FlagTable | None
    methods: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    analysis: Analysis
    ledger: tuple[LedgerLine, ...] = ()
    minutes: float = 0.0  # of answers in speech
    agreement: tuple[Agreement, ...] = ()
    reliability: tuple[Card, ...] = ()  # of the judges that were tried
