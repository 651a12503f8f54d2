"""Looking into JSON that somebody else wrote: what is not there, or of another type, is simply not found."""

# Answers come in hundreds of events, so the tests are for the parser's own types: those of abstract ones cost more.

from collections.abc import Iterator, Mapping


def at(value: object, *path: str | int) -> object:
    """What lies at that path of keys and indices, or None."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str | None:
    """The string at that path, or None. What no store can keep (NUL, half a surrogate pair) is replaced."""
    found = at(value, *path)
    if not isinstance(found, str):
        return None
    if "\0" in found:
        found = found.replace("\0", "\ufffd")
    return found if found.isascii() else found.encode("utf-8", "replace").decode("utf-8")


def count_at(value: object, *path: str | int) -> int | None:
    """The whole number at that path, or None."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def objects_at(value: object, *path: str | int) -> Iterator[Mapping[str, object]]:
    """The objects in the list at that path."""
    found = at(value, *path)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))
