"""The one desk for verdicts of people and models: accepts or refuses, one current vote per judge and match."""

from collections.abc import Iterable, Mapping

from s2s_arena.errors import IllegalVoteError
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, SystemName, content_hash
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.studies import Outcome, Study
from s2s_arena.records.verdicts import Event, EventKind, Verdict, vote_id


def accept(
    verdict: Verdict, *, study: Study, match: Match, history: Iterable[Event] = (), id: str | None = None, at: str = ""
) -> Event:
    """The event to append for a vote that the study allows.

    Args:
        verdict: The vote.
        study: Its rules and judges decide; a study that names no judges is open to all.
        match: The match voted on.
        history: The log's events; only this judge's on this match are looked at.
        id: Chosen by a person's client for each vote, so that a repeated request is the same event; by default
            that of a model judge's vote.
        at: ISO 8601 UTC, for people.

    Returns:
        The event. If `id` is in the history it has that event's revision, so appending it again changes nothing.

    Raises:
        IllegalVoteError: Another study, match or order of play; an outcome or criterion the study forbids; a judge it
            does not have; or a judge who has a current vote on the match.
    """
    _check_place(verdict, study=study, match=match)
    _check_judge(verdict.judge, study=study)
    _check_outcomes(verdict, study=study)
    mine = _own(history, match=match.id, judge=verdict.judge)
    revision = len(mine)
    known = next((event for event in mine if event.id == id), None) if id else None
    if known is not None:
        revision = known.revision
    elif current(mine) is not None:
        raise IllegalVoteError(f"match {match.id}: judge {verdict.judge} has voted already; undo that vote first")
    return Event(
        id=id or vote_id(match=match.id, judge=verdict.judge, revision=revision, judge_version=verdict.judge_version),
        kind=EventKind.VOTE,
        study=study.name,
        match=match.id,
        judge=verdict.judge,
        revision=revision,
        verdict=verdict,
        at=at,
    )


def failed(
    judge: JudgeName,
    *,
    study: Study,
    match: Match,
    reason: str,
    history: Iterable[Event] = (),
    judge_version: str = "",
    at: str = "",
) -> Event:
    """The event to append when a judge gave no usable verdict: counted, and the judge may try again.

    Raises:
        IllegalVoteError: The match is of another study, or the study does not have the judge.
    """
    if match.study != study.name:
        raise IllegalVoteError(f"match {match.id}: is of study {match.study}, not of {study.name}")
    _check_judge(judge, study=study)
    revision = len(_own(history, match=match.id, judge=judge))
    return Event(
        id=content_hash("failed", match.id, judge, revision, judge_version),
        kind=EventKind.FAILED,
        study=study.name,
        match=match.id,
        judge=judge,
        revision=revision,
        reason=reason,
        at=at,
    )


def undo(
    judge: JudgeName,
    *,
    study: Study,
    match: Match,
    history: Iterable[Event],
    reason: str = "",
    id: str | None = None,
    at: str = "",
) -> Event:
    """The event that takes a judge's current vote back.

    Raises:
        IllegalVoteError: There is no current vote of that judge on that match.
    """
    mine = _own(history, match=match.id, judge=judge)
    known = next((event for event in mine if event.id == id), None) if id else None
    if known is None and current(mine) is None:
        raise IllegalVoteError(f"match {match.id}: judge {judge} has no vote to undo")
    revision = len(mine) if known is None else known.revision
    return Event(
        id=id or content_hash("undo", match.id, judge, revision),
        kind=EventKind.UNDO,
        study=study.name,
        match=match.id,
        judge=judge,
        revision=revision,
        reason=reason,
        at=at,
    )


def current(events: Iterable[Event]) -> Event | None:
    """The vote that stands among one judge's events on one match: the last one, unless undone."""
    standing: Event | None = None
    for event in sorted(events, key=lambda e: e.revision):
        if event.kind is EventKind.VOTE:
            standing = event
        elif event.kind is EventKind.UNDO:
            standing = None
    return standing


def current_votes(events: Iterable[Event]) -> Mapping[tuple[MatchId, JudgeName], Event]:
    """Every judge's standing vote on every match of a log."""
    own: dict[tuple[MatchId, JudgeName], list[Event]] = {}
    for event in events:
        own.setdefault((event.match, event.judge), []).append(event)
    votes = {place: current(mine) for place, mine in own.items()}
    return {place: vote for place, vote in votes.items() if vote is not None}


