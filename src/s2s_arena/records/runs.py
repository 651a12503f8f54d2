"""Runs: which command worked with which versions, seeds and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.records.systems import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a stage."""

    id: str
    stage: str
    started: str  # ISO 8601 UTC
    seed: int
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Store key."""
        return self.id
