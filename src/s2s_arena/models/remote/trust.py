"""The certificates by which remote systems are believed to be who they say."""

import ssl
import threading
from functools import cache

_READING = threading.Lock()


def trust() -> ssl.SSLContext:
    """Certificates of this machine, read once: that takes longer than a request."""
    # A cache alone lets hundreds of threads that begin at once read them all, each for itself.
    with _READING:
        return _read()


@cache
def _read() -> ssl.SSLContext:
    return ssl.create_default_context()
