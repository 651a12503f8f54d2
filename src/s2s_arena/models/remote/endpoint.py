"""Where a remote system is, how long we wait for it, and how we prove who we are: keys by name, read when used."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from s2s_arena.errors import CardError, MissingError, TimedOut
from s2s_arena.models import settings as read
from s2s_arena.models.remote.templates import Json, Template, slots
from s2s_arena.records.systems import Setting

COMMON = frozenset({"url", "model", "voice", "temperature", "instructions", "timeout_s", "patience_s", "connect_s"})
"""Settings that every remote family takes."""

SCHEMES: Mapping[str, tuple[str, ...]] = {"http": ("http", "https"), "socket": ("ws", "wss")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One remote system's address and credentials.

    Attributes:
        name: What messages call it.
        url: Where it is; `{model}` and secrets' names in braces may stand in it.
        secrets: Name of a secret -> name of the environment variable that holds it.
        headers: HTTP headers; values may hold `{secret}`. One whose secret is not set is left out if `keyless`.
        keyless: It also answers without a key.
        timeout_s: For one whole answer.
        patience_s: For the next sign of life while it answers.
        connect_s: For the connection.
    """

    name: str
    url: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    keyless: bool = False
    timeout_s: float = 170.0
    patience_s: float = 60.0
    connect_s: float = 20.0

    def address(self, **values: str) -> str:
        """The URL with its places filled, each value quoted."""
        return self.url.format(**{key: quote(value, safe="") for key, value in values.items()})

    def credentials(self) -> dict[str, str]:
        """The headers with the secrets in them: to be sent, never to be shown.

        Raises:
            MissingError: A variable is not set.
        """
        held = {name: os.environ.get(variable, "").strip() for name, variable in self.secrets.items()}
        for name, secret in held.items():
            if not (secret.isascii() and secret.isprintable()):
                variable = self.secrets[name]
                raise MissingError(
                    f"{self.name}: environment variable {variable} holds letters that no key has; mend it"
                )
        made = {}
        for header, value in self.headers.items():
            gone = [name for name, secret in held.items() if not secret and "{" + name + "}" in value]
            if gone and self.keyless:
                continue
            if gone:
                variable = self.secrets[gone[0]]
                raise MissingError(f"{self.name}: environment variable {variable} is not set; set it to your key")
            made[header] = value.format(**held)
        return made

    def secret(self, name: str) -> str:
        """A secret that belongs into a request's body; MissingError if its variable is not set."""
        variable = self.secrets[name]
        held = os.environ.get(variable, "").strip()
        if not held:
            raise MissingError(f"{self.name}: environment variable {variable} is not set; set it to your {name}")
        return held

    def scrubbed(self, text: str) -> str:
        """The text without any secret in it, for messages and records."""
        for variable in self.secrets.values():
            secret = os.environ.get(variable, "").strip()
            if len(secret) >= 4:
                text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
        return text

    def deadline(self) -> "Deadline":
        """The time left for one answer, from now."""
        return Deadline(self.timeout_s, patience_s=self.patience_s, who=self.name)


class Deadline:
    """How much longer one answer may take.

    Args:
        seconds: In all.
        patience_s: Until the next sign of life.
        who: Is named when it is late.
    """

    def __init__(self, seconds: float, *, patience_s: float, who: str) -> None:
        self._seconds = seconds
        self._patience_s = patience_s
        self._who = who
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the answer must be whole; TimedOut if there are none left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimedOut(f"{self._who}: no whole answer within {self._seconds:g} s")
        return left

    def wait(self) -> float:
        """Seconds to wait for the next sign of life; TimedOut if the time is over."""
        return min(self.left(), self._patience_s)

    def stalled(self) -> TimedOut:
        """What to raise when nothing came in `wait()` seconds."""
        if time.monotonic() >= self._ends:
            return TimedOut(f"{self._who}: no whole answer within {self._seconds:g} s")
        return TimedOut(f"{self._who}: nothing more came for {self._patience_s:g} s")


def endpoint(
    settings: Mapping[str, Setting],
    *,
    name: str,
    url: str,
    transport: str,
    secrets: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    keyless: bool = False,
    timeout_s: float = 170.0,
    patience_s: float = 60.0,
) -> Endpoint:
    """The endpoint that a card describes.

    Settings: url, `<secret>_env` for each secret, timeout_s, patience_s, connect_s. An empty variable name means
    that no key is needed.

    Args:
        settings: The card's.
        name: What messages call it.
        url: Unless the card names another; empty if there is no default.
        transport: http or socket.
        secrets: Name of a secret -> default name of its variable.
        headers: As `Endpoint.headers`.
        keyless: It also answers without a key.
        timeout_s: Default.
        patience_s: Default.

    Raises:
        CardError: No URL, or one of another scheme; a time that is not positive.
    """
    where = read.text(settings, "url", url)
    if not where:
        raise CardError("settings.url: missing; give the server's address")
    parts = urlsplit(where)
    if parts.scheme not in SCHEMES[transport] or not parts.netloc:
        raise CardError(f"settings.url: {where!r} given, an address that begins with {SCHEMES[transport][0]} needed")
    variables = {key: read.text(settings, f"{key}_env", default) for key, default in (secrets or {}).items()}
    used = {key: variable for key, variable in variables.items() if variable}
    unused = variables.keys() - used.keys()
    sent = {h: value for h, value in (headers or {}).items() if not any("{" + key + "}" in value for key in unused)}
    times = {
        "timeout_s": read.number(settings, "timeout_s", timeout_s),
        "patience_s": read.number(settings, "patience_s", patience_s),
        "connect_s": read.number(settings, "connect_s", 20.0),
    }
    for key, value in times.items():
        if not value > 0:
            raise CardError(f"settings.{key}: {value} given, more than 0 s needed")
    return Endpoint(name=name, url=where, secrets=used, headers=sent, keyless=keyless, **times)


def env_keys(secrets: Mapping[str, str]) -> frozenset[str]:
    """The settings by which a card names the variables of these secrets."""
    return frozenset(f"{key}_env" for key in secrets)


def optional_number(settings: Mapping[str, Setting], key: str) -> float | None:
    """A number, or None where the card does not set it."""
    return read.number(settings, key, 0.0) if key in settings else None


def optional_text(settings: Mapping[str, Setting], key: str) -> str | None:
    """A string, or None where the card does not set it or leaves it empty."""
    return (read.text(settings, key, "") or None) if key in settings else None


def check_places(given: Mapping[str, Json], *templates: Template, who: str) -> None:
    """Raise CardError for a setting that has no place in a vendor's messages: it would silently do nothing."""
    places = frozenset[str]().union(*(slots(template) for template in templates))
    for key, value in given.items():
        if value is not None and key not in places:
            raise CardError(f"settings.{key}: {who} has no place for it; leave it out, or use settings.extra")


def extra(settings: Mapping[str, Setting], key: str = "extra") -> dict[str, str | int | float | bool]:
    """A table of further fields for the request; CardError if it is no table."""
    value = settings.get(key, {})
    if not isinstance(value, dict):
        raise CardError(f"settings.{key}: {value!r} given, a table needed")
    return dict(value)
