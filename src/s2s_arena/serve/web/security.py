"""What every request passes, a limit on its size and rate; and headers of every answer that forbid the rest."""

import functools
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
MOST_RECORDED = 24 * 1024 * 1024  # two minutes of stereo at 48 kHz
RECORDINGS = "/api/job/recording/"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # links carry tokens; without any referrer forms would have the origin "null"
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
}


class Buckets:
    """A token bucket for each key; the longest unused are forgotten.

    Args:
        rate: Requests a second in the long run.
        burst: At once.
        clock: Seconds.
        most: Keys remembered.
    """

    def __init__(self, *, rate: float, burst: float, clock: Callable[[], float], most: int = 20_000) -> None:
        self._rate, self._burst, self._clock, self._most = rate, burst, clock, most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether this key may go on now."""
        now = self._clock()
        left, then = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        allowed = left >= 1.0
        self._left[key] = (left - 1.0 if allowed else left, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return allowed


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """An error in the shape that all have."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


@functools.cache
def _headers(*, static: bool, tls: bool) -> list[tuple[bytes, bytes]]:
    found = HEADERS | {"cache-control": "public, max-age=3600" if static else "no-store"}
    if tls:
        found["strict-transport-security"] = "max-age=31536000"
    return [(name.encode(), value.encode()) for name, value in found.items()]


_OURS = frozenset(name for name, _ in _headers(static=False, tls=True))


class Guard:
    """ASGI middleware: refuses bodies that are too large, adds the headers; nothing but static files may be kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = _headers(static=scope["path"].startswith("/static/"), tls=scope.get("scheme") == "https")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _OURS]
                message["headers"] = kept + added
            await send(message)

        most = MOST_RECORDED if scope["path"].startswith(RECORDINGS) else MOST_BYTES
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > most:
            await refusal(413, "too_large", f"body: at most {most} bytes are read")(scope, receive, guarded)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:  # a body that is longer than it says, or says nothing
                raise TooLarge()
            return message

        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await guarded(message)

        try:
            await self._app(scope, counted, watched)
        except TooLarge:
            if not started:
                refused = refusal(413, "too_large", f"body: at most {most} bytes are read")
                await refused(scope, receive, guarded)


class TooLarge(HTTPException):
    """A body went on beyond the limit."""

    def __init__(self) -> None:
        super().__init__(413)
