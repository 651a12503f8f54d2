"""A task: a match in front of a person."""

from dataclasses import dataclass

from s2s_arena.records.matches import Match
from s2s_arena.records.samples import Sample
from s2s_arena.records.scores import Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A match in front of a person. `new` is to be stored before anything of it is shown."""

    assignment: Assignment
    match: Match
    sample: Sample
    new: bool = False
