"""One current vote per judge and match, whatever happened in the log."""

import pytest

from s2s_arena.boards.votes import current
from s2s_arena.errors import InputError
from s2s_arena.records.studies import Outcome
from s2s_arena.records.verdicts import EventKind
from tests.strategies import JUDGE, a_match, a_vote, an_event

FIRST, SECOND = Outcome.FIRST, Outcome.SECOND
MATCH = a_match(0, "a", "b")


def said(*events: object, up_to: int | None = None) -> list[Outcome]:
    return [verdict.outcome for verdict in current(events, up_to=up_to).standing]  # type: ignore[arg-type]


def test_an_undone_vote_does_not_count() -> None:
    assert said(a_vote(MATCH, FIRST), an_event(EventKind.UNDO, MATCH.id, number=2)) == []


def test_the_last_vote_not_undone_counts() -> None:
    one, two = a_vote(MATCH, FIRST), a_vote(MATCH, SECOND, number=2, revision=1)
    assert said(one, two) == [SECOND]
    assert said(one, two, an_event(EventKind.UNDO, MATCH.id, number=3)) == [FIRST]


def test_an_exclusion_holds_until_the_restoration() -> None:
    one = a_vote(MATCH, FIRST)
    out = an_event(EventKind.EXCLUDE, MATCH.id, number=2)
    back = an_event(EventKind.RESTORE, MATCH.id, number=3)
    assert said(one, out) == []
    assert [v.outcome for v in current([one, out]).excluded] == [FIRST]
    assert said(one, out, back) == [FIRST]


def test_events_after_the_given_number_have_not_happened() -> None:
    events = [a_vote(MATCH, FIRST), an_event(EventKind.UNDO, MATCH.id, number=2)]
    assert said(*events, up_to=1) == [FIRST]
    assert current(events, up_to=1).up_to == 1


def test_judges_do_not_touch_each_others_votes() -> None:
    votes = current([a_vote(MATCH, FIRST, judge="x"), an_event(EventKind.UNDO, MATCH.id, judge="y", number=2)])
    assert votes.judges == ("x",)
    assert len(votes.of(MATCH.id)) == 1


def test_failures_are_counted_only_while_there_is_no_vote() -> None:
    failed = an_event(EventKind.FAILED, MATCH.id, number=1)
    assert current([failed, failed]).failed == {(MATCH.id, JUDGE): 2}
    assert current([failed, a_vote(MATCH, FIRST, number=2)]).failed == {}


def test_a_vote_without_a_verdict_is_refused() -> None:
    with pytest.raises(InputError, match="without its own verdict"):
        current([an_event(EventKind.VOTE, MATCH.id)])
