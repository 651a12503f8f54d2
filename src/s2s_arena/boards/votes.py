"""From the log of events to the votes that stand: undoings, exclusions and restorations honoured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from s2s_arena.errors import InputError
from s2s_arena.records.identity import JudgeName, MatchId
from s2s_arena.records.verdicts import Event, EventKind, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Each judge's one current vote per match, up to an event number.

    Attributes:
        standing: Votes that count, in order of play, then of judges' names.
        excluded: Current votes that an exclusion keeps out.
        failed: How often each judge gave no usable verdict on a match it has no current vote on.
        up_to: The last event's number; 0 without events.
    """

    standing: tuple[Verdict, ...] = ()
    excluded: tuple[Verdict, ...] = ()
    failed: Mapping[tuple[MatchId, JudgeName], int] = field(default_factory=dict)
    up_to: int = 0

    def of(self, match: MatchId) -> tuple[Verdict, ...]:
        """Standing votes on one match."""
        return tuple(verdict for verdict in self.standing if verdict.match == match)

    @property
    def judges(self) -> tuple[JudgeName, ...]:
        """Judges with a standing vote, by name."""
        return tuple(sorted({verdict.judge for verdict in self.standing}))


def current(events: Iterable[Event], *, up_to: int | None = None) -> Votes:
    """The votes that stand after the events, in the order given, up to number `up_to`.

    A vote replaces the judge's earlier one on the match; an undoing takes back the last one not undone and
    brings back the one before it; an exclusion holds for the judge's votes on the match until a restoration.

    Raises:
        InputError: A vote without a verdict, or with another match's or judge's verdict.
    """
    stacks: dict[tuple[MatchId, JudgeName], list[Verdict]] = {}
    kept_out: set[tuple[MatchId, JudgeName]] = set()
    failed: dict[tuple[MatchId, JudgeName], int] = {}
    last = 0
    for event in events:
        number = event.number or 0
        if up_to is not None and number > up_to:
            continue
        last = max(last, number)
        place = (event.match, event.judge)
        if event.kind is EventKind.VOTE:
            verdict = event.verdict
            if verdict is None or (verdict.match, verdict.judge) != place:
                raise InputError(f"event {event.id}: a vote without its own verdict; run s2s-arena verify")
            stacks.setdefault(place, []).append(verdict)
        elif event.kind is EventKind.UNDO:
            if stacks.get(place):
                stacks[place].pop()
        elif event.kind is EventKind.EXCLUDE:
            kept_out.add(place)
        elif event.kind is EventKind.RESTORE:
            kept_out.discard(place)
        else:
            failed[place] = failed.get(place, 0) + 1
    now = {place: stack[-1] for place, stack in stacks.items() if stack}
    ordered = sorted(now, key=lambda place: (now[place].order, place[1], place[0]))
    return Votes(
        standing=tuple(now[place] for place in ordered if place not in kept_out),
        excluded=tuple(now[place] for place in ordered if place in kept_out),
        failed={place: times for place, times in failed.items() if place not in now},
        up_to=last,
    )
