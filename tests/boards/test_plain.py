"""Plain match lists: every spelling of the winner, strict unless ties are allowed."""

import pytest

from s2s_arena.boards.plain import PlainMatch, outcome_of, plain_games
from s2s_arena.boards.standings import standings
from s2s_arena.errors import IllegalVoteError, InvalidMatchesError
from s2s_arena.records.studies import Outcome

FIRST, SECOND = Outcome.FIRST, Outcome.SECOND


def a_row(a: str, b: str, outcome: Outcome = FIRST, **attributes: str) -> PlainMatch:
    return PlainMatch(system_a=a, system_b=b, outcome=outcome, attributes=attributes)


@pytest.mark.parametrize(
    ("winner", "outcome"),
    [
        ("gpt", FIRST),
        ("moshi", SECOND),
        ("a", FIRST),
        ("B", SECOND),
        ("model_a", FIRST),
        ("model_b", SECOND),
        ("tie", Outcome.TIE),
        ("both_good", Outcome.BOTH_GOOD),
        ("both_bad", Outcome.BOTH_BAD),
    ],
)
def test_winners_are_names_sides_or_ties(winner: str, outcome: Outcome) -> None:
    assert outcome_of(winner, system_a="gpt", system_b="moshi") is outcome


def test_a_system_called_b_on_side_a_is_itself() -> None:
    assert outcome_of("b", system_a="b", system_b="a") is FIRST


def test_a_winner_from_elsewhere_is_refused_by_name() -> None:
    with pytest.raises(IllegalVoteError, match="winner 'siri': not in the match of gpt and moshi"):
        outcome_of("siri", system_a="gpt", system_b="moshi")


def test_a_system_against_itself_names_its_row() -> None:
    with pytest.raises(InvalidMatchesError, match="row 2: x meets itself"):
        plain_games([a_row("x", "y"), a_row("x", "x")])


def test_ties_are_refused_unless_allowed() -> None:
    with pytest.raises(IllegalVoteError, match="row 1: outcome tie is not allowed"):
        plain_games([a_row("x", "y", Outcome.TIE)])
    games, _ = plain_games([a_row("x", "y", Outcome.TIE)], outcomes=tuple(Outcome))
    assert games.scores.tolist() == [0.5]


def test_both_bad_is_counted_and_not_rated() -> None:
    games, tally = plain_games([a_row("x", "y", Outcome.BOTH_BAD), a_row("x", "y")], outcomes=tuple(Outcome))
    made = standings(games, tally=tally, bootstraps=5)
    assert (made.matches, made.both_bad, made.unrated) == (1, 1, {"both bad": 1})


def test_attributes_become_labels_with_gaps() -> None:
    games, _ = plain_games([a_row("x", "y", judge="j"), a_row("y", "x")])
    assert games.label("judge").codes.tolist() == [0, -1]
    assert games.with_label("judge", "j").count == 1
