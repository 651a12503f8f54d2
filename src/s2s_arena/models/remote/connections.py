"""HTTP connections to remote systems, kept from one request to the next."""

import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationValueError, ReadTimeoutError

from s2s_arena.models.remote.trust import trust

__all__ = ["BaseHTTPResponse", "Clients", "HTTPError", "LocationValueError", "ReadTimeoutError", "pieces"]

KEPT = 512
"""Most idle connections to one host: as many as there are requests in flight."""

PIECE_BYTES = 1 << 18


class Clients:
    """Connections by host, from any thread; through the environment's proxy where it names one.

    urllib3 with a connection for every request in flight: hundreds of them through httpx wait for one lock of its pool.
    """

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._by_host: dict[tuple[str, str], urllib3.PoolManager] = {}

    @contextmanager
    def posted(
        self, url: str, *, content: bytes, headers: Mapping[str, str], connect_s: float, wait_s: float
    ) -> Iterator[BaseHTTPResponse]:
        """POST; status and headers are read, the body is not. A connection whose reply was read to its end is kept.

        Args:
            url: Where to. Redirections are not followed: a key must not go where nobody sent it.
            content: The body.
            headers: Of the request.
            connect_s: How long connecting may take.
            wait_s: How long the next byte may take.

        Raises:
            ReadTimeoutError: Nothing came in time.
            LocationValueError: The URL is none.
            HTTPError: No connection, one that broke, or what came is not HTTP.
        """
        response = self._manager(url).request(
            "POST",
            url,
            body=content,
            headers={"Accept-Encoding": "identity", **headers},
            timeout=urllib3.Timeout(connect=connect_s, read=wait_s),
            preload_content=False,
            redirect=False,
            retries=False,
        )
        try:
            yield response
        finally:
            # Of a reply that was read to its end the connection is in the pool again, and nothing is left to close.
            response.close()

    def _manager(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        host = parts.scheme, parts.netloc
        known = self._by_host.get(host)
        if known is not None:
            return known
        # Looked for once for each host: reading the whole environment takes as long as sending the request.
        with self._making:
            if host not in self._by_host:
                proxy = urllib.request.getproxies().get(parts.scheme)
                if proxy and urllib.request.proxy_bypass(parts.hostname or ""):
                    proxy = None
                if proxy not in self._managers:
                    self._managers[proxy] = _made(proxy)
                self._by_host[host] = self._managers[proxy]
            return self._by_host[host]


def pieces(response: BaseHTTPResponse) -> Iterator[bytes]:
    """The body as it comes; unpacked where the other side packs what it was asked to send as it is.

    Raises:
        ReadTimeoutError: Nothing came in time.
        HTTPError: It ended before it was whole, or cannot be unpacked.
    """
    while piece := response.read1(PIECE_BYTES):
        yield piece


def _made(proxy: str | None) -> urllib3.PoolManager:
    if proxy is None:
        return urllib3.PoolManager(maxsize=KEPT, ssl_context=trust())
    address = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(address)
    login = None
    if parts.username is not None:
        login = urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return urllib3.ProxyManager(address, maxsize=KEPT, ssl_context=trust(), proxy_headers=login)
