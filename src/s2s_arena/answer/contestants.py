"""Who answers: a system's card, and how to load what runs it."""

from collections.abc import Callable
from dataclasses import dataclass

from s2s_arena.protocols import Conversant
from s2s_arena.records.systems import SystemCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A system in the arena. `load` is called at most once a run, and only if there is something to answer."""

    card: SystemCard
    load: Callable[[], Conversant]
    third_party: bool = False  # what it hears leaves this machine: only with the speaker's consent
