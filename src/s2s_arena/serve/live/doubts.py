"""What a live board must say of the model judges on it, looked up again from time to time."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from s2s_arena.boards.reliability import model_warnings, shared_weights
from s2s_arena.protocols import Store
from s2s_arena.records.boards import JudgeReliability
from s2s_arena.records.identity import JudgeName, SystemName
from s2s_arena.records.systems import JudgeCard, SystemCard

Models = Mapping[str, str]  # name -> version
Warnings = Mapping[str, tuple[str, ...]]  # name -> what is to be said
LOOK_S = 60.0  # a judge validated meanwhile is believed after so long; reading all cards takes 0.1 s


def warnings_of(
    models: Models,
    *,
    store: Store,
    systems: Iterable[SystemName],
    judge_cards: Mapping[str, JudgeCard],
    system_cards: Mapping[str, SystemCard],
) -> Warnings:
    """What is to be said of each model judge, as `rank` and reports say it: its reliability, then its kin.

    Args:
        models: Judges on the board; a version may be empty, if no verdict told it.
        store: Where reliability records are.
        systems: Contestants.
        judge_cards: By name; a judge without one is warned of.
        system_cards: By name.
    """
    records = tuple(store.all(JudgeReliability))
    contestants = {str(name): system_cards[name] for name in systems if name in system_cards}
    found: dict[str, tuple[str, ...]] = {}
    for name, version in models.items():
        known = model_warnings(JudgeName(name), records=records, version=version or None, judges=judge_cards)
        card = judge_cards.get(name)
        kin = () if card is None else shared_weights(card, contestants, judges=judge_cards)
        found[name] = (*known, *kin)
    return found


class Doubts:
    """What is said of the models on one board, kept until a model or version comes, or some time has passed.

    Args:
        look: Looks it up.
    """

    def __init__(self, look: Callable[[Models], Awaitable[Warnings]]) -> None:
        self._look = look
        self._models: Models = {}
        self._looked = -1e9
        self.found: Warnings = {}

    async def renew(self, models: Models) -> bool:
        """Look again if it is time; whether anything else is to be said now."""
        if models == self._models and (not models or time.monotonic() - self._looked < LOOK_S):
            return False
        before, self.found = self.found, await self._look(models) if models else {}
        self._models, self._looked = models, time.monotonic()
        return self.found != before
