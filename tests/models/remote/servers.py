"""Minimal servers on the loopback: they say what they are told to say and keep what they were asked."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.sync.server import serve


@dataclass
class HttpReply:
    """One reply: status, headers, pieces of the body; `cut` drops the connection after them, before the stated end."""

    pieces: list[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold: threading.Event | None = None  # waited for before anything is said

    @classmethod
    def json(cls, value, **kwargs):
        kwargs.setdefault("headers", {})["Content-Type"] = "application/json"
        return cls([json.dumps(value).encode()], **kwargs)

    @classmethod
    def stream(cls, *events, done=True, **kwargs):
        lines = [f"data: {json.dumps(event)}\n\n".encode() for event in events]
        kwargs.setdefault("headers", {})["Content-Type"] = "text/event-stream"
        return cls([*lines, *([b"data: [DONE]\n\n"] if done else [])], **kwargs)


@dataclass
class HttpAsked:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def value(self):
        return json.loads(self.body)


@contextmanager
def http_server(*replies):
    """(address, list of what was asked): the replies one after the other, the last one for ever."""
    asked: list[HttpAsked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = replies[min(len(asked), len(replies) - 1)]
            asked.append(HttpAsked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if reply.hold is not None:
                reply.hold.wait(10)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(sum(map(len, reply.pieces)) + (100 if reply.cut else 0)))
            self.end_headers()
            for piece in reply.pieces:
                self.wfile.write(piece)
            if reply.cut:
                self.close_connection = True

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            pass  # the client went away, as some tests want it

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        for reply in replies:
            if reply.hold is not None:
                reply.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def socket_server(handler, **kwargs):
    """Address of a websocket server that hands each connection to `handler(socket)`."""
    server = serve(handler, "127.0.0.1", 0, **kwargs)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()
