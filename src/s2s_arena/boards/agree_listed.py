"""Agreement and habits of the judges in a match list, over rows with the same key and the same two systems."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.agree import CATEGORIES, Agreement, Cases, Habits, compare, score_of
from s2s_arena.boards.games import DURATION, Labels
from s2s_arena.boards.plain import Listed
from s2s_arena.errors import InputError
from s2s_arena.ratings.agreement import Estimate, krippendorff_alpha
from s2s_arena.ratings.bias import consistency, length_bias, position_bias
from s2s_arena.records.identity import JudgeName

SWAPPED = np.array([CATEGORIES.index(outcome.swapped) for outcome in CATEGORIES])


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What each judge first said of each comparison: one key and two systems, in either order.

    Attributes:
        judges: Names, by code.
        judge: Shape (opinions,), codes of judges.
        place: Shape (opinions,), which comparison.
        said: Shape (opinions,), indices into `CATEGORIES`, as if heard in the order of `pairs`.
        pairs: Shape (places, 2), the systems of each comparison in the order of its first row. An order by name
            would let kappa and alpha depend on what systems are called: chance agreement is more where the
            stronger of two systems always stands first.
        systems: How many systems there are.
    """

    judges: tuple[str, ...]
    judge: NDArray[np.int64]
    place: NDArray[np.int64]
    said: NDArray[np.int64]
    pairs: NDArray[np.int64]
    systems: int

    @property
    def labels(self) -> NDArray[np.int64]:
        """What each judge said of each comparison: shape (judges, places), -1 for nothing."""
        made = np.full((len(self.judges), len(self.pairs)), -1, dtype=np.int64)
        made[self.judge, self.place] = self.said
        return made

    @property
    def cases(self) -> NDArray[np.int64]:
        """Every two opinions on one place: shape (cases, 2), that of the judge with the lower code first."""
        order = np.lexsort((self.judge, self.place))
        sorted_places = self.place[order]
        found = []
        step = 1
        while True:  # opinions on one place stand together: compare each with the 1st, 2nd, ... that follows
            same = np.flatnonzero(sorted_places[step:] == sorted_places[:-step])
            if not len(same):
                break
            found.append(np.stack([order[same], order[same + step]], axis=1))
            step += 1
        return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def opinions(listed: Listed, *, key: str = "sample") -> Opinions:
    """Each judge's first opinion on each comparison of a match list.

    Raises:
        InputError: The list has no `judge` or no `key`.
    """
    for name in ("judge", key):
        if name not in listed.labels:
            raise InputError(f"match list: no column {name}; agreement needs judge and {key}")
    keys, judges = listed.labels[key].codes, listed.labels["judge"].codes
    known = (keys >= 0) & (judges >= 0)
    places = np.concatenate([keys[:, None], np.sort(listed.pairs, axis=1)], axis=1)[known]
    _, start, place = np.unique(places, axis=0, return_index=True, return_inverse=True)
    place = place.reshape(-1)
    heard = listed.pairs[known]
    pairs = heard[start]
    turned = heard[:, 0] != pairs[place, 0]
    said = np.where(turned, SWAPPED[listed.outcomes[known]], listed.outcomes[known])
    both = np.stack([place, judges[known]], axis=1)
    _, first = np.unique(both, axis=0, return_index=True)
    first = np.sort(first)
    return Opinions(
        judges=listed.labels["judge"].names,
        judge=judges[known][first],
        place=place[first],
        said=said[first],
        pairs=pairs,
        systems=len(listed.systems),
    )


def between_listed(
    heard: Opinions,
    *,
    one: Collection[str],
    other: Collection[str],
    names: tuple[str, str] | None = None,
    repeats: int = 10,
) -> Agreement:
    """Agreement of two groups of judges, as `agree.between`; if they overlap, each two different judges count once."""
    return compare(paired_listed(heard, one=one, other=other, names=names), repeats=repeats)


