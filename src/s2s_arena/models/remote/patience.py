"""A voice that lives elsewhere is asked again where a fault may pass."""

from collections.abc import Callable
from typing import TypeVar

from s2s_arena.retries import Retries

T = TypeVar("T")

RETRIES = Retries()


def patiently(ask: Callable[[], T]) -> T:
    """What `ask` returns.

    Raises:
        InfrastructureError: The last one, after all attempts.
    """
    return RETRIES.run(ask)
