"""Signed tokens: personal links, sessions and form keys, each under its own key; none can be guessed or altered."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from s2s_arena.errors import WorkspaceError
from s2s_arena.serve.people.person import Person

SECRET_BYTES = 32
SESSION_S = 30 * 24 * 3600.0


def load_secret(path: Path) -> bytes:
    """The server's secret; made with the rights of its owner alone where there is none.

    Raises:
        WorkspaceError: It cannot be read or written, or is too short to be one.
    """
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            secret = path.read_bytes()
        else:
            secret = secrets.token_bytes(SECRET_BYTES)
            with os.fdopen(handle, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise WorkspaceError(
            f"{path}: the server's secret cannot be kept ({error.strerror}); check the folder"
        ) from error
    if len(secret) < SECRET_BYTES:
        raise WorkspaceError(
            f"{path}: {len(secret)} bytes, {SECRET_BYTES} are needed; remove it: all links then change"
        )
    return secret


def new_id() -> str:
    """An id for a person: 12 hex digits, not to be guessed from another."""
    return secrets.token_hex(6)


class Signer:
    """Makes and reads tokens.

    Args:
        secret: At least 32 bytes that never leave the server.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def link(self, person: Person) -> str:
        """The token of a personal link."""
        return self._signed("link", f"{person.id}.{person.link}")

    def link_holder(self, token: str) -> tuple[str, int] | None:
        """Person's id and link number; None for a token that is not ours."""
        return _numbered(self._read("link", token))

    def session(self, person: Person, *, now: float) -> str:
        """The value of a session cookie."""
        return self._signed("session", f"{person.id}.{person.link}.{int(now)}")

    def session_holder(self, token: str, *, now: float) -> tuple[str, int] | None:
        """Person's id and link number; None if it is not ours or is older than 30 days."""
        said = self._read("session", token)
        head, _, began = (said or "").rpartition(".")
        if not began.isdecimal() or not 0 <= now - int(began) + 60 < SESSION_S:
            return None
        return _numbered(head)

    def form_key(self, session: str) -> str:
        """What a form or script must send with every change: bound to the session cookie."""
        return self._mac("form", session)

    def form_key_fits(self, session: str, given: str) -> bool:
        """Whether a form key belongs to the session."""
        return hmac.compare_digest(self.form_key(session).encode(), given.encode())

    def code(self, *parts: str) -> str:
        """A short code that can be checked later, such as for completion: 10 letters and digits."""
        return self._mac("code", "/".join(parts))[:10].upper().replace("-", "7").replace("_", "8")

    def completion_code(self, person: Person) -> str:
        """What a person hands in to be paid."""
        return self.code("done", person.study or person.job, person.id)

    def subkey(self, label: str) -> bytes:
        """Another secret derived from this one: 32 bytes."""
        return hmac.new(self._secret, f"subkey/{label}".encode(), hashlib.sha256).digest()

    def _signed(self, purpose: str, said: str) -> str:
        return f"{said}.{self._mac(purpose, said)}"

    def _read(self, purpose: str, token: str) -> str | None:
        said, _, mac = token.rpartition(".")
        fits = len(token) < 200 and hmac.compare_digest(self._mac(purpose, said).encode(), mac.encode())
        return said if fits else None

    def _mac(self, purpose: str, said: str) -> str:
        digest = hmac.new(self._secret, f"{purpose}/{said}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:20]).decode().rstrip("=")


def _numbered(said: str | None) -> tuple[str, int] | None:
    id, _, number = (said or "").partition(".")
    return (id, int(number)) if id and number.isdecimal() else None
