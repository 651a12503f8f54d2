"""The HTTP server that the application runs in."""

import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

SWITCH_S = 0.0005  # a thread that comes back from the disk waits at most so long for the interpreter


def config(app: ASGIApp, *, host: str, port: int, proxy: str | None = None, **more: Any) -> uvicorn.Config:
    """How the application is served; with uvloop and httptools where they are installed.

    Args:
        app: The application.
        host: Address to listen on.
        port: Its port.
        proxy: Addresses whose X-Forwarded headers are believed, such as that of nginx.
        more: Further settings of uvicorn.
    """
    settings: dict[str, Any] = {
        "log_level": "warning",
        "access_log": False,  # addresses hold tokens
        "server_header": False,
        "timeout_keep_alive": 75,
        "proxy_headers": proxy is not None,
        "forwarded_allow_ips": proxy,
    }
    return uvicorn.Config(app, host=host, port=port, **(settings | more))


def run(app: ASGIApp, *, host: str, port: int, proxy: str | None = None) -> None:
    """Serve until stopped; arguments as in `config`."""
    sys.setswitchinterval(SWITCH_S)
    uvicorn.Server(config(app, host=host, port=port, proxy=proxy)).run()
