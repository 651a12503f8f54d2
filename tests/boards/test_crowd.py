"""Voters who do not listen are flagged, and the board is shown without them, beside the board with all."""

import dataclasses

from s2s_arena.boards.crowd import crowd
from s2s_arena.boards.games import Labels
from s2s_arena.records.identity import RULE_FAILURE
from tests.boards.worlds import games

STRENGTHS = [1250.0, 1100.0, 950.0, 700.0]


def test_a_shill_is_flagged_and_the_board_without_it_rates_its_system_lower() -> None:
    played = games(STRENGTHS, 900, voters=6, shill=2)
    seen = crowd(played, bootstraps=50)
    assert seen.flagged == ("v2",)
    assert seen.raters[0].habit == "pro s3"
    assert seen.raters[0].ability is not None
    assert seen.raters[0].ability < min(r.ability for r in seen.raters[1:] if r.ability is not None)
    assert seen.without is not None
    assert seen.without.matches == played.count - seen.raters[0].votes


def test_honest_voters_are_left_alone() -> None:
    seen = crowd(games(STRENGTHS, 600, voters=5), bootstraps=50)
    assert (seen.flagged, seen.without) == ((), None)
    assert sum(r.votes for r in seen.raters) == 600
    assert all(r.low is not None and r.low < 1.3 for r in seen.raters)


def test_two_judges_make_no_crowd_and_the_failure_rule_is_none() -> None:
    played = games(STRENGTHS, 60, voters=2)
    ruled = [RULE_FAILURE if i < 20 else f"v{i % 2}" for i in range(60)]
    seen = crowd(dataclasses.replace(played, labels={"judge": Labels.of(ruled)}), bootstraps=20)
    assert [r.judge for r in seen.raters] == ["v0", "v1"]
    assert all(r.e_value is None and not r.flagged for r in seen.raters)
    alone = crowd(dataclasses.replace(played, labels={"judge": Labels.of(["v"] * 60)}), bootstraps=20)
    assert alone.raters[0].ability is None
