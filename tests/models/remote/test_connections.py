"""HTTP connections are used again where they can be, and never where they cannot."""

import gzip
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from urllib3.exceptions import LocationValueError, ProtocolError

from s2s_arena.models.remote.connections import Clients, pieces
from s2s_arena.models.remote.trust import _read, trust

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"


@contextmanager
def answering(*replies, close_after=99, closed=None):
    """A server that gives these bytes, one for each request, and what it was sent, by connection.

    `closed` is an event that is set once a connection has been closed.
    """
    heard: list[list[bytes]] = []
    listener = socket.create_server(("127.0.0.1", 0))
    left = list(replies)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            mine: list[bytes] = []
            heard.append(mine)
            with connection:
                while left and len(mine) < close_after:
                    data = b""
                    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < 2:
                        if not (more := connection.recv(65536)):
                            break
                        data += more
                    if not data:
                        break
                    mine.append(data)
                    connection.sendall(left.pop(0))
            if closed is not None:
                closed.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1?a=b", heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def ask(clients, url, *, read=True):
    with clients.posted(url, content=b"hi", headers={"X-Mine": "1"}, connect_s=5, wait_s=5) as response:
        return b"".join(pieces(response)) if read else None


@pytest.mark.parametrize("reply", [WHOLE, CHUNKED])
def test_a_connection_is_used_again_once_its_reply_is_read(reply):
    clients = Clients()
    with answering(reply, reply) as (url, heard):
        assert [ask(clients, url), ask(clients, url)] == [b"hello", b"hello"]
        del clients
    assert [len(requests) for requests in heard] == [2]
    assert heard[0][0].startswith(b"POST /v1?a=b HTTP/1.1\r\n") and b"X-Mine: 1" in heard[0][0]


def test_a_connection_with_an_unread_reply_is_not_used_again():
    clients = Clients()
    with answering(WHOLE, WHOLE) as (url, heard):
        ask(clients, url, read=False)
        assert ask(clients, url) == b"hello"
        del clients
    assert [len(requests) for requests in heard] == [1, 1]


def test_a_connection_that_the_other_side_has_closed_is_not_used_again():
    clients, closed = Clients(), threading.Event()
    with answering(WHOLE, WHOLE, close_after=1, closed=closed) as (url, heard):
        assert ask(clients, url) == b"hello"
        assert closed.wait(5)
        assert ask(clients, url) == b"hello"
        del clients
    assert [len(requests) for requests in heard] == [1, 1]


@pytest.mark.parametrize(
    "reply", [WHOLE[:-2], CHUNKED[:-9], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"]
)
def test_half_a_reply_is_an_error(reply):
    with answering(reply, close_after=1) as (url, _), pytest.raises(ProtocolError):
        ask(Clients(), url)


def test_the_proxy_of_the_environment_is_used(monkeypatch):
    with answering(WHOLE) as (proxy, heard):
        address = urlsplit(proxy).netloc
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", f"http://me:secret%21@{address}")
        assert ask(Clients(), "http://nowhere.invalid/v1") == b"hello"
    assert heard[0][0].startswith(b"POST http://nowhere.invalid/v1 HTTP/1.1\r\n")
    assert b"proxy-authorization: basic bwu6c2vjcmv0iq==" in heard[0][0].lower()


def test_the_proxy_is_looked_for_once_for_each_host(monkeypatch):
    asked = []
    monkeypatch.setattr("urllib.request.getproxies", lambda: asked.append(1) or {})
    clients = Clients()
    for _ in range(3):
        with answering(WHOLE, WHOLE) as (url, _):
            assert (ask(clients, url), ask(clients, url)) == (b"hello", b"hello")
    assert len(asked) == 3


def test_many_threads_that_begin_at_once_read_the_certificates_once(monkeypatch):
    read, at_once = [], threading.Barrier(8)
    monkeypatch.setattr("ssl.create_default_context", lambda: read.append(1) or at_once)
    _read.cache_clear()

    def begin():
        at_once.wait(10)
        trust()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    _read.cache_clear()
    assert read == [1]


def test_an_address_that_is_none_is_told_as_such():
    for url in ("http://localhost:port/", "http://a..b/"):
        with pytest.raises((LocationValueError, UnicodeError)):
            ask(Clients(), url)


def test_a_body_is_unpacked_though_nobody_asked_for_it_packed():
    packed = gzip.compress(b"hello")
    reply = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
    with answering(reply) as (url, heard):
        assert ask(Clients(), url) == b"hello"
    assert b"Accept-Encoding: identity" in heard[0][0]
