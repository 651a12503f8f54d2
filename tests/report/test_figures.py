"""Figures stay readable and small on boards of many systems."""

from s2s_arena.boards.standings import standings
from s2s_arena.report.figures import LABELLED, win_rates
from tests.boards.worlds import games


def test_cells_are_labelled_only_where_they_can_be_read() -> None:
    few = win_rates(standings(games([1000.0] * 5, 400), bootstraps=0))
    many = win_rates(standings(games([1000.0] * (LABELLED + 10), 400), bootstraps=0))
    assert len(few.axes[0].texts) == 20
    assert len(many.axes[0].texts) == 0
    assert max(many.get_size_inches()) < 12
