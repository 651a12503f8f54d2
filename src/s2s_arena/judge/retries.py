"""How a judge waits for a vendor: network faults, limits and server faults are asked again, nothing else is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from s2s_arena.errors import InfrastructureError, RequestRejected

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """`attempts` in all, waiting 1, 2, 4 ... s, or as long as the other side asks."""

    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def run(self, ask: Callable[[], T]) -> T:
        """What `ask` returns.

        Raises:
            InfrastructureError: The last one, after all attempts.
        """
        again = Retrying(
            retry=retry_if_exception(_passing),
            stop=stop_after_attempt(self.attempts),
            wait=self._wait_s,
            sleep=self.sleep,
            reraise=True,
        )
        return again(ask)

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, InfrastructureError) else None
        backoff = self.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return min(self.longest_wait_s, backoff if asked is None else asked)


def _passing(error: BaseException) -> bool:
    return isinstance(error, InfrastructureError) and not isinstance(error, RequestRejected)
