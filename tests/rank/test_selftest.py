"""The self-test passes here, and fails when something is wrong."""

from s2s_arena.rank.selftest import Check, clones_of, selftest
from tests.boards.worlds import games


def test_every_check_of_the_self_test_passes() -> None:
    checks = selftest()
    assert len(checks) > 25
    assert [check.line for check in checks if not check.passed] == []


def test_a_wrong_figure_fails_and_says_so() -> None:
    check = Check(name="sum", wanted=10.0, found=11.0, tolerance=0.5)
    assert not check.passed
    assert check.line == "FAIL  sum: 11 (10 +- 0.5 wanted)"


def test_no_system_of_a_board_separates_from_itself() -> None:
    played = games([1150.0, 1000.0, 850.0], 600)
    (check,) = clones_of(played)
    assert check.passed
    assert "3 systems entered twice" in check.name
