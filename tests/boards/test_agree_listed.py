"""Agreement in a match list is that of the same votes in a workspace, whatever systems are called."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.boards.agree_listed import alpha_listed, between_listed, habits_listed, opinions
from s2s_arena.boards.games import DURATION
from s2s_arena.boards.plain import Listed, PlainMatch, listed
from s2s_arena.records.studies import Outcome

NAMES = "abcd"
ROWS = st.lists(
    st.tuples(st.permutations(NAMES), *[st.sampled_from([Outcome.FIRST, Outcome.SECOND])] * 3), min_size=2, max_size=30
)


def votes(rows, names=NAMES) -> Listed:  # type: ignore[no-untyped-def]
    called = dict(zip(NAMES, names, strict=True))
    return listed(
        PlainMatch(
            system_a=called[order[0]],
            system_b=called[order[1]],
            outcome=outcome,
            attributes={"judge": judge, "sample": f"x{place}"},
        )
        for place, (order, *said) in enumerate(rows)
        for judge, outcome in zip(("model", "ann", "bob"), said, strict=True)
    )


def test_kappa_is_of_the_order_heard_by_hand() -> None:
    # a always wins, and is heard first in half of the matches: chance agreement is .5 and kappa 1, not undefined.
    rows = [
        (order, said, said, said)
        for order, said in (("abcd", Outcome.FIRST), ("bacd", Outcome.SECOND))
        for _ in range(4)
    ]
    made = between_listed(opinions(votes(rows)), one={"model"}, other={"ann"})
    assert made.table == ((4, 0), (0, 4))
    assert made.kappa.value == pytest.approx(1.0)


@settings(deadline=None, max_examples=30)
@given(rows=ROWS, names=st.permutations(NAMES))
def test_renaming_systems_changes_neither_kappa_nor_alpha(rows, names) -> None:  # type: ignore[no-untyped-def]
    here, there = (opinions(votes(rows, called)) for called in (NAMES, names))
    one, other = (between_listed(heard, one={"model"}, other={"ann"}) for heard in (here, there))
    assert (one.kappa, one.agreement) == (other.kappa, other.agreement)
    assert alpha_listed(here, resamples=2).value == alpha_listed(there, resamples=2).value


def test_a_judge_who_heard_the_other_order_is_turned() -> None:
    heard = opinions(
        listed(
            [
                PlainMatch(
                    system_a="b", system_b="a", outcome=Outcome.FIRST, attributes={"judge": "model", "sample": "x"}
                ),
                PlainMatch(
                    system_a="a", system_b="b", outcome=Outcome.SECOND, attributes={"judge": "ann", "sample": "x"}
                ),
            ]
        )
    )
    made = between_listed(heard, one={"model"}, other={"ann"})
    assert made.table == ((1, 0), (0, 0))


def test_alpha_is_of_the_judges_asked_about() -> None:
    first, second = Outcome.FIRST, Outcome.SECOND
    heard = opinions(votes([("abcd", first, first, second), ("abcd", second, second, first)]))
    assert alpha_listed(heard, judges=("model", "ann"), resamples=2).value == 1.0
    assert alpha_listed(heard, resamples=2).value != 1.0


def test_length_bias_where_the_file_has_lengths() -> None:
    rows = votes([("abcd", Outcome.FIRST, Outcome.SECOND, Outcome.FIRST)] * 3)
    assert habits_listed(rows, judge="model").length is None
    seconds = np.tile([5.0, 2.0], (len(rows.outcomes), 1))
    measured = replace(rows, features={DURATION: seconds})
    for judge, difference in (("model", 1.0), ("ann", -1.0)):
        length = habits_listed(measured, judge=judge).length
        assert length is not None
        assert length.difference.value == pytest.approx(difference)
