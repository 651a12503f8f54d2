"""Generators of tournaments, and small studies with their events, shared by tests."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from s2s_arena.records.identity import JudgeName, MatchId, SampleId, StudyName, SystemName, TakeId
from s2s_arena.records.matches import Match, Purpose, match_id
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import Event, EventKind, Verdict

STUDY = StudyName("default")
JUDGE = JudgeName("ear")


@dataclass(frozen=True)
class Tournament:
    """Matches between `n` systems."""

    n: int
    pairs: NDArray[np.int64]
    won: NDArray[np.bool_]

    @property
    def swapped(self) -> NDArray[np.int64]:
        """The same pairs heard in the other order."""
        return self.pairs[:, ::-1]


@st.composite
def tournaments(draw: st.DrawFn, *, min_systems: int = 2, max_systems: int = 6, max_matches: int = 40) -> Tournament:
    n = draw(st.integers(min_systems, max_systems))
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
    rows = draw(st.lists(st.tuples(pair, st.booleans()), max_size=max_matches))
    pairs = np.array([row[0] for row in rows], dtype=np.int64).reshape(-1, 2)
    return Tournament(n=n, pairs=pairs, won=np.array([row[1] for row in rows], dtype=bool))


def simulated(
    strengths: NDArray[np.float64], *, matches: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Matches of random pairs won with Bradley-Terry probabilities of strengths in Elo points."""
    n = len(strengths)
    first = rng.integers(n, size=matches)
    second = (first + rng.integers(1, n, size=matches)) % n
    p = 1.0 / (1.0 + 10.0 ** ((strengths[second] - strengths[first]) / 400.0))
    return np.stack([first, second], axis=1), rng.random(matches) < p


def a_match(
    index: int,
    first: str,
    second: str,
    *,
    sample: str = "edu-001",
    group: str | None = None,
    round: int = 0,
    purpose: Purpose = Purpose.RATED,
    probability: float = 0.5,
) -> Match:
    takes = (TakeId(f"{first}/{sample}"), TakeId(f"{second}/{sample}"))
    return Match(
        id=match_id(study=STUDY, round=round, index=index, first=takes[0], second=takes[1], purpose=purpose),
        study=STUDY,
        round=round,
        index=index,
        sample=SampleId(sample),
        first=takes[0],
        second=takes[1],
        first_system=SystemName(first),
        second_system=SystemName(second),
        group=group or f"g{round}-{index}",
        probability=probability,
        purpose=purpose,
    )


def a_verdict(match: Match, outcome: Outcome, *, judge: str = JUDGE, **fields: object) -> Verdict:
    return Verdict(
        match=match.id,
        study=STUDY,
        judge=JudgeName(judge),
        order=(match.round, match.index),
        outcome=outcome,
        **fields,  # type: ignore[arg-type]
    )


def a_vote(match: Match, outcome: Outcome, *, judge: str = JUDGE, number: int = 1, revision: int = 0) -> Event:
    return Event(
        id=f"{match.id}/{judge}/{revision}",
        kind=EventKind.VOTE,
        study=STUDY,
        match=match.id,
        judge=JudgeName(judge),
        revision=revision,
        verdict=a_verdict(match, outcome, judge=judge),
        number=number,
    )


def an_event(kind: EventKind, match: MatchId, *, judge: str = JUDGE, number: int = 1, revision: int = 1) -> Event:
    return Event(
        id=f"{kind}/{match}/{judge}/{revision}",
        kind=kind,
        study=STUDY,
        match=match,
        judge=JudgeName(judge),
        revision=revision,
        number=number,
    )
