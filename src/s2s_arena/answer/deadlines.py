"""Calls that must come back in time."""

import threading
from collections.abc import Callable
from typing import TypeVar

from s2s_arena.errors import TimedOut

T = TypeVar("T")


def call_within(work: Callable[[], T], seconds: float) -> T:
    """The result of `work`, or what it raised.

    Python cannot stop a call from outside: one that is late is left behind in a daemon thread, and its result is
    thrown away.

    Raises:
        TimedOut: It did not come back within `seconds`.
    """
    results: list[T] = []
    raised: list[BaseException] = []

    def serve() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  it is raised again in the caller's thread
            raised.append(error)

    thread = threading.Thread(target=serve, name="s2s-arena-answer", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not results:
        raise TimedOut(f"no answer within {seconds:g} s")
    return results[0]
