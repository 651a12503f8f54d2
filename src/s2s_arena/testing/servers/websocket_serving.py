"""Loopback servers on websockets: the handshake checks key and path, a session follows, faults may cut it off."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from s2s_arena.testing.servers.behaviour import WireFault
from s2s_arena.testing.servers.running import HOST, LoopbackServer
from s2s_arena.testing.servers.speaking import Dropped

LARGEST_MESSAGE = 64 * 1024 * 1024


class WebSocketServer(LoopbackServer):
    """A loopback server whose questions come over websockets.

    RATE_LIMITED and UNAUTHORISED are answered in the handshake and use up their number of the script there; what
    else the script says holds for the first question of the session, and later questions take new numbers.
    """

    scheme = "ws"

    async def listen(self) -> Server:
        server = await serve(
            self._session,
            HOST,
            self._port,
            process_request=self._handshake,
            max_size=LARGEST_MESSAGE,
            compression=None,
            ping_interval=None,
            close_timeout=0.2,
        )
        self._port = next(iter(server.sockets)).getsockname()[1]
        return server

    async def session(self, connection: ServerConnection) -> None:
        """Serve one connection; raising Dropped ends it at once."""
        raise NotImplementedError

    def admits(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether the handshake carries the key."""
        return self.key is None or headers.get("authorization") == f"Bearer {self.key}"

    def objection(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
        """What else is wrong with a handshake, if anything."""
        return None

    def handshake_error(self, status: int) -> object:
        """The JSON body of a refused handshake."""
        return {"error": {"message": HTTPStatus(status).phrase, "code": status}}

    def first_fault(self, connection: ServerConnection) -> tuple[int, WireFault | None]:
        """Number and fault of the session's first question, drawn in the handshake."""
        drawn: tuple[int, WireFault | None] = getattr(connection, "drawn")  # noqa: B009  set by the handshake
        return drawn

    def _handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        target = urlsplit(request.path)
        headers, query = handshake_of(request)
        if target.path != self.path:
            return self._no(404, f"path {target.path}")
        if not self.admits(headers, query):
            return self._no(401, "key")
        wrong = self.objection(headers, query)
        if wrong is not None:
            return self._no(400, wrong)
        number, fault = self.next_fault()
        if fault is WireFault.RATE_LIMITED:
            return self._no(429, "", {"Retry-After": self.behaviour.retry_after})
        if fault is WireFault.UNAUTHORISED:
            return self._no(401, "")
        setattr(connection, "drawn", (number, fault))  # noqa: B010  a connection has no place of its own for it
        return None

    def _no(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> Response:
        if why:
            self.refuse(f"handshake {status}: {why}")
        body = json.dumps(self.handshake_error(status)).encode()
        fields = Headers({"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})})
        fields["Connection"] = "close"
        return Response(status, HTTPStatus(status).phrase, fields, body)

    async def _session(self, connection: ServerConnection) -> None:
        try:
            await self.session(connection)
        except Dropped:
            connection.transport.abort()
        except (ConnectionClosed, asyncio.CancelledError):
            pass  # the client has gone, or the rehearsal is over


def handshake_of(request: Request) -> tuple[dict[str, str], dict[str, str]]:
    """Headers (names in lower case) and query of a handshake."""
    headers = {name.lower(): value for name, value in request.headers.raw_items()}
    return headers, dict(parse_qsl(urlsplit(request.path).query))
