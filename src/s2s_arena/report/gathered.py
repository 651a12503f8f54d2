"""What a report is made of: a study's records, its board with what it can bear, and how its judges agree."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from s2s_arena.boards.agree import Agreement, between
from s2s_arena.boards.analysis import Analysis, Part, analysed
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.standings import Made, made
from s2s_arena.boards.style import measured
from s2s_arena.boards.votes import Votes, current
from s2s_arena.protocols import Store
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import RULE_FAILURE, AudioHash, JudgeName, TakeId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.studies import Study
from s2s_arena.records.systems import SystemCard

MANY = 6  # judges, beyond whom a page does not compare every two


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything of one study that a report is made of."""

    matches: tuple[Match, ...]
    votes: Votes
    takes: Mapping[TakeId, Take]
    responses: Mapping[str, Response]
    cues: Mapping[AudioHash, Cues]


def gathered(study: Study, store: Store) -> Records:
    """The records of a study, matches in order of play; of several extractors' cues the last ones."""
    matches = tuple(sorted(store.all(Match, study=study.name), key=lambda m: (m.round, m.index)))
    wanted = {take for m in matches for take in (m.first, m.second)}
    # One pass over each kind is many times as fast as asking for thousands of records one by one.
    takes = {take.id: take for take in sorted(store.all(Take), key=lambda take: take.id) if take.id in wanted}
    keys = {key for take in takes.values() for key in take.responses}
    responses: dict[str, Response] = {r.key: r for r in store.all(Response) if r.key in keys}
    heard = {r.speech.hash for r in responses.values() if r.speech is not None}
    cues = {c.audio: c for c in store.all(Cues) if c.audio in heard}
    return Records(
        matches=matches, votes=current(store.events(study=study.name)), takes=takes, responses=responses, cues=cues
    )


def board_of(
    study: Study, material: Records, *, method: str, judge: JudgeName | None, seed: int, bootstraps: int
) -> Made:
    """The board with what it was made of, and what is measured of the answers."""
    games, tally = rated_games(
        material.matches,
        material.votes,
        systems=study.systems,
        judge=judge,
        takes=material.takes.values(),
        outcomes=study.rules.outcomes,
        labels={"first": lambda match: match.first, "second": lambda match: match.second},
    )
    first, second = games.label("first"), games.label("second")
    pairs = [
        (TakeId(first.names[a]), TakeId(second.names[b]))
        for a, b in zip(first.codes.tolist(), second.codes.tolist(), strict=True)
    ]
    features = measured(pairs, takes=material.takes, responses=material.responses, cues=material.cues)
    return made(
        replace(games, features=features),
        method=method,
        judge=judge,
        seed=seed,
        bootstraps=bootstraps,
        tally=tally,
    )


def analysis_of(found: Made, cards: Mapping[str, SystemCard]) -> Analysis:
    """All that can be said of the board without being asked for more."""
    parts = {Part.PLAN}
    judges = found.games.label("judge").names
    if len([name for name in judges if name != RULE_FAILURE]) > 1:
        parts.add(Part.JUDGES)
    if any(np.isfinite(values).all(axis=1).any() for values in found.games.features.values()):
        parts.add(Part.STYLE)
    if sum(name in cards for name in found.games.systems) > 2:
        parts.add(Part.FACTORS)
    return analysed(found, parts=parts, cards=cards)


def agreements_of(material: Records, judge: JudgeName | None) -> tuple[Agreement, ...]:
    """Of each two judges that have matches in common."""
    if judge is not None:
        return ()
    names = [name for name in material.votes.judges if name != RULE_FAILURE][:MANY]
    pairs = (between(material.matches, material.votes, one={a}, other={b}) for a, b in combinations(names, 2))
    return tuple(found for found in pairs if found.agreement.cases)
