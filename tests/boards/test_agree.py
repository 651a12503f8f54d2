"""Agreement comes from the joint table, beside what knowing the systems alone would reach."""

import numpy as np
import pytest

from s2s_arena.boards.agree import CATEGORIES, Cases, alpha, beside_people, between, compare, compare_by, habits
from s2s_arena.boards.votes import current
from s2s_arena.records.identity import JudgeName
from s2s_arena.records.matches import Purpose
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.verdicts import CriterionOutcome, Event, EventKind
from tests.strategies import STUDY, a_match, a_verdict, a_vote

FIRST, SECOND = Outcome.FIRST, Outcome.SECOND
MODEL, PERSON, FRIEND = JudgeName("model"), JudgeName("person"), JudgeName("friend")


def outcomes(code: str) -> list[Outcome]:
    return [FIRST if c == "1" else SECOND for c in code]


def votes_of(matches, **said: str):  # type: ignore[no-untyped-def]
    return current(
        a_vote(match, outcome, judge=judge, number=i + 1)
        for judge, code in said.items()
        for i, (match, outcome) in enumerate(zip(matches, outcomes(code), strict=True))
    )


def test_two_judges_are_compared_on_the_matches_both_judged() -> None:
    matches = [a_match(i, "a", "b") for i in range(4)]
    votes = votes_of(matches, model="1122", person="1121")
    made = between(matches, votes, one={MODEL}, other={PERSON})
    assert made.table == ((2, 0), (1, 1))
    assert made.agreement.value == 0.75
    # observed .75; chance .5 * .75 + .5 * .25 = .5
    assert made.kappa.value == pytest.approx(0.5)
    assert (made.one, made.other, made.categories) == ("model", "person", ("first", "second"))


def test_rows_are_the_first_group_whatever_the_names() -> None:
    matches = [a_match(i, "a", "b") for i in range(4)]
    votes = votes_of(matches, model="1122", person="1121")
    there, back = (
        between(matches, votes, one={one}, other={other}) for one, other in ((MODEL, PERSON), (PERSON, MODEL))
    )
    assert np.array_equal(np.array(there.table).T, np.array(back.table))


def test_people_against_people_counts_each_pair_once() -> None:
    matches = [a_match(0, "a", "b")]
    votes = votes_of(matches, person="1", friend="2", model="1")
    made = between(matches, votes, one={PERSON, FRIEND}, other={PERSON, FRIEND})
    assert made.agreement.cases == 1
    assert made.agreement.value == 0.0


def test_naming_the_better_system_is_the_baseline_and_close_pairs_are_apart() -> None:
    # a always beats b; c and d are equal: knowing the systems gets the first right and half of the second.
    matches = [a_match(i, "a", "b") for i in range(20)] + [a_match(20 + i, "c", "d") for i in range(20)]
    votes = votes_of(matches, model="1" * 40, person="1" * 20 + "12" * 10)
    made = between(matches, votes, one={MODEL}, other={PERSON})
    assert made.agreement.value == 0.75
    assert made.baseline.value == pytest.approx(0.75, abs=0.15)
    assert made.beyond.value == pytest.approx(made.agreement.value - made.baseline.value)
    assert (made.close.cases, made.close.value) == (20, 0.5)
    assert made.close_baseline.value == pytest.approx(0.5, abs=0.3)


def test_parts_share_the_board_from_which_names_are_judged() -> None:
    said = np.array([0, 1] * 20)
    whole = Cases(one=said, other=said, pairs=np.array([[0, 1]] * 40), items=np.arange(40), systems=2, names=("x", "y"))
    parts = compare_by(whole, np.array([0] * 30 + [1] * 8 + [-1] * 2))
    assert {label: part.agreement.cases for label, part in parts.items()} == {0: 30, 1: 8}
    assert all(part.kappa.value == pytest.approx(1.0) for part in parts.values())


def test_a_judge_is_shown_beside_people_only_where_two_of_them_judged() -> None:
    first, second = CATEGORIES.index(FIRST), CATEGORIES.index(SECOND)
    people = np.array([[first, first, second, -1], [first, second, second, first]])
    made = beside_people(people, np.array([first, first, first, second]), name="model")
    assert made is not None
    assert (made.model.cases, made.people.value) == (3, pytest.approx(2 / 3))
    assert made.model.value == pytest.approx((1 + 0.5 + 0) / 3)
    assert made.shortfall.value == pytest.approx(2 / 3 - 0.5)
    assert beside_people(people[:1], np.array([first] * 4), name="model") is None


def test_criteria_can_be_compared_and_abstentions_are_left_out() -> None:
    matches = [a_match(i, "a", "b") for i in range(2)]
    events = [
        Event(
            id=f"{judge}{i}",
            kind=EventKind.VOTE,
            study=STUDY,
            match=match.id,
            judge=JudgeName(judge),
            verdict=a_verdict(
                match,
                FIRST,
                judge=judge,
                criteria={Criterion.QUALITY: CriterionOutcome(outcome=SECOND if i == 0 else None)},
            ),
            number=i + 1,
        )
        for judge in ("model", "person")
        for i, match in enumerate(matches)
    ]
    made = between(matches, current(events), one={MODEL}, other={PERSON}, criterion=Criterion.QUALITY)
    assert (made.agreement.cases, made.agreement.value) == (1, 1.0)


def test_no_common_match_is_no_figure_rather_than_a_number() -> None:
    made = between([], current([]), one={MODEL}, other={PERSON})
    assert made.agreement.value is None
    assert made.kappa.value is None


def test_a_judge_that_always_says_first_shows_it() -> None:
    matches = [a_match(i, "a", "b") for i in range(10)]
    swaps = [a_match(20 + i, "b", "a", purpose=Purpose.SWAP) for i in range(3)]
    repeats = [a_match(30 + i, "a", "b", purpose=Purpose.REPEAT) for i in range(4)]
    everything = [*matches, *swaps, *repeats]
    votes = votes_of(everything, model="1" * 17)
    seconds = {matches[0].first: 2.0, matches[0].second: 1.0}
    made = habits(everything, votes, judge=MODEL, seconds=seconds)
    assert made.position.difference.value == 1.0
    assert (made.swaps.value, made.swaps.cases) == (0.0, 3)
    assert (made.repeats.value, made.repeats.cases) == (1.0, 4)
    assert made.length is not None
    assert made.length.wins == 10


def test_alpha_of_judges_who_always_agree_is_one() -> None:
    matches = [a_match(i, "a", "b") for i in range(6)]
    votes = votes_of(matches, model="112212", person="112212")
    assert alpha(matches, votes, judges={MODEL, PERSON}).value == pytest.approx(1.0)


def test_typed_ties_get_their_own_rows() -> None:
    pairs = np.array([[0, 1]] * 3)
    said = (np.array([0, 3, 4]), np.array([0, 3, 3]))
    made = compare(Cases(one=said[0], other=said[1], pairs=pairs, items=np.arange(3), systems=2, names=("x", "y")))
    assert made.categories == ("first", "second", "both_good", "both_bad")
    assert made.agreement.value == pytest.approx(2 / 3)
