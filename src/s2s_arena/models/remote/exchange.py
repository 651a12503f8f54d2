"""HTTP with a remote system: one request, its reply whole or event by event, every fault with its own error."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from s2s_arena.errors import InfrastructureError, MissingError
from s2s_arena.models.remote.connections import (
    BaseHTTPResponse,
    Clients,
    HTTPError,
    LocationValueError,
    ReadTimeoutError,
    pieces,
)
from s2s_arena.models.remote.endpoint import Deadline, Endpoint
from s2s_arena.models.remote.failures import COMMON_SIGNS, Meaning, Signs, failure, retry_after, told

__all__ = ["Clients", "Reply", "json_object", "posted"]

LARGEST_BYTES = 256 * 1024 * 1024  # half an hour of 24 kHz float speech in base64 is 230 MB


class Reply:
    """A reply that has begun: its status was good.

    Args:
        response: Of which nothing but the headers has been read.
        deadline: For the whole answer.
        who: Is named in messages.
    """

    def __init__(self, response: BaseHTTPResponse, deadline: Deadline, *, who: str) -> None:
        self._response = response
        self._deadline = deadline
        self._who = who
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self.finished = False  # whether the stream said so itself

    def content(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes; InfrastructureError if it is larger than any answer."""
        size = 0
        for piece in pieces(self._response):
            self._deadline.left()
            size += len(piece)
            if size > LARGEST_BYTES:
                raise InfrastructureError(f"{self._who}: more than {LARGEST_BYTES} bytes in one answer")
            yield piece

    def value(self) -> Mapping[str, object]:
        """The body as a JSON object; InfrastructureError if it is none."""
        return json_object(self.content(), who=self._who)

    def events(self) -> Iterator[Mapping[str, object]]:
        """Server-sent events as JSON objects, up to `[DONE]` or the end of the stream."""
        data: list[str] = []
        for line in self._lines():
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                text = "\n".join(data)
                data = []
                if text.strip() == "[DONE]":
                    self.finished = True
                elif not self.finished:
                    yield json_object(text, who=self._who)
            # The stream is read to its end even after `[DONE]`: only then can the connection be used again.
        if "\n".join(data).strip() == "[DONE]":
            self.finished = True
        elif data:
            raise InfrastructureError(f"{self._who}: the stream broke off inside an event")

    def _lines(self) -> Iterator[str]:
        # Base64 events are long lines, and str.splitlines would also cut at characters that JSON may hold raw.
        rest = b""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r").decode("utf-8", "replace")
        if rest:
            yield rest.removesuffix(b"\r").decode("utf-8", "replace")


@contextmanager
def posted(
    clients: Clients,
    endpoint: Endpoint,
    *,
    url: str,
    content: bytes,
    content_type: str,
    deadline: Deadline,
    signs: Signs = COMMON_SIGNS,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Reply]:
    """POST and the reply that begins; nothing of it is read yet.

    Raises:
        TimedOut: It did not answer in its time.
        InfrastructureError: No connection, a connection that broke, a limit, a fault of the server.
        AccessError: The key, the quota or the name of the model was refused.
        Refused: It declined.
        MissingError: The key is not here, or the address is none.
    """
    wait_s = min(endpoint.patience_s, deadline.wait())
    sent = {"Content-Type": content_type, **(headers or {}), **endpoint.credentials()}
    try:
        with clients.posted(
            url, content=content, headers=sent, connect_s=endpoint.connect_s, wait_s=wait_s
        ) as response:
            if response.status >= 300:
                code, message = told(response.read(20_000))
                raise failure(
                    endpoint.scrubbed(message),
                    who=endpoint.name,
                    code=code,
                    status=response.status,
                    retry_after_s=retry_after(dict(response.headers), now_s=time.time()),
                    signs=signs,
                    otherwise=Meaning.REJECTED,
                )
            yield Reply(response, deadline, who=endpoint.name)
    except ReadTimeoutError as error:
        raise deadline.stalled() from error
    except (LocationValueError, UnicodeError) as error:
        raise MissingError(f"{endpoint.name}: {endpoint.scrubbed(str(error))}; see settings.url") from error
    except (HTTPError, OSError) as error:
        message = endpoint.scrubbed(f"{endpoint.name}: {type(error).__name__}: {error or 'the connection broke'}")
        raise InfrastructureError(message) from error


def json_object(text: bytes | str, *, who: str) -> Mapping[str, object]:
    """A JSON object; InfrastructureError for anything else: something on the way broke it."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InfrastructureError(f"{who}: what came is not JSON: {str(text[:60])!r}") from error
    if not isinstance(value, Mapping):
        raise InfrastructureError(f"{who}: a JSON object needed, {type(value).__name__} came")
    return value
