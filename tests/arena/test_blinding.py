import pytest

from s2s_arena.arena.blinding import token
from s2s_arena.records.identity import MatchId

SECRET = b"0123456789abcdef"


def test_tokens_are_stable_for_who_has_the_secret_and_differ_by_match_side_and_secret():
    one = token(MatchId("m1"), "first", secret=SECRET)
    assert one == token(MatchId("m1"), "first", secret=SECRET) and len(one) == 32
    others = {
        token(MatchId("m1"), "second", secret=SECRET),
        token(MatchId("m2"), "first", secret=SECRET),
        token(MatchId("m1"), "first", secret=SECRET + b"x"),
    }
    assert len(others) == 3 and one not in others


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="16"):
        token(MatchId("m"), "first", secret=b"short")
