"""The desk refuses what the study forbids and keeps one current vote per judge and match."""

from dataclasses import replace

import pytest

from s2s_arena.arena import ballot
from s2s_arena.arena.schedule import draw_round
from s2s_arena.errors import IllegalVoteError
from s2s_arena.records.identity import RULE_FAILURE, JudgeName, MatchId, StudyName, SystemName
from s2s_arena.records.responses import FailureKind
from s2s_arena.records.studies import Criterion, Outcome, Rules
from s2s_arena.records.verdicts import CriterionOutcome, EventKind, Verdict

from .worlds import make_samples, make_study, make_take, make_takes

STUDY = make_study(judges=["ann", "bob"], rules=Rules(criteria=(Criterion.QUALITY,)))
SAMPLES = make_samples(4)
MATCH = draw_round(STUDY, samples=SAMPLES, takes=make_takes(SAMPLES), number=2)[1][3]
ANN = JudgeName("ann")


def verdict(**changes) -> Verdict:
    given = {
        "match": MATCH.id,
        "study": STUDY.name,
        "judge": ANN,
        "order": (2, 3),
        "outcome": Outcome.FIRST,
        "judge_version": "v1",
    }
    return Verdict(**{**given, **changes})


def accept(vote=None, *, study=STUDY, match=MATCH, **options):
    return ballot.accept(vote or verdict(), study=study, match=match, **options)


def test_a_legal_vote_becomes_an_event_with_the_whole_verdict():
    event = accept(at="2026-01-01T00:00:00Z")
    assert (event.kind, event.match, event.judge, event.revision) == (EventKind.VOTE, MATCH.id, ANN, 0)
    assert event.verdict == verdict() and event.number is None


def test_equal_work_of_a_model_judge_has_an_equal_id():
    assert accept().id == accept().id
    assert accept(verdict(judge_version="v2")).id != accept().id
    assert accept(verdict(judge=JudgeName("bob"))).id != accept().id


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"outcome": Outcome.TIE}, "tie"),
        ({"outcome": Outcome.BOTH_BAD}, "first, second"),
        ({"judge": JudgeName("eve")}, "eve"),
        ({"match": MatchId("other")}, "other"),
        ({"study": StudyName("other")}, "other"),
        ({"order": (2, 4)}, "match 3 of round 2"),
        ({"criteria": {Criterion.INSTRUCTION: CriterionOutcome(outcome=Outcome.FIRST)}}, "instruction"),
    ],
)
def test_what_the_study_or_match_does_not_allow_is_refused_by_name(changes, named):
    with pytest.raises(IllegalVoteError, match=named):
        accept(verdict(**changes))


def test_a_study_may_allow_ties():
    study = replace(STUDY, rules=Rules(outcomes=(Outcome.FIRST, Outcome.SECOND, Outcome.TIE)))
    assert accept(verdict(outcome=Outcome.TIE), study=study).verdict.outcome is Outcome.TIE


def test_a_study_that_names_no_judges_is_open():
    assert accept(verdict(judge=JudgeName("eve")), study=replace(STUDY, judges=())).judge == "eve"


def test_a_match_of_a_system_with_itself_gets_no_vote():
    with pytest.raises(IllegalVoteError, match="itself"):
        accept(match=replace(MATCH, second_system=MATCH.first_system))


def test_a_second_vote_needs_an_undo_first():
    first = accept(id="v1")
    with pytest.raises(IllegalVoteError, match="undo"):
        accept(history=[first], id="v2")
    undone = ballot.undo(ANN, study=STUDY, match=MATCH, history=[first], reason="slip")
    again = accept(verdict(outcome=Outcome.SECOND), history=[first, undone], id="v2")
    assert (undone.kind, undone.revision, again.revision) == (EventKind.UNDO, 1, 2)
    assert ballot.current([again, first, undone]) == again
    assert accept(verdict(judge=JudgeName("bob")), history=[first]).revision == 0


