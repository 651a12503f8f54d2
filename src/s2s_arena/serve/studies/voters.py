"""Voters worth a look, and the board without them: flags are a reason to look, never to delete."""

from collections.abc import Mapping, Sequence

from s2s_arena.boards.crowd import Crowd, crowd
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.standings import standings
from s2s_arena.boards.votes import current
from s2s_arena.records.boards import Board
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId
from s2s_arena.records.matches import Match
from s2s_arena.records.studies import Study
from s2s_arena.records.verdicts import Event, EventKind
from s2s_arena.serve.voting.desk import StudyDesk

BOOTSTRAPS = 200
FEWEST_VOTES = 10


def reviewed(study: Study, *, matches: Sequence[Match], events: Sequence[Event]) -> tuple[Crowd, Board] | None:
    """Each person's evidence, and the board with everybody; None while there are too few votes to say anything.

    Args:
        study: Its systems and outcomes.
        matches: All that were drawn.
        events: All so far; those of model judges are left out.
    """
    people = [e for e in events if e.judge.startswith("person:") or e.judge == RULE_FAILURE]
    games, tally = rated_games(matches, current(people), systems=study.systems, outcomes=study.rules.outcomes)
    if games.count < FEWEST_VOTES:
        return None
    whole = standings(games, bootstraps=BOOTSTRAPS, tally=tally)
    return crowd(games, bootstraps=BOOTSTRAPS), whole


def exclusions(desk: StudyDesk, judge: JudgeName, *, restore: bool, reason: str, at: str) -> tuple[Event, ...]:
    """Events that keep a person's votes out of boards, or bring them back; the votes themselves stay in the log."""
    kind = EventKind.RESTORE if restore else EventKind.EXCLUDE
    found = []
    for match, own in desk.own(judge).items():
        excluded = False
        for event in own:
            if event.kind in (EventKind.EXCLUDE, EventKind.RESTORE):
                excluded = event.kind is EventKind.EXCLUDE
        if excluded is restore:
            revision = len(own)
            found.append(
                Event(
                    id=f"{kind}-{match[:24]}-{judge}-{revision}",
                    kind=kind,
                    study=desk.study.name,
                    match=match,
                    judge=judge,
                    revision=revision,
                    reason=reason,
                    at=at,
                )
            )
    return tuple(found)


def excluded(events: Mapping[MatchId, Sequence[Event]]) -> bool:
    """Whether the last decision on any of these matches keeps the votes out."""
    for own in events.values():
        last = [e.kind for e in own if e.kind in (EventKind.EXCLUDE, EventKind.RESTORE)]
        if last and last[-1] is EventKind.EXCLUDE:
            return True
    return False
