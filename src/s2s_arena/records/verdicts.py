"""Verdicts as an append-only log of events: a vote, its undoing, an exclusion, a restoration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from s2s_arena.records.identity import JudgeName, MatchId, StudyName, content_hash
from s2s_arena.records.studies import Criterion, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionOutcome:
    """One criterion's part of a verdict; `outcome` None is an abstention."""

    outcome: Outcome | None
    margin: float = 0.0  # in favour of the first take; logits or z, as the judge's card says
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One judge's choice between the take heard first and the take heard second."""

    match: MatchId
    study: StudyName
    judge: JudgeName
    order: tuple[int, int]  # (round, index): ratings depend on it
    outcome: Outcome  # the study says which outcomes are legal; strict by default
    criteria: Mapping[Criterion, CriterionOutcome] = field(default_factory=dict)
    margin: float = 0.0
    reason: str = ""
    raw: str = ""  # the judge's reply, whole
    prompt_hash: str = ""
    parsed: str = ""  # strict | tolerant | log-odds | rule | person
    judge_version: str = ""
    model_version: str = ""  # what a remote model says it is; the judge's own version does not depend on it
    seconds: float | None = None
    cost_usd: float | None = None
    both_bad: bool | None = None  # asked beside the strict vote; never changes it


class EventKind(StrEnum):
    """What happened in the log."""

    VOTE = "vote"
    UNDO = "undo"
    EXCLUDE = "exclude"
    RESTORE = "restore"
    FAILED = "failed"  # the judge gave no usable verdict; counted, may be tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the log. A judge has at most one current vote on a match: the last one not undone.

    `revision` counts the judge's events on the match from 0; (match, judge, revision) is unique in the
    store, so that two writers cannot both record the next one.
    """

    id: str  # chosen by who writes it: the same id and body again is the same event
    kind: EventKind
    study: StudyName
    match: MatchId
    judge: JudgeName
    revision: int = 0
    verdict: Verdict | None = None  # for votes
    reason: str = ""  # for the other kinds
    at: str = ""  # ISO 8601 UTC, for people; nothing depends on it
    number: int | None = None  # given by the store, 1, 2, 3, ...


def vote_id(*, match: MatchId, judge: JudgeName, revision: int, judge_version: str) -> str:
    """The id of a model judge's vote: equal work has an equal id."""
    return content_hash("vote", match, judge, revision, judge_version)
