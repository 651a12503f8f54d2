"""People's board sharpened by a cheap judge that judged everything, without trusting it to be right."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from s2s_arena.boards.games import Games
from s2s_arena.errors import InputError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.prediction_powered import prediction_powered
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.win_matrix import weighted_win_matrix
from s2s_arena.records.identity import SystemName

MATCH, SAMPLE = "match", "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A rating with its 95 % interval, Elo points."""

    rating: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Powered:
    """What people would say of all matches, from their votes on some and a judge's on all.

    Attributes:
        anchor: People's names.
        cheap: The judge's name.
        systems: Ratings with the judge's help, best first.
        alone: Ratings by people's votes alone.
        matches: Matches that the judge judged.
        votes: Of people, on these.
        power: How much the judge counts, 0..1.
        gain: How many people's votes one of them is worth with the judge's help.
        effective: Votes people would have to give for intervals as narrow without it.
    """

    anchor: tuple[str, ...]
    cheap: str
    systems: Mapping[SystemName, Interval]
    alone: Mapping[SystemName, Interval]
    matches: int
    votes: int
    power: float
    gain: float
    effective: float


def powered(games: Games, *, anchor: Collection[str], cheap: str) -> Powered:
    """The board of people, sharpened.

    Args:
        games: Of all judges, with label `judge`, and `match` or else `sample` to know what was judged by both.
        anchor: People's names. What they were given must have been drawn at random.
        cheap: The judge that judged everything.

    Raises:
        InputError: A judge without votes, or no match that both sides judged.
    """
    labels = games.label("judge")
    for name in (*anchor, cheap):
        if name not in labels.names:
            raise InputError(f"judge {name}: no rated votes; judges with votes: {', '.join(labels.names) or 'none'}")
    if cheap in anchor:
        raise InputError(f"judge {cheap}: cannot be both anchor and cheap judge; name people as the anchor")
    turned = games.pairs[:, 0] > games.pairs[:, 1]
    pairs = np.sort(games.pairs, axis=1)
    scores = np.where(turned, 1.0 - games.scores, games.scores)
    thing = games.label(MATCH if MATCH in games.labels else SAMPLE).codes
    keys = [tuple(key) for key in np.concatenate([thing[:, None], pairs], axis=1).tolist()]
    mine = labels.codes == labels.names.index(cheap)
    people = np.isin(labels.codes, [labels.names.index(name) for name in anchor])
    votes: dict[tuple[int, ...], list[float]] = {}
    for row in np.flatnonzero(people).tolist():
        votes.setdefault(keys[row], []).append(float(scores[row]))
    rows: list[tuple[int, float, int]] = []  # row of the judge's game, people's score, which match
    for number, row in enumerate(np.flatnonzero(mine).tolist()):
        rows += [(row, vote, number) for vote in votes.get(keys[row], [np.nan])]
    own = np.array([row for row, _, _ in rows], dtype=np.int64)
    voted = np.array([vote for _, vote, _ in rows], dtype=np.float64)
    asked = ~np.isnan(voted)
    if not asked.any():
        raise InputError(f"judge {cheap} and {', '.join(sorted(anchor))}: no match in common; both must judge some")
    size = len(games.systems)
    fit = prediction_powered(
        pairs[own],
        scores[own],
        voted=voted,
        systems=size,
        clusters=np.array([number for _, _, number in rows], dtype=np.int64),
    )
    alone = bradley_terry(weighted_win_matrix(pairs[own][asked], voted[asked], systems=size))
    low, high = fit.interval()
    half = z_value() * np.sqrt(np.clip(np.diag(fit.alone), 0.0, None))
    names = games.systems
    return Powered(
        anchor=tuple(sorted(anchor)),
        cheap=cheap,
        systems={
            names[i]: Interval(rating=float(fit.ratings[i]), low=float(low[i]), high=float(high[i]))
            for i in np.argsort(-fit.ratings, kind="stable")
        },
        alone={
            names[i]: Interval(
                rating=float(alone.ratings[i]),
                low=float(alone.ratings[i] - half[i]),
                high=float(alone.ratings[i] + half[i]),
            )
            for i in range(size)
        },
        matches=int(mine.sum()),
        votes=fit.votes,
        power=fit.power,
        gain=fit.gain,
        effective=fit.effective_votes,
    )
