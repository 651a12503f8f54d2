"""The win-rate matrix: row beats column."""

from s2s_arena.boards.standings import board
from s2s_arena.boards.tables import win_table
from s2s_arena.boards.votes import current
from s2s_arena.records.identity import SystemName
from s2s_arena.records.studies import Outcome
from tests.strategies import a_match, a_vote


def test_rates_and_counts_follow_the_order_of_the_standings() -> None:
    matches = [a_match(i, "a", "b") for i in range(4)]
    events = [a_vote(m, Outcome.SECOND if i else Outcome.FIRST, number=i + 1) for i, m in enumerate(matches)]
    systems = tuple(SystemName(s) for s in "abc")
    table = win_table(board(matches, current(events), systems=systems, bootstraps=5))
    assert table.systems == ("b", "c", "a")
    assert table.rates == ((None, None, 0.75), (None, None, None), (0.25, None, None))
    assert table.counts == ((0, 0, 4), (0, 0, 0), (4, 0, 0))
