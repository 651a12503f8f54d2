"""A websocket to a remote system: messages within the deadline, refusals and closures as their own errors."""

import os
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from pydantic_core import to_json

from s2s_arena.errors import ArenaError, InfrastructureError, MissingError
from s2s_arena.models.remote.endpoint import Deadline, Endpoint
from s2s_arena.models.remote.exchange import json_object
from s2s_arena.models.remote.failures import COMMON_SIGNS, Meaning, Signs, failure, retry_after, told
from s2s_arena.models.remote.templates import Json
from s2s_arena.models.remote.trust import trust

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

LARGEST_BYTES = 64 * 1024 * 1024  # of one message: vendors send whole answers in one at times
_CLOSING_S = 2.0
_REJECTED = (1002, 1003, 1007, 1008, 1009, 1010)  # RFC 6455, 7.4.1: what we sent was not acceptable


class Socket:
    """An open websocket.

    Args:
        connection: Of websockets.
        endpoint: Whose it is.
        deadline: For the whole answer.
        signs: What the vendor's codes mean.
    """

    def __init__(
        self, connection: "ClientConnection", endpoint: Endpoint, *, deadline: Deadline, signs: Signs = COMMON_SIGNS
    ) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._deadline = deadline
        self._signs = signs

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the response to the handshake, names in lower case."""
        response = self._connection.response
        return {} if response is None else {name.lower(): value for name, value in response.headers.raw_items()}

    def send(self, message: Json | bytes) -> None:
        """One message: bytes as they are, anything else as JSON text.

        Raises:
            ArenaError: As `receive`.
        """
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415  optional dependency, extra `remote`

        self._deadline.left()
        try:
            # pydantic writes long strings four times as fast as json, and base64 is nothing else.
            self._connection.send(message if isinstance(message, bytes) else to_json(message).decode())
        except ConnectionClosed as error:
            raise self._closed(error) from error

    def receive(self, *, within_s: float | None = None) -> str | bytes | None:
        """The next message, or None if nothing came in `within_s`; without that, silence is TimedOut.

        Raises:
            TimedOut: Nothing came for as long as the endpoint's patience or the deadline allows.
            InfrastructureError: The connection broke or was closed; other errors by the reason given.
        """
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415  optional dependency, extra `remote`

        longest = self._deadline.wait()
        try:
            return self._connection.recv(timeout=longest if within_s is None else max(0.0, min(within_s, longest)))
        except TimeoutError:
            if within_s is not None and within_s < longest:
                return None
            raise self._deadline.stalled() from None
        except ConnectionClosed as error:
            raise self._closed(error) from error

    def receive_object(self) -> Mapping[str, object]:
        """The next message as a JSON object; InfrastructureError if it is none."""
        message = self.receive()
        return json_object(message if message is not None else b"", who=self._endpoint.name)

    def _closed(self, error: Exception) -> ArenaError:
        frame = getattr(error, "rcvd", None)
        who = self._endpoint.name
        if frame is None:
            return InfrastructureError(f"{who}: the connection broke in the middle of the answer")
        meaning = Meaning.REJECTED if frame.code in _REJECTED else Meaning.WAIT
        reason = self._endpoint.scrubbed(frame.reason) or "closed before the answer was whole"
        return failure(reason, who=who, code=f"closed {frame.code}", signs=self._signs, otherwise=meaning)


@contextmanager
def opened(
    endpoint: Endpoint,
    *,
    url: str,
    deadline: Deadline,
    signs: Signs = COMMON_SIGNS,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Socket]:
    """An open websocket, closed afterwards.

    Raises:
        MissingError: websockets or a key is not here.
        AccessError: The key or the address was refused.
        InfrastructureError: No connection, a limit, a fault of the server.
    """
    try:
        from websockets.exceptions import (  # noqa: PLC0415  optional dependency, extra `remote`
            InvalidHandshake,
            InvalidStatus,
            InvalidURI,
        )
        from websockets.sync.client import connect  # noqa: PLC0415  optional dependency, extra `remote`
    except ModuleNotFoundError as error:
        raise MissingError("package websockets is not installed; run pip install 's2s-arena[remote]'") from error

    who = endpoint.name
    try:
        connecting = connect(
            url,
            additional_headers={**(headers or {}), **endpoint.credentials()},
            open_timeout=min(endpoint.connect_s, deadline.left()),
            close_timeout=_CLOSING_S,
            compression=None,  # base64 of sound does not shrink enough to be worth the time
            max_size=LARGEST_BYTES,
            max_queue=None,
            ping_interval=None,  # our own patience watches over the connection, without one more thread for each
            ssl=trust() if url.startswith("wss:") else None,
        )
    except InvalidStatus as error:
        response = error.response
        code, message = told(bytes(response.body or b""))
        raise failure(
            endpoint.scrubbed(message),
            who=who,
            code=code,
            status=response.status_code,
            retry_after_s=retry_after(dict(response.headers.raw_items()), now_s=time.time()),
            signs=signs,
            otherwise=Meaning.REJECTED,
        ) from error
    except InvalidURI as error:
        raise MissingError(f"{who}: {endpoint.scrubbed(str(error))}; see settings.url") from error
    except (InvalidHandshake, OSError, EOFError) as error:
        message = endpoint.scrubbed(f"{who}: no connection: {type(error).__name__}: {error}")
        raise InfrastructureError(message) from error
    with connecting as connection:
        if os.name == "posix":
            # Without it, a server that stops reading would hold us in the middle of a send for ever.
            patience = struct.pack("@ll", int(endpoint.patience_s), int(endpoint.patience_s % 1 * 1e6))
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        yield Socket(connection, endpoint, deadline=deadline, signs=signs)


def with_query(url: str, query: Mapping[str, str]) -> str:
    """The URL with parameters added that it does not have yet."""
    there = {part.partition("=")[0] for part in urlsplit(url).query.split("&") if part}
    added = urlencode({key: value for key, value in query.items() if key not in there})
    if not added:
        return url
    return f"{url}{'&' if there else '?'}{added}"
