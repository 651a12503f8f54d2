"""The HTTP server that the application runs in: one process, or several on one port."""

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from s2s_arena.errors import ArenaError, WorkspaceError

SWITCH_S = 0.0005  # a thread that comes back from the disk waits at most so long for the interpreter
FULL_S = 600.0  # between looks for garbage among everything there is
LOOK_S = 0.5
MOST_ENDS = 5
REST_S = 5.0  # processes that end this soon after another will go on ending
STOP_S = 20.0


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


def run(app: ASGIApp, *, host: str, port: int, proxy: str | None = None, beside: bool = False) -> None:
    """Serve until stopped; arguments as in `config`.

    Args:
        app: As the following.
        host: As there.
        port: As there.
        proxy: As there.
        beside: Other processes of ours listen on the same port; connections are spread over all.
    """
    sys.setswitchinterval(SWITCH_S)
    spare_pauses()
    sockets = [listening(host, port)] if beside else None
    uvicorn.Server(config(app, host=host, port=port, proxy=proxy)).run(sockets=sockets)


def spare_pauses() -> None:
    """Look for garbage among everything only now and then, and otherwise among what is new.

    A hall holds every vote there is: with ten thousand of them a look at all takes a tenth of a second, in which nobody
    is answered, and growing memory makes Python look again and again for what is never there.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 1_000_000)

    def look() -> None:
        while True:
            time.sleep(FULL_S)
            gc.collect()

    threading.Thread(target=look, name="full-collection", daemon=True).start()


def listening(host: str, port: int) -> socket.socket:
    """A socket on a port that others may listen on too: the kernel gives each of them its share of connections.

    Raises:
        WorkspaceError: The address cannot be had, or the system does not share ports.
    """
    if not hasattr(socket, "SO_REUSEPORT"):
        raise WorkspaceError("--processes: this system does not let processes share a port; serve with one")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind(address)
    except OSError as error:
        raise WorkspaceError(
            f"http://{host}:{port}: cannot be served ({error.strerror}); name another --port"
        ) from error
    opened.set_inheritable(True)
    return opened


def free(host: str, port: int) -> None:
    """See that nobody listens on a port: whoever shares it would not notice.

    Raises:
        WorkspaceError: Somebody does.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise WorkspaceError(
            f"http://{host}:{port}: cannot be served ({error.strerror}); name another --port"
        ) from error


def keep_up(target: Callable[..., None], arguments: tuple[object, ...], *, processes: int) -> None:
    """Run so many processes until stopped; one that ends is started again.

    Args:
        target: What each of them does; importable.
        arguments: Its arguments.
        processes: How many.

    Raises:
        WorkspaceError: They end again and again.
    """
    context = multiprocessing.get_context("spawn")
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    def started() -> multiprocessing.process.BaseProcess:
        process = context.Process(target=_until_parent_ends, args=(target, arguments), daemon=True)
        process.start()
        return process

    before = {sign: signal.signal(sign, stop) for sign in (signal.SIGINT, signal.SIGTERM)}
    running: list[multiprocessing.process.BaseProcess] = []
    ends: list[float] = []
    try:
        running = [started() for _ in range(processes)]
        while not stopped:
            multiprocessing.connection.wait([process.sentinel for process in running], timeout=LOOK_S)
            for n, process in enumerate(running):
                if stopped or process.is_alive():
                    continue
                ends = [*ends[1 - MOST_ENDS :], time.monotonic()]
                if len(ends) == MOST_ENDS and ends[-1] - ends[0] < MOST_ENDS * processes * REST_S:
                    raise WorkspaceError(f"{MOST_ENDS} server processes ended one after the other; see what they said")
                print(f"server process {process.pid} ended ({process.exitcode}); starting another", file=sys.stderr)
                running[n] = started()
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join(STOP_S)
            process.kill()
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _until_parent_ends(target: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """Work until it is done or the process that watches is gone: an orphan would keep the port."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    try:
        target(*arguments)
    except KeyboardInterrupt:
        return
    except ArenaError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