def test_the_same_request_again_is_the_same_event():
    first = accept(id="v1")
    assert accept(history=[first], id="v1") == first
    undone = ballot.undo(ANN, study=STUDY, match=MATCH, history=[first], id="u1")
    assert ballot.undo(ANN, study=STUDY, match=MATCH, history=[first, undone], id="u1") == undone


def test_nothing_to_undo_is_said():
    with pytest.raises(IllegalVoteError, match="no vote"):
        ballot.undo(ANN, study=STUDY, match=MATCH, history=[])
    first = accept()
    undone = ballot.undo(ANN, study=STUDY, match=MATCH, history=[first])
    with pytest.raises(IllegalVoteError, match="no vote"):
        ballot.undo(ANN, study=STUDY, match=MATCH, history=[first, undone])


def test_a_judge_that_gave_no_usable_verdict_may_try_again():
    lost = ballot.failed(ANN, study=STUDY, match=MATCH, reason="unparsed", judge_version="v1")
    again = ballot.failed(ANN, study=STUDY, match=MATCH, reason="unparsed", history=[lost], judge_version="v1")
    vote = accept(history=[lost, again])
    assert (lost.kind, again.revision, vote.revision) == (EventKind.FAILED, 1, 2)
    assert len({lost.id, again.id, vote.id}) == 3
    assert ballot.current([lost, again]) is None
    with pytest.raises(IllegalVoteError, match="eve"):
        ballot.failed(JudgeName("eve"), study=STUDY, match=MATCH, reason="")


def test_current_votes_leave_out_what_was_undone():
    other = replace(accept(verdict(judge=JudgeName("bob"))), number=2)
    first = accept()
    undone = ballot.undo(ANN, study=STUDY, match=MATCH, history=[first])
    assert ballot.current_votes([first, other, undone]) == {(MATCH.id, "bob"): other}


def test_a_winner_may_be_named():
    assert ballot.by_name(MATCH, MATCH.first_system) is Outcome.FIRST
    assert ballot.by_name(MATCH, MATCH.second_system) is Outcome.SECOND
    with pytest.raises(IllegalVoteError, match="nobody"):
        ballot.by_name(MATCH, SystemName("nobody"))


def takes(first: FailureKind | None = None, second: FailureKind | None = None):
    return (
        make_take(MATCH.sample, MATCH.first_system, failure=first),
        make_take(MATCH.sample, MATCH.second_system, failure=second),
    )


def test_a_failed_take_loses_by_rule():
    for failures, outcome in (((FailureKind.SILENT, None), "second"), ((None, FailureKind.TIMED_OUT), "first")):
        vote = ballot.rule_verdict(MATCH, *takes(*failures))
        assert (vote.judge, vote.outcome, vote.parsed, vote.order) == (RULE_FAILURE, outcome, "rule", (2, 3))
        event = ballot.rule_event(MATCH, *takes(*failures), study=STUDY)
        assert event.verdict == vote and event.kind is EventKind.VOTE
        assert ballot.rule_event(MATCH, *takes(*failures), study=STUDY, history=[event]) is None


def test_two_good_takes_need_a_judge():
    assert ballot.rule_verdict(MATCH, *takes()) is None
    assert ballot.rule_event(MATCH, *takes(), study=STUDY) is None


def test_two_failed_takes_are_recorded_and_not_rated():
    both = takes(FailureKind.SILENT, FailureKind.CRASHED)
    assert ballot.rule_verdict(MATCH, *both) is None
    event = ballot.rule_event(MATCH, *both, study=STUDY)
    assert (event.kind, event.judge, event.verdict) == (EventKind.FAILED, RULE_FAILURE, None)
    assert event.reason == ballot.BOTH_FAILED
    assert ballot.rule_event(MATCH, *both, study=STUDY, history=[event]) is None


def test_the_rule_refuses_takes_that_are_not_those_of_the_match():
    first, second = takes(FailureKind.SILENT, None)
    with pytest.raises(IllegalVoteError, match="first one"):
        ballot.rule_verdict(MATCH, second, first)
