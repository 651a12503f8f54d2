"""Which faults of the other side may pass (limits, network, server faults; no others) and how they are waited out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from s2s_arena.errors import InfrastructureError, RequestRejected

T = TypeVar("T")


def may_pass(error: BaseException) -> bool:
    """Whether the same question can fare better later."""
    return isinstance(error, InfrastructureError) and not isinstance(error, RequestRejected)


def backoff_s(attempts: int, *, first_s: float, longest_s: float) -> float:
    """Seconds to wait after so many attempts if the other side does not say: the first wait, doubled each time."""
    return min(longest_s, first_s * 2.0 ** (attempts - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """`attempts` in all, waiting 1, 2, 4 ... s, or as long as the other side asks; never over `longest_wait_s`."""

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
            retry=retry_if_exception(may_pass),
            stop=stop_after_attempt(self.attempts),
            wait=self._wait_s,
            sleep=self.sleep,
            reraise=True,
        )
        return again(ask)

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, InfrastructureError) else None
        if asked is not None:
            return min(self.longest_wait_s, asked)
        return backoff_s(state.attempt_number, first_s=self.first_wait_s, longest_s=self.longest_wait_s)
