"""Which fields a wire knows: finds the first one that it does not, and reads the others by type."""

from collections.abc import Mapping, Sequence

Shape = Mapping[str, "Shape | Sequence[Shape] | None"]
"""Known names; None is anything, a mapping an object, a sequence with one shape a list of such objects."""


class FieldError(Exception):
    """A field that is unknown, missing or of the wrong kind.

    Args:
        path: Where it is, such as `session.audio.input`.
        why: `unknown`, `missing` or `wrong`.
        message: One sentence.
    """

    def __init__(self, path: str, why: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.why = why


def check(value: object, shape: Shape, *, path: str = "") -> None:
    """Every name in the value, at any depth, is known.

    Raises:
        FieldError: The first one that is not, or something that is no object where one belongs.
    """
    if not isinstance(value, Mapping):
        raise FieldError(path or "body", "wrong", f"{path or 'body'}: an object is needed")
    for name, given in value.items():
        where = f"{path}.{name}" if path else str(name)
        if name not in shape:
            raise FieldError(where, "unknown", f"Unknown parameter: '{where}'.")
        inner = shape[name]
        if inner is None or given is None:
            continue
        if isinstance(inner, Mapping):
            check(given, inner, path=where)
            continue
        if not isinstance(given, list):
            raise FieldError(where, "wrong", f"{where}: a list is needed")
        for at, item in enumerate(given):
            check(item, inner[0], path=f"{where}[{at}]")


def names(text: str) -> dict[str, None]:
    """Names between spaces, each of which may hold anything."""
    return dict.fromkeys(text.split())


def mapping(value: object) -> Mapping[str, object]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[object]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """The string, or None for anything else."""
    return value if isinstance(value, str) else None


def needed(value: Mapping[str, object], name: str, *, path: str = "") -> object:
    """A field that must be there.

    Raises:
        FieldError: It is not.
    """
    if value.get(name) is None:
        where = f"{path}.{name}" if path else name
        raise FieldError(where, "missing", f"Missing required parameter: '{where}'.")
    return value[name]


def one_of(value: object, known: Sequence[object], *, path: str) -> None:
    """The value is one of those known.

    Raises:
        FieldError: It is not.
    """
    if value not in known:
        raise FieldError(path, "wrong", f"Invalid value: {value!r}. Supported values are: {list(known)!r}.")