def paired_listed(
    heard: Opinions, *, one: Collection[str], other: Collection[str], names: tuple[str, str] | None = None
) -> Cases:
    """The opinions of two groups of judges on the same comparisons, as `agree.paired`."""
    left = np.array([name in one for name in heard.judges], dtype=bool)
    right = np.array([name in other for name in heard.judges], dtype=bool)
    cases = heard.cases
    a, b = (heard.judge[cases[:, side]] for side in (0, 1))
    straight = left[a] & right[b]
    turned = left[b] & right[a] & ~straight
    chosen = np.concatenate([cases[straight], cases[turned][:, ::-1]])
    places = heard.place[chosen[:, 0]]
    return Cases(
        one=heard.said[chosen[:, 0]],
        other=heard.said[chosen[:, 1]],
        pairs=heard.pairs[places],
        items=places,
        systems=heard.systems,
        names=names or ("+".join(sorted(one)), "+".join(sorted(other))),
    )


def attribute_of(listed: Listed, heard: Opinions, by: str, *, key: str = "sample") -> Labels:
    """The value of an attribute for each comparison: that of its first row.

    Raises:
        InputError: The list does not have the attribute.
    """
    if by not in listed.labels:
        raise InputError(f"match list: no column {by}; it has {', '.join(sorted(listed.labels))}")
    labels = listed.labels[by]
    codes = np.full(len(heard.pairs), -1, dtype=np.int64)
    known = (listed.labels[key].codes >= 0) & (listed.labels["judge"].codes >= 0)
    places = np.concatenate([listed.labels[key].codes[:, None], np.sort(listed.pairs, axis=1)], axis=1)[known]
    _, first = np.unique(places, axis=0, return_index=True)
    codes[:] = labels.codes[known][first]
    return Labels(names=labels.names, codes=codes)


def alpha_listed(
    heard: Opinions, *, judges: Collection[str] | None = None, seed: int = 0, resamples: int = 1000
) -> Estimate:
    """Krippendorff's alpha of the judges, all by default, over comparisons."""
    chosen = [row for row, name in enumerate(heard.judges) if judges is None or name in judges]
    labels = heard.labels[chosen]
    rng = np.random.default_rng(seed)
    return krippendorff_alpha(labels, categories=len(CATEGORIES), rng=rng, resamples=resamples)


def habits_listed(listed: Listed, *, judge: str, key: str = "sample") -> Habits:
    """One judge's habits in a match list, whose first system counts as heard first.

    Raises:
        InputError: The list has no `judge` or no `key`, or no row of the judge.
    """
    mine = listed.of_judge(judge)
    if key not in listed.labels:
        raise InputError(f"match list: no column {key}; agreement needs judge and {key}")
    scores = np.array([score_of(outcome) for outcome in CATEGORIES])[mine.outcomes]
    seconds = mine.features.get(DURATION)
    length = None
    if seconds is not None and np.isfinite(seconds).all(axis=1).any():
        length = length_bias(scores, first_s=seconds[:, 0], second_s=seconds[:, 1])
    first_time: dict[tuple[int, int, int], float] = {}
    repeats: list[tuple[float, float]] = []
    places = np.concatenate([mine.labels[key].codes[:, None], mine.pairs], axis=1).tolist()
    for (k, a, b), score in zip(places, scores.tolist(), strict=True):
        if k < 0:
            continue
        if (k, a, b) in first_time:
            repeats.append((first_time[k, a, b], score))
        else:
            first_time[k, a, b] = score
    swaps = [
        (score, first_time[k, b, a]) for (k, a, b), score in first_time.items() if a < b and (k, b, a) in first_time
    ]
    again, turned = (np.array(cases, dtype=np.float64).reshape(-1, 2) for cases in (repeats, swaps))
    return Habits(
        judge=JudgeName(judge),
        votes=len(scores),
        position=position_bias(scores),
        length=length,
        repeats=consistency(again[:, 0], again[:, 1]),
        swaps=consistency(turned[:, 0], turned[:, 1], swapped=True),
    )
