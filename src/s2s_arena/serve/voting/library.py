"""What a hall is about: where studies, suites, takes and cards come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from s2s_arena.records.responses import Take
from s2s_arena.records.samples import Suite
from s2s_arena.records.studies import Sampling, Study
from s2s_arena.records.systems import JudgeCard, SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Where studies, suites, takes and cards come from, and how the workspace draws."""

    study: Callable[[str], Study]
    suite: Callable[[Study], Suite]
    takes: Callable[[Suite], Sequence[Take]]
    suites: Callable[[], Sequence[Suite]]
    judge_cards: Callable[[], Mapping[str, JudgeCard]] = dict
    system_cards: Callable[[], Mapping[str, SystemCard]] = dict
    sampling: Sampling = field(default_factory=Sampling)  # of studies that do not say otherwise
    seed: int = 0
