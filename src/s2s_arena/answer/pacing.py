"""How often a system may be asked: at most so many requests, sessions and tokens in any minute."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s_arena.errors import CardError

UNITS = ("requests", "sessions", "tokens")
WINDOW_S = 60.0
ASSUMED_TOKENS = 500.0  # of one answer, before any has told


@dataclass(slots=True)
class Pacer:
    """Says how long to wait before the next request. Times are seconds of any clock that never goes back.

    Every request counts as one session, which is what the realtime wires open for each answer. Tokens are known
    only afterwards: a request counts as the mean of those that have told, until it tells itself.

    Args:
        limits: `SystemCard.limits`: of `requests`, `sessions`, `tokens`, at most so many a minute; empty: no limit.

    Raises:
        CardError: An unknown unit, or a limit that lets nothing pass.
    """

    limits: Mapping[str, float]
    _starts: deque[float] = field(default_factory=deque)
    _tokens: deque[tuple[float, float]] = field(default_factory=deque)
    _told: int = 0
    _told_tokens: float = 0.0
    _running: int = 0

    def __post_init__(self) -> None:
        for unit, most in self.limits.items():
            if unit not in UNITS:
                raise CardError(f"limits.{unit}: not known; one of {', '.join(UNITS)}")
            if most < 1:
                raise CardError(f"limits.{unit}: {most:g} a minute lets nothing pass; give at least 1")

    def wait_s(self, now: float) -> float:
        """Seconds until a request may start; 0 if it may now."""
        waits = [0.0]
        calls = [int(self.limits[unit]) for unit in ("requests", "sessions") if unit in self.limits]
        if calls:
            _forget(self._starts, now)
            if len(self._starts) >= min(calls):
                waits.append(self._starts[len(self._starts) - min(calls)] + WINDOW_S - now)
        if "tokens" in self.limits:
            waits.append(self._tokens_wait_s(now))
        return max(waits)

    def start(self, now: float) -> None:
        """Note that a request starts."""
        self._starts.append(now)
        self._running += 1

    def end(self, now: float, *, tokens: int | None) -> None:
        """Note that a request ended, and what it took, if that is known."""
        self._running -= 1
        if tokens is not None:
            self._told += 1
            self._told_tokens += tokens
            self._tokens.append((now, float(tokens)))

    def _tokens_wait_s(self, now: float) -> float:
        while self._tokens and self._tokens[0][0] <= now - WINDOW_S:
            self._tokens.popleft()
        each = self._told_tokens / self._told if self._told else ASSUMED_TOKENS
        most = self.limits["tokens"]
        over = sum(n for _, n in self._tokens) + (self._running + 1) * each - most
        for ended, tokens in self._tokens:
            if over <= 0:
                break
            over -= tokens
            if over <= 0:
                return ended + WINDOW_S - now
        # What runs alone is let through: an answer larger than a minute's tokens could never be had otherwise.
        return 0.0 if over <= 0 or (not self._running and not self._tokens) else 1.0


def _forget(starts: deque[float], now: float) -> None:
    while starts and starts[0] <= now - WINDOW_S:
        starts.popleft()
