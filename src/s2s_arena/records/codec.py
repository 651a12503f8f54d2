"""Records to JSON and back: the one edge where text becomes a validated record."""

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from s2s_arena.errors import InputError
from s2s_arena.records.identity import canonical_json

R = TypeVar("R")
__all__ = ["decode", "encode", "parse"]


_adapters: dict[object, TypeAdapter[Any]] = {}  # building one takes milliseconds, using it microseconds


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def encode(record: object) -> str:
    """The canonical JSON of a record."""
    return canonical_json(record)


def decode(kind: type[R], text: str | bytes) -> R:
    """A record from its JSON.

    Raises:
        InputError: The text does not describe a `kind`; the message names the field and the value.
    """
    try:
        record: R = _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise InputError(_one_line(kind, error)) from error
    return record


def parse(kind: type[R], value: object) -> R:
    """A record from plain Python values (dicts, lists, scalars), with the errors of `decode`."""
    try:
        record: R = _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise InputError(_one_line(kind, error)) from error
    return record


def _one_line(kind: type[object], error: ValidationError) -> str:
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"]) or "(whole)"
    value = repr(first["input"])
    return f"{kind.__name__} {path}: {first['msg']} (got {value[:120]})"
