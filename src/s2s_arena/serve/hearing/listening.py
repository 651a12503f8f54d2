"""The proof of listening: what was heard of each clip, and what is still missing before a vote counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from s2s_arena.errors import IllegalVoteError

Span = tuple[float, float]

SLACK_S = 0.6
"""Clocks, buffers and the player's last frames: what is forgiven a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What one clip lacks; `clip` is "time" where less time has passed than listening takes."""

    clip: str
    heard_s: float
    needed_s: float


class Unheard(IllegalVoteError):
    """A vote before the clips were heard; `lacking` says what is missing."""

    def __init__(self, lacking: Sequence[Missing]) -> None:
        parts = ", ".join(f"{m.clip} {m.heard_s:g} of {m.needed_s:g} s" for m in lacking)
        super().__init__(f"not heard enough: {parts}; listen to the rest, then vote")
        self.lacking = tuple(lacking)


def union(spans: Iterable[Sequence[float]], *, duration_s: float) -> tuple[Span, ...]:
    """The intervals merged, in order, cut to the clip; what is not an interval of it is left out."""
    cut = sorted((max(0.0, s[0]), min(duration_s, s[1])) for s in spans if len(s) == 2)
    merged: list[Span] = []
    for start, end in cut:
        if not start < end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def length_s(spans: Iterable[Span]) -> float:
    """Total length of disjoint intervals."""
    return sum(end - start for start, end in spans)


def missing(
    heard: Mapping[str, Iterable[Sequence[float]]],
    *,
    durations_s: Mapping[str, float],
    waited_s: Mapping[str, float | None],
    share: float,
) -> tuple[Missing, ...]:
    """What stands between a listener and a vote; empty when nothing does.

    Args:
        heard: Clip -> intervals the page reports, seconds; a jump over a part is not hearing it.
        durations_s: Every clip that has to be heard.
        waited_s: Clip -> seconds since the server sent it, by the server's clock; None if it never did.
        share: Of each clip that must be heard, 0..1; 0 asks for nothing.

    Returns:
        Clips heard too little, in the order of `durations_s`; then `time`, if less time has passed since the first
        clip was sent than one after the other takes.
    """
    if share <= 0.0:
        return ()
    found: list[Missing] = []
    for clip, duration in durations_s.items():
        needed = max(0.0, share * duration - SLACK_S)
        reported = length_s(union(heard.get(clip, ()), duration_s=duration))
        possible = waited_s.get(clip)
        real = 0.0 if possible is None else min(reported, possible)
        if possible is None or real < needed:
            found.append(Missing(clip=clip, heard_s=round(real, 2), needed_s=round(needed, 2)))
    if not found:
        longest = max((w for w in waited_s.values() if w is not None), default=0.0)
        needed = max(0.0, share * sum(durations_s.values()) - SLACK_S * len(durations_s))
        if longest < needed:
            found.append(Missing(clip="time", heard_s=round(longest, 2), needed_s=round(needed, 2)))
    return tuple(found)
