"""A small HTTP/1.1 server on asyncio streams: enough for one POST at a time on kept connections, and for faults."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from s2s_arena.testing.servers.running import HOST, LoopbackServer
from s2s_arena.testing.servers.speaking import Dropped

LARGEST_BODY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class HttpReply:
    """Writes one response: whole, or begun, sent in chunks and ended."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def whole(
        self, status: int, body: bytes, *, kind: str = "application/json", headers: Mapping[str, str] | None = None
    ) -> None:
        """Status, headers and body at once."""
        self._head(status, {"content-type": kind, "content-length": str(len(body)), **(headers or {})})
        self._writer.write(body)
        await self._writer.drain()

    async def json(self, status: int, body: object, *, headers: Mapping[str, str] | None = None) -> None:
        """A JSON body."""
        await self.whole(status, json.dumps(body, ensure_ascii=False).encode(), headers=headers)

    async def broken_off(self, body: bytes, *, kind: str = "application/json") -> None:
        """A response that promises the whole body and ends after half of it."""
        self._head(200, {"content-type": kind, "content-length": str(len(body))})
        self._writer.write(body[: len(body) // 2])
        await self._writer.drain()

    def begin(self, *, kind: str) -> None:
        """Start a streamed response."""
        self._head(200, {"content-type": kind, "transfer-encoding": "chunked"})

    async def send(self, part: bytes) -> None:
        """One chunk."""
        if part:
            self._writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await self._writer.drain()

    async def end(self) -> None:
        """The last chunk."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


class HttpServer(LoopbackServer):
    """A loopback server whose questions are POSTs."""

    async def listen(self) -> asyncio.AbstractServer:
        server = await asyncio.start_server(self._connection, HOST, self._port, limit=1 << 20, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def respond(self, request: HttpRequest, reply: HttpReply) -> None:
        """Answer one request; raising Dropped ends the connection at once."""
        raise NotImplementedError

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                await self.respond(request, HttpReply(writer))
        except Dropped:
            writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the rehearsal is over
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> HttpRequest | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
    }
    size = int(headers.get("content-length", "0"))
    if size > LARGEST_BODY or "transfer-encoding" in headers:
        raise ConnectionError("a body that is too large or of unknown length")
    body = await reader.readexactly(size) if size else b""
    split = urlsplit(target)
    return HttpRequest(method=method, path=split.path, query=dict(parse_qsl(split.query)), headers=headers, body=body)
