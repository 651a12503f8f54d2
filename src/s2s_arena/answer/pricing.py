"""What answers cost by a system's card, and a purse that is shut before more is spent than was allowed."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from s2s_arena.errors import InputError
from s2s_arena.records.responses import Usage
from s2s_arena.records.systems import SystemCard

ASSUMED_ANSWER_S = 10.0  # of audio, for a system that has not answered here before
ASSUMED_TOKENS_A_SECOND = 32.0  # of audio: the most that vendors count


def price_of(usage: Usage, price: Mapping[str, float]) -> float | None:
    """US dollars, by what is known: as the system says, else by its card; None where neither tells.

    Args:
        usage: What an answer took.
        price: `Card.price`: usd per minute_in, minute_out, token_in, token_out, request.
    """
    if usage.cost_usd is not None:
        return usage.cost_usd
    if not price:
        return None
    amounts = {
        "minute_in": usage.audio_in_s and usage.audio_in_s / 60.0,
        "minute_out": usage.audio_out_s and usage.audio_out_s / 60.0,
        "token_in": usage.tokens_in,
        "token_out": usage.tokens_out,
        "request": 1,
    }
    return sum(each * (amounts.get(unit) or 0.0) for unit, each in price.items())


def expected_price(card: SystemCard, *, audio_in_s: float, answer_s: float = ASSUMED_ANSWER_S) -> float | None:
    """US dollars for an answer not given yet; 0 for a system that needs no key, None where the price is not known."""
    if not card.price:
        return None if card.needs.env or any(name.endswith("_env") for name in card.settings) else 0.0
    tokens_in, tokens_out = (round(seconds * ASSUMED_TOKENS_A_SECOND) for seconds in (audio_in_s, answer_s))
    usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out, audio_in_s=audio_in_s, audio_out_s=answer_s)
    return price_of(usage, card.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that one run may take; None for no limit."""

    usd: float | None = None
    minutes: float | None = None  # of wall-clock time until the last request starts

    def __post_init__(self) -> None:
        for name in ("usd", "minutes"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise InputError(f"budget {name}: {value:g} given; give 0 or more")


class Purse:
    """What a run has spent and set aside. Money is set aside before a request and settled after it; thread-safe.

    Args:
        budget: The most.
        clock: Seconds that never go back.
    """

    def __init__(self, budget: Budget, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()
        self._reserved = 0.0
        self.spent_usd = 0.0
        self.shut = ""  # why nothing further may start

    @property
    def limited(self) -> bool:
        """Whether money is."""
        return self._budget.usd is not None

    def check(self, card: SystemCard) -> None:
        """Raise InputError if money is limited and this system's price is not known."""
        if self._budget.usd is not None and expected_price(card, audio_in_s=0.0) is None:
            raise InputError(
                f"system {card.name}: its card has no [price], so no budget in money can be kept; add the price "
                "(usd per minute_in, minute_out, token_in, token_out), or give a budget in minutes"
            )

    def open(self, usd: float) -> bool:
        """Whether a request of about that price may start; if so the money is set aside, if not the purse is shut."""
        with self._lock:
            most_usd, most_minutes = self._budget.usd, self._budget.minutes
            if self.shut:
                return False
            if most_minutes is not None and self._clock() - self._began >= 60.0 * most_minutes:
                self.shut = f"the budget of {most_minutes:g} minutes is used up"
            elif most_usd is not None and self.spent_usd + self._reserved + usd > most_usd + 1e-12:
                self.shut = f"the budget of ${most_usd:g} would be passed (${self.spent_usd:.4f} spent)"
            else:
                self._reserved += usd
            return not self.shut

    def settle(self, reserved: float, spent: float) -> None:
        """What was set aside for one request, and what it cost in the end."""
        with self._lock:
            self._reserved -= reserved
            self.spent_usd += spent
