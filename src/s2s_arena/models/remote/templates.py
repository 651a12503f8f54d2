"""Messages as data: JSON with slots, so that what a vendor wants differently is a table and not a branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
"""A JSON value."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template that is filled when the message is made; left out when there is nothing to say.

    Attributes:
        name: Of the value.
        whole: Left empty, it takes the object around it along.
    """

    name: str
    whole: bool = False


Template: TypeAlias = bool | int | float | str | Slot | Sequence["Template"] | Mapping[str, "Template"] | None
"""A JSON value with slots in it."""


class _Absent:
    """Marks what an empty slot leaves behind."""


_ABSENT = _Absent()


def fill(template: Template, values: Mapping[str, Json]) -> Json:
    """The template with its slots filled.

    A slot without a value (or with None) vanishes with its key, and so does an object or list that held nothing but
    such slots. A literal None, `{}` or `[]` stays.

    Args:
        template: JSON with slots.
        values: Slot name -> value.
    """
    made = _fill(template, values)
    return None if isinstance(made, _Absent) else made


def fill_object(template: Mapping[str, Template], values: Mapping[str, Json]) -> dict[str, Json]:
    """`fill` for a template that is an object: always an object, empty if every slot was."""
    made = fill(template, values)
    return dict(made) if isinstance(made, Mapping) else {}


def slots(template: Template) -> frozenset[str]:
    """The names of all slots in a template."""
    if isinstance(template, Slot):
        return frozenset({template.name})
    if isinstance(template, Mapping):
        return frozenset().union(*(slots(part) for part in template.values()))
    if isinstance(template, Sequence) and not isinstance(template, str):
        return frozenset().union(*(slots(part) for part in template))
    return frozenset()


def _fill(template: Template, values: Mapping[str, Json]) -> Json | _Absent:
    if isinstance(template, Slot):
        value = values.get(template.name)
        return _ABSENT if value is None else value
    if isinstance(template, Mapping):
        if any(isinstance(part, Slot) and part.whole and values.get(part.name) is None for part in template.values()):
            return _ABSENT
        made = {key: _fill(part, values) for key, part in template.items()}
        kept = {key: part for key, part in made.items() if not isinstance(part, _Absent)}
        return _ABSENT if made and not kept else kept
    if isinstance(template, Sequence) and not isinstance(template, str):
        parts = [_fill(part, values) for part in template]
        left = [part for part in parts if not isinstance(part, _Absent)]
        return _ABSENT if parts and not left else left
    return template
