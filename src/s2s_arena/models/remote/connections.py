"""HTTP connections to one remote system: each carries one request at a time and is kept for the next."""

import http.client
import queue
import selectors
import ssl
import time
import urllib.request
import weakref
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from urllib.parse import SplitResult, unquote, urlsplit

KEPT_S = 30.0  # servers close what is idle for longer, some of them without a word
PIECE_BYTES = 1 << 18


class Connection:
    """One connection, by way of the environment's proxy if it names one.

    Args:
        url: Scheme, host and port count.
        connect_s: How long connecting may take.
    """

    def __init__(self, url: SplitResult, *, connect_s: float) -> None:
        proxy = _proxy(url)
        made = _made(proxy or url, secure=url.scheme == "https", connect_s=connect_s)
        self._through = proxy is not None and url.scheme == "http"
        self._leave = _proxy_login(proxy) if proxy is not None else {}
        if proxy is not None and url.scheme == "https":
            made.set_tunnel(url.hostname or "", url.port or 443, headers=self._leave)
        self._connection = made
        self._response: http.client.HTTPResponse | None = None
        self._used = time.monotonic()

    def ask(self, url: str, *, content: bytes, headers: Mapping[str, str], wait_s: float) -> http.client.HTTPResponse:
        """POST; the response's status and headers are read, its body is not.

        Args:
            url: Where to.
            content: The body.
            headers: Of the request.
            wait_s: How long the next byte may take, sent or received.

        Raises:
            OSError: No connection, or one that broke; TimeoutError when nothing came in time.
            http.client.HTTPException: What came is not HTTP, or the URL is not one.
        """
        connection = self._connection
        self._connect(url)
        connection.sock.settimeout(wait_s)
        parts = urlsplit(url)
        target = url if self._through else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Accept-Encoding": "identity", **(self._leave if self._through else {}), **headers}
        try:
            connection.request("POST", target, body=content, headers=sent)
        except TimeoutError as error:
            raise ConnectionError("it stopped taking the request") from error
        except UnicodeError as error:
            raise http.client.InvalidURL(f"{url}: {error}") from error
        self._response = connection.getresponse()
        return self._response

    def _connect(self, url: str) -> None:
        if self._connection.sock is not None:
            return
        try:
            self._connection.connect()
        except TimeoutError as error:
            raise ConnectionError("connecting took too long") from error
        except UnicodeError as error:
            raise http.client.InvalidURL(f"{url}: {error}") from error

    @property
    def usable(self) -> bool:
        """Whether it can carry another request: used lately, read to the end, and the other side has not closed it."""
        sock = self._connection.sock
        if sock is None or time.monotonic() - self._used > KEPT_S:
            return False
        if self._response is not None and not self._response.isclosed():
            return False
        # Something to read before anything was asked is the end of the connection.
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            return not selector.select(0)

    def rest(self) -> None:
        """Note that it has nothing to do from now on."""
        self._used = time.monotonic()

    def close(self) -> None:
        """Close it."""
        self._connection.close()


class Clients:
    """Connections that are kept from one request to the next.

    There is no pool with a lock that hundreds of requests would wait for, and no layer above `http.client`: a
    request through httpx takes two milliseconds of the processor, which at a hundred a second is a fifth of one.
    """

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[tuple[str, Connection]] = queue.LifoQueue()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def borrowed(self, url: str, *, connect_s: float) -> Iterator[Connection]:
        """A connection to that host for one request. One whose request failed is closed, not kept."""
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        try:
            connection = self._found(host) or Connection(parts, connect_s=connect_s)
        except ValueError as error:  # a port that is no number
            raise http.client.InvalidURL(f"{url}: {error}") from error
        kept = False
        try:
            yield connection
            kept = True
        finally:
            if kept:
                connection.rest()
                self._idle.put((host, connection))
            else:
                connection.close()

    def _found(self, host: str) -> Connection | None:
        while True:
            try:
                there, connection = self._idle.get_nowait()
            except queue.Empty:
                return None
            if there == host and connection.usable:
                return connection
            connection.close()


def pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes; unpacked where the other side packs what it was asked to send as it is.

    Raises:
        http.client.HTTPException: It ended before it was whole, or cannot be unpacked.
        OSError: As `Connection.ask`.
    """
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity":
        yield from _raw_pieces(response)
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise http.client.HTTPException(f"the body is coded as {coding}, which was not asked for")
    unpacking = zlib.decompressobj(wbits=47)  # the header says whether it is gzip or zlib
    try:
        for piece in _raw_pieces(response):
            if plain := unpacking.decompress(piece):
                yield plain
        yield unpacking.flush()
    except zlib.error as error:
        raise http.client.HTTPException(f"the body cannot be unpacked ({error})") from error


def _raw_pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    left = response.length  # None where the body is chunked, or ends with the connection
    while left is None or left > 0:
        piece = response.read1(PIECE_BYTES if left is None else min(left, PIECE_BYTES))
        if not piece and left is not None:
            raise http.client.IncompleteRead(b"", left)
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece
    response.close()


@cache
def trust() -> ssl.SSLContext:
    """Certificates of this machine; reading them takes longer than a request."""
    return ssl.create_default_context()


def _made(url: SplitResult, *, secure: bool, connect_s: float) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if secure:
        return http.client.HTTPSConnection(host, url.port, timeout=connect_s, context=trust())
    return http.client.HTTPConnection(host, url.port, timeout=connect_s)


def _proxy(url: SplitResult) -> SplitResult | None:
    given = urllib.request.getproxies().get(url.scheme)
    if not given or urllib.request.proxy_bypass(url.hostname or ""):
        return None
    return urlsplit(given if "://" in given else f"http://{given}")


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    who = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(who.encode()).decode('ascii')}"}


def _close_all(idle: "queue.LifoQueue[tuple[str, Connection]]") -> None:
    while not idle.empty():
        idle.get_nowait()[1].close()
