"""Which matches are played next: one fixed-size round at a time, from ratings that earlier rounds gave.

Here is the arena's only loop. A round is drawn whole, from finished rounds alone, so the same seed gives the same
matches however many judges work at once and in whatever order they finish.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.pairing import (
    all_pairs,
    d_optimal_weights,
    floored,
    paper_weights,
    probabilities,
    uniform_weights,
)
from s2s_arena.records.identity import SampleId, SystemName, TakeId, content_hash
from s2s_arena.records.matches import Match, Purpose, Round, group_id, match_id
from s2s_arena.records.responses import FailureKind, Take
from s2s_arena.records.samples import Sample
from s2s_arena.records.studies import Sampler, Study

START = 1000.0  # a system's rating before its first match
_NEVER = np.iinfo(np.int64).max  # played count of a pair that cannot be played on a sample


def draw_round(
    study: Study,
    *,
    samples: Sequence[Sample],
    takes: Iterable[Take],
    number: int,
    earlier: Iterable[Match] = (),
    ratings: Mapping[SystemName, float] | None = None,
    covariance: NDArray[np.float64] | None = None,
    size: int | None = None,
    ratings_from_event: int = 0,
    field: "Field | None" = None,
) -> tuple[Round, tuple[Match, ...]]:
    """Draw one round: for each comparison a sample, then a pair of systems, then which is heard first.

    The sample comes from the least-played cell (of the study's `balance`: level x domain), and is the least played
    in it; ties are drawn evenly. The pair is drawn among those played least on the whole: no (sample, pair) comes twice
    before all others have come once. A share of `uniform_mix` of the draws takes any of them alike; the others follow
    the study's sampler, and first serve systems with fewer than `floor` comparisons. Failed takes are drawn like
    others (they lose by rule), but not those that infrastructure kept from being answered.

    Args:
        study: Its seed, systems, rules and sampling decide.
        samples: The suite's, in suite order.
        takes: Of any system and sample; the last one given of a system on a sample counts.
        number: Of the round, from 0.
        earlier: All matches of the study's earlier rounds.
        ratings: Elo points from finished rounds; systems without one count as 1000. For D-optimal sampling take
            those of Bradley-Terry that the covariance belongs to: sequential Elo is mostly noise of the order.
        covariance: Of the ratings, rows and columns in the order of `study.systems`; only D-optimal sampling reads
            it. Without it all gaps count as equally uncertain.
        size: Comparisons to draw, by default the study's `round_size`. With both orders each is two matches.
        ratings_from_event: Number of the last event behind `ratings`.
        field: What `study`, `samples`, `takes` and `earlier` amount to, where a caller keeps it from round to round;
            the drawn round is counted in it. Made from them by default.

    Returns:
        The round, and its matches by index. `Match.probability` is that of the pair at this draw, given the sample and
        all draws before it: exact, and at least `uniform_mix` over the pairs that could come.

    Raises:
        InvalidMatchesError: No sample has takes of two systems, a system twice in the study, or a size below 1.
    """
    size = study.sampling.round_size if size is None else size
    if size < 1:
        raise InvalidMatchesError(f"round {number} of study {study.name}: size {size} given, at least 1 is needed")
    if len(set(study.systems)) != len(study.systems):
        raise InvalidMatchesError(f"study {study.name}: a system is named twice, it would meet itself; name each once")
    if field is None:
        field = Field(study, samples=samples, takes=takes, earlier=earlier)
    weights = _weights(study, ratings or {}, covariance)
    seed = int(content_hash("draw", study.name, study.seed, number)[:16], 16)
    rng = np.random.default_rng(seed)
    matches: list[Match] = []
    for _ in range(size):
        row = field.draw_sample(rng)
        pair, probability = field.draw_pair(row, weights, rng)
        sides = field.sides(row, pair)
        if rng.random() < 0.5:  # judges favour a position
            sides = sides[::-1]
        group = group_id(study=study.name, round=number, index=len(matches))
        for first, second in (sides, sides[::-1]) if study.rules.orders == "both" else (sides,):
            matches.append(_match(study, number, len(matches), first, second, group=group, probability=probability))
        field.played(row, pair)
    drawn = Round(
        study=study.name,
        number=number,
        size=size,
        ratings_from_event=ratings_from_event,
        sampler=study.sampling.sampler.value,
        seed=study.seed,
    )
    return drawn, tuple(matches)


def _weights(
    study: Study, ratings: Mapping[SystemName, float], covariance: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    points = np.array([ratings.get(system, START) for system in study.systems])
    if study.sampling.sampler is Sampler.PAPER:
        return paper_weights(points)
    if study.sampling.sampler is Sampler.D_OPTIMAL:
        return d_optimal_weights(points, np.eye(len(points)) if covariance is None else covariance)
    return uniform_weights(len(points))


def _match(
    study: Study, number: int, index: int, first: Take, second: Take, *, group: str, probability: float
) -> Match:
    purpose = Purpose.RATED
    return Match(
        id=match_id(study=study.name, round=number, index=index, first=first.id, second=second.id, purpose=purpose),
        study=study.name,
        round=number,
        index=index,
        sample=first.sample,
        first=TakeId(first.id),
        second=TakeId(second.id),
        first_system=first.system,
        second_system=second.system,
        group=group,
        probability=probability,
        purpose=purpose,
    )


class Field:
    """What can be played, and how often each sample, cell and (sample, pair) has been.

    Args:
        study: Its systems and balance.
        samples: As given to `draw_round`, as the following.
        takes: As above.
        earlier: As above.
    """

    def __init__(
        self, study: Study, *, samples: Sequence[Sample], takes: Iterable[Take], earlier: Iterable[Match]
    ) -> None:
        self._systems = study.systems
        self._sampling = study.sampling
        self._pairs = all_pairs(len(study.systems))
        self._takes = {
            (take.sample, take.system): take for take in takes if take.failure is not FailureKind.INFRASTRUCTURE
        }
        self._samples = samples
        ready = np.array([[(s.id, system) in self._takes for system in study.systems] for s in samples], dtype=bool)
        ready = ready.reshape(len(samples), len(study.systems))
        both = ready[:, self._pairs[:, 0]] & ready[:, self._pairs[:, 1]]
        if not both.any():
            raise InvalidMatchesError(
                f"study {study.name}: no sample has answers of two of its systems "
                f"({', '.join(study.systems) or 'none'}); run s2s-arena answer"
            )
        cells = [_cell(sample, study.sampling.balance) for sample in samples]
        numbers = {cell: n for n, cell in enumerate(dict.fromkeys(cells))}
        self._cell_of = np.array([numbers[cell] for cell in cells], dtype=np.int64)
        self._cell_played = np.zeros(len(numbers), dtype=np.int64)
        self._sample_played = np.zeros(len(samples), dtype=np.int64)
        self._pair_played = np.zeros(both.shape, dtype=np.int64)
        self._system_played = np.zeros(len(study.systems), dtype=np.int64)
        rows = {sample.id: row for row, sample in enumerate(samples)}
        for (sample, systems), times in _comparisons(earlier).items():
            pair = self._pair(systems)
            if sample in rows:
                self.played(rows[sample], pair, times=times)
        self._pair_played[~both] = _NEVER

    def _pair(self, systems: frozenset[SystemName]) -> int | None:
        if len(systems) != 2 or not systems <= set(self._systems):
            return None  # of a system that has left the study: its sample was still played
        low, high = sorted(self._systems.index(system) for system in systems)
        return int(np.flatnonzero((self._pairs == (low, high)).all(axis=1))[0])

    def played(self, row: int, pair: int | None, *, times: int = 1) -> None:
        """Count a comparison."""
        self._cell_played[self._cell_of[row]] += times
        self._sample_played[row] += times
        if pair is not None:
            self._pair_played[row, pair] += times
            self._system_played[self._pairs[pair]] += times

    def _fresh(self) -> NDArray[np.bool_]:
        return np.asarray(self._pair_played == self._pair_played.min())

    def draw_sample(self, rng: np.random.Generator) -> int:
        """Row of the next sample."""
        rows = np.flatnonzero(self._fresh().any(axis=1))
        rows = rows[_least(self._cell_played[self._cell_of[rows]])]
        cell = rng.choice(np.unique(self._cell_of[rows]))
        rows = rows[self._cell_of[rows] == cell]
        return int(rng.choice(rows[_least(self._sample_played[rows])]))

    def draw_pair(self, row: int, weights: NDArray[np.float64], rng: np.random.Generator) -> tuple[int, float]:
        """Index of the pair, and its probability among those that could come."""
        open_pairs = np.flatnonzero(self._fresh()[row])
        wanted = floored(weights, played=self._system_played, floor=self._sampling.floor)[open_pairs]
        # Mixed among the pairs that can come, not before: else the uniform share of what is left could be less.
        p = probabilities(wanted, uniform_mix=self._sampling.uniform_mix)
        place = int(rng.choice(len(open_pairs), p=p))
        return int(open_pairs[place]), float(p[place])

    def sides(self, row: int, pair: int) -> tuple[Take, Take]:
        """The two takes, in the order of the study's systems."""
        sample: SampleId = self._samples[row].id
        low, high = self._pairs[pair]
        return self._takes[sample, self._systems[low]], self._takes[sample, self._systems[high]]


def _least(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(counts == counts.min())


def _cell(sample: Sample, balance: Sequence[str]) -> tuple[str, ...]:
    fields = ("level", "domain", "task", "seed_task", "language")
    return tuple(str(getattr(sample, name) if name in fields else sample.attributes.get(name, "")) for name in balance)


def _comparisons(matches: Iterable[Match]) -> Counter[tuple[SampleId, frozenset[SystemName]]]:
    """How often each (sample, pair) was compared; the two orders of one group are one comparison."""
    groups = {
        match.group: (match.sample, frozenset((match.first_system, match.second_system)))
        for match in matches
        if match.purpose is Purpose.RATED
    }
    return Counter(groups.values())
