"""People against people beside a model against people: every pair of judges that could be drawn, each item once."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.agreement import agreement, joint_table, kappa
from s2s_arena.ratings.panels import between, panel, people_and_model, within

LABELS = (
    st.integers(2, 4)
    .flatmap(
        lambda judges: st.lists(st.lists(st.integers(-1, 2), min_size=judges, max_size=judges), min_size=1, max_size=12)
    )
    .map(lambda rows: np.array(rows).T)
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@settings(max_examples=40, deadline=None)
@given(LABELS)
def test_the_tables_are_the_mean_over_all_pairs_that_could_be_drawn(labels) -> None:  # type: ignore[no-untyped-def]
    enough = (labels >= 0).sum(axis=0) >= 2
    tables = within(labels[:, enough], 3)
    for item, made in zip(np.flatnonzero(enough), tables, strict=True):
        said = labels[labels[:, item] >= 0, item]
        counted = np.zeros((3, 3))
        for a, b in permutations(range(len(said)), 2):
            counted[said[a], said[b]] += 1
        assert made == pytest.approx(counted / counted.sum())
    assert between(labels[:1, enough & (labels[0] >= 0)], labels[:, enough & (labels[0] >= 0)], 3).sum(
        axis=(1, 2)
    ) == pytest.approx(1.0)


def test_two_judges_are_the_plain_joint_table() -> None:
    given_labels = rng().integers(2, size=(2, 80))
    made = panel(given_labels[:1], given_labels[1:], categories=2, rng=rng())
    table = joint_table(given_labels[0], given_labels[1], categories=2)
    assert made.table * 80 == pytest.approx(table)
    plain, chance_free = agreement(table), kappa(table)
    assert (made.agreement.value, made.kappa.value) == pytest.approx((plain.value, chance_free.value))
    assert (made.agreement.low, made.agreement.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    assert (made.kappa.low, made.kappa.high) == pytest.approx((chance_free.low, chance_free.high), abs=0.06)


def test_an_item_counts_once_however_many_judged_it() -> None:
    # Item 0: five people agree. Item 1: two differ. Counting pairs of votes would say 10 of 11; by item it is 1/2.
    people = np.array([[1, 0], [1, 1], [1, -1], [1, -1], [1, -1]])
    assert panel(people, categories=2, rng=rng()).agreement.value == pytest.approx(0.5)


def test_a_model_as_good_as_a_person_falls_short_of_people_by_nothing_and_a_coin_by_much() -> None:
    source = np.random.default_rng(1)
    truth = source.integers(2, size=400)
    people = np.where(source.random((4, 400)) < 0.85, truth, 1 - truth)
    people[source.random((4, 400)) < 0.3] = -1
    person = np.where(source.random(400) < 0.85, truth, 1 - truth)
    made = people_and_model(people, person, categories=2, rng=rng())
    assert made.people.agreement.value == pytest.approx(0.745, abs=0.05)  # .85^2 + .15^2
    assert made.shortfall.low < 0.0 < made.shortfall.high  # type: ignore[operator]
    assert made.people.agreement.cases == made.model.agreement.cases == ((people >= 0).sum(axis=0) >= 2).sum()
    coin = people_and_model(people, source.integers(2, size=400), categories=2, rng=rng())
    assert coin.shortfall.low > 0.1  # type: ignore[operator]


def test_intervals_cover_as_often_as_they_say() -> None:
    source = np.random.default_rng(2)
    inside = []
    for _ in range(200):
        truth = source.integers(2, size=90)
        people = np.where(source.random((3, 90)) < 0.8, truth, 1 - truth)
        made = panel(people, categories=2, rng=source, resamples=300)
        for estimate, value in ((made.agreement, 0.68), (made.kappa, 0.36)):  # .8^2 + .2^2; 2 * .68 - 1
            inside.append(estimate.low <= value <= estimate.high)  # type: ignore[operator]
    assert 0.92 <= np.mean(inside[::2]) <= 0.98 and 0.91 <= np.mean(inside[1::2]) <= 0.98


def test_items_judged_alike_widen_the_interval_when_clustered() -> None:
    source = np.random.default_rng(3)
    one = np.repeat(source.integers(2, size=(2, 40)), 5, axis=1)
    alone = panel(one, categories=2, rng=rng()).agreement
    clustered = panel(one, categories=2, rng=rng(), clusters=np.repeat(np.arange(40), 5)).agreement
    ratio = (clustered.high - clustered.low) / (alone.high - alone.low)  # type: ignore[operator]
    assert ratio == pytest.approx(np.sqrt(5), rel=0.15)


def test_judges_who_always_agree_are_not_known_to_always_agree() -> None:
    people = np.tile(np.arange(12) % 2, (3, 1))
    made = panel(people, categories=2, rng=rng())
    assert made.agreement.value == made.kappa.value == 1.0
    assert 0.7 < made.agreement.low < 0.8 and 0.4 < made.kappa.low < 0.6  # type: ignore[operator]


def test_without_common_items_nothing_is_claimed() -> None:
    made = people_and_model(np.array([[0, -1], [-1, 1]]), np.array([0, 1]), categories=2, rng=rng())
    assert made.people.agreement.value is None and made.model.kappa.value is None and made.shortfall.value is None
    assert made.people.agreement.cases == 0
    same = panel(np.zeros((2, 5), dtype=int), categories=2, rng=rng())
    assert same.kappa.value is None and same.agreement.value == 1.0


def test_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidMatchesError, match="outside 0"):
        panel(np.array([[0, 2], [0, 1]]), categories=2, rng=rng())
    with pytest.raises(InvalidMatchesError, match="the same ones needed"):
        people_and_model(np.zeros((2, 3), dtype=int), np.zeros(4, dtype=int), categories=2, rng=rng())
    with pytest.raises(InvalidMatchesError, match=r"\(judges, items\) needed"):
        panel(np.zeros(3, dtype=int), categories=2, rng=rng())
    with pytest.raises(InvalidMatchesError, match="2 entries given for 3 items"):
        panel(np.zeros((2, 3), dtype=int), categories=2, rng=rng(), clusters=np.zeros(2, dtype=int))
