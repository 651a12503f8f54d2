"""What every store does with events that are to be appended: number them, know a repetition, refuse a conflict."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from s2s_arena.errors import ConflictError
from s2s_arena.records.verdicts import Event


def settle(
    events: Sequence[Event],
    *,
    stored: Callable[[str], Event | None],
    taken: Callable[[str, str, int], bool],
    last: int,
) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """What to answer and what to write; the caller holds the write lock.

    Two events are the same if they differ in nothing but their number and `at`, which is for people.

    Args:
        events: As given to `Store.append`.
        stored: The stored event of an id, if any.
        taken: Whether (match, judge, revision) has an event.
        last: The highest number given so far.

    Returns:
        (one event for each given, with its number; the new ones among them).

    Raises:
        ConflictError: The same id with another body, or a revision that is taken.
    """
    settled: list[Event] = []
    new: dict[str, Event] = {}
    revisions: set[tuple[str, str, int]] = set()
    for event in events:
        known = new.get(event.id) or stored(event.id)
        if known is not None:
            if _body(known) != _body(event):
                raise ConflictError(
                    f"event {event.id} is stored with another content (number {known.number}); use a new id"
                )
            settled.append(known)
            continue
        place = (event.match, event.judge, event.revision)
        if place in revisions or taken(*place):
            raise ConflictError(
                f"match {event.match}: revision {event.revision} of judge {event.judge} is taken; "
                "read the judge's events again and use the next revision"
            )
        numbered = replace(event, number=last + len(new) + 1)
        new[event.id] = numbered
        revisions.add(place)
        settled.append(numbered)
    return tuple(settled), tuple(new.values())


def _body(event: Event) -> Event:
    return replace(event, number=None, at="")
