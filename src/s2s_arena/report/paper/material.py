"""All that the paper version of a study is made of, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from s2s_arena.boards.agree import Agreement
from s2s_arena.boards.analysis import Analysis
from s2s_arena.records.boards import Board, Slices
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import JudgeCard, SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What people said of the study, apart from models.

    Attributes:
        names: Who they are.
        board: The board of their votes alone.
        by_domain: The same per domain; None where samples have no domain.
        against: Every other judge's agreement with them.
    """

    names: tuple[str, ...]
    board: Board
    by_domain: Slices | None
    against: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One study.

    Attributes:
        study: Its rules, sampling and seed.
        suite: Its samples.
        board: All judges' board, or the chosen judge's.
        analysis: What the board can bear.
        slices: By attribute.
        people: What people said; None where no judge is a person.
        votes: Standing votes by judge.
        systems: Cards by name.
        judges: Cards by name.
        version: Of this program.
        minutes: Of answers in speech.
        failures: Failed answers.
    """

    study: Study
    suite: Suite
    board: Board
    analysis: Analysis
    slices: Mapping[str, Slices]
    people: People | None
    votes: Mapping[str, int]
    systems: Mapping[str, SystemCard]
    judges: Mapping[str, JudgeCard]
    version: str
    minutes: float
    failures: int
