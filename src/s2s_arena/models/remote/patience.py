"""A part of ours that lives elsewhere is asked again where a fault may pass: limits, network, a server's own."""

import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from s2s_arena.errors import InfrastructureError, RequestRejected

T = TypeVar("T")

ATTEMPTS = 4
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0


def patiently(ask: Callable[[], T], *, attempts: int = ATTEMPTS, sleep: Callable[[float], None] = time.sleep) -> T:
    """What `ask` returns, waiting 1, 2, 4 ... s between attempts, or as long as the other side says.

    Raises:
        InfrastructureError: The last one, after all attempts.
    """
    again = Retrying(
        retry=retry_if_exception(_passing),
        stop=stop_after_attempt(attempts),
        wait=_wait_s,
        sleep=sleep,
        reraise=True,
    )
    return again(ask)


def _passing(error: BaseException) -> bool:
    return isinstance(error, InfrastructureError) and not isinstance(error, RequestRejected)


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, InfrastructureError) else None
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1) if asked is None else asked)