def by_name(match: Match, winner: SystemName) -> Outcome:
    """The outcome in which that system wins.

    Raises:
        IllegalVoteError: It was not in the match.
    """
    if winner == match.first_system:
        return Outcome.FIRST
    if winner == match.second_system:
        return Outcome.SECOND
    raise IllegalVoteError(
        f"match {match.id}: system {winner} did not play; name {match.first_system} or {match.second_system}"
    )


def rule_verdict(match: Match, first: Take, second: Take) -> Verdict | None:
    """The verdict of `rule:failure`: the take that failed loses. None if neither failed, or both.

    Raises:
        IllegalVoteError: The takes are not those of the match, in its order.
    """
    _check_takes(match, first, second)
    if (first.failure is None) is (second.failure is None):
        return None
    loser = first if first.failure is not None else second
    return Verdict(
        match=match.id,
        study=match.study,
        judge=RULE_FAILURE,
        order=(match.round, match.index),
        outcome=Outcome.SECOND if loser is first else Outcome.FIRST,
        reason=f"the answer of the {'first' if loser is first else 'second'} take failed: {loser.failure}",
        parsed="rule",
        judge_version="1",
    )


def rule_event(match: Match, first: Take, second: Take, *, study: Study, history: Iterable[Event] = ()) -> Event | None:
    """What `rule:failure` appends: a vote if one take failed, a FAILED event ("both takes failed", counted and not
    rated) if both did, None if a judge has to listen.

    The rule speaks once: None also when the history has its event already.

    Raises:
        IllegalVoteError: The takes are not those of the match, in its order.
    """
    verdict = rule_verdict(match, first, second)
    mine = _own(history, match=match.id, judge=RULE_FAILURE)
    if mine or (verdict is None and first.failure is None):
        return None
    if verdict is not None:
        return accept(verdict, study=study, match=match)
    return failed(RULE_FAILURE, study=study, match=match, reason=BOTH_FAILED, judge_version="1")


BOTH_FAILED = "both takes failed"
"""Reason of the FAILED event of `rule:failure` when there is nothing to rate."""


def _own(history: Iterable[Event], *, match: MatchId, judge: JudgeName) -> list[Event]:
    return [event for event in history if event.match == match and event.judge == judge]


def _check_place(verdict: Verdict, *, study: Study, match: Match) -> None:
    if match.study != study.name or verdict.study != study.name:
        raise IllegalVoteError(
            f"match {match.id}: is of study {match.study}, the vote is for study {verdict.study}; vote in {study.name}"
        )
    if verdict.match != match.id:
        raise IllegalVoteError(f"match {match.id}: the vote is for match {verdict.match}")
    if tuple(verdict.order) != (match.round, match.index):
        raise IllegalVoteError(
            f"match {match.id}: order {tuple(verdict.order)} given, it is match {match.index} of round {match.round}"
        )
    if match.first_system == match.second_system:
        raise IllegalVoteError(
            f"match {match.id}: system {match.first_system} meets itself; there is nothing to vote on"
        )


def _check_judge(judge: JudgeName, *, study: Study) -> None:
    if study.judges and judge not in (*study.judges, RULE_FAILURE):
        raise IllegalVoteError(
            f"study {study.name}: judge {judge} is not one of its judges ({', '.join(study.judges)}); add it first"
        )


def _check_outcomes(verdict: Verdict, *, study: Study) -> None:
    legal = study.rules.outcomes
    if verdict.outcome not in legal:
        raise IllegalVoteError(
            f"study {study.name}: outcome {verdict.outcome} is not allowed; give one of: {', '.join(legal)}"
        )
    for criterion in verdict.criteria:
        if criterion not in study.rules.criteria:
            asked = ", ".join(study.rules.criteria)
            raise IllegalVoteError(f"study {study.name}: criterion {criterion} is not asked; it asks: {asked}")


def _check_takes(match: Match, first: Take, second: Take) -> None:
    for take, id, side in ((first, match.first, "first"), (second, match.second, "second")):
        if take.id != id or take.sample != match.sample:
            raise IllegalVoteError(f"match {match.id}: take {take.id} given as the {side} one, which is take {id}")
