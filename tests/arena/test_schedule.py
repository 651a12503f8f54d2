"""A round is drawn from finished rounds alone, evenly over cells, with the probability of every pair known."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.arena.schedule import draw_round
from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.pairing import all_pairs, d_optimal_weights, paper_weights, probabilities
from s2s_arena.records.identity import SampleId
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import FailureKind
from s2s_arena.records.studies import Rules, Sampler, Study

from .worlds import SYSTEMS, make_samples, make_study, make_take, make_takes

SAMPLES = make_samples(8)
TAKES = make_takes(SAMPLES)
RATINGS = {"a": 1200.0, "b": 1100.0, "c": 1000.0, "d": 700.0}


def play(study: Study, *, rounds: int, samples=SAMPLES, takes=TAKES, **options) -> list[Match]:
    matches: list[Match] = []
    for number in range(rounds):
        matches += draw_round(study, samples=samples, takes=takes, number=number, earlier=matches, **options)[1]
    return matches


def pair_of(match: Match) -> tuple[str, ...]:
    return tuple(sorted((match.first_system, match.second_system)))


def test_a_round_has_the_size_of_the_study_and_says_how_it_was_drawn():
    study = make_study(round_size=7, sampler=Sampler.UNIFORM, seed=5)
    drawn, matches = draw_round(study, samples=SAMPLES, takes=TAKES, number=3, ratings_from_event=42)
    assert (drawn.number, drawn.size, drawn.ratings_from_event) == (3, 7, 42)
    assert (drawn.sampler, drawn.seed) == ("uniform", 5)
    assert [m.index for m in matches] == list(range(7)) and {m.round for m in matches} == {3}
    assert len({m.id for m in matches}) == 7 == len({m.group for m in matches})


@given(
    n=st.integers(1, 9),
    systems=st.integers(2, 6),
    seed=st.integers(0, 99),
    orders=st.sampled_from(["one", "both"]),
    sampler=st.sampled_from(Sampler),
)
@settings(max_examples=40, deadline=None)
def test_matches_are_between_two_takes_of_one_sample(n, systems, seed, orders, sampler):
    samples = make_samples(n)
    names = [f"m{i}" for i in range(systems)]
    study = make_study(names, seed=seed, rules=Rules(orders=orders), sampler=sampler, round_size=5)
    takes = {t.id: t for t in make_takes(samples, names)}
    matches = play(study, rounds=2, samples=samples, takes=takes.values())
    assert len(matches) == (20 if orders == "both" else 10)
    for match in matches:
        first, second = takes[match.first], takes[match.second]
        assert first.sample == second.sample == match.sample and first.system != second.system
        assert (first.system, second.system) == (match.first_system, match.second_system)
        assert 0.0 < match.probability <= 1.0


def test_the_same_seed_gives_the_same_matches_whatever_order_records_come_in():
    study = make_study(round_size=6)
    first = play(study, rounds=2, ratings=RATINGS)
    shuffled = list(TAKES)
    random.Random(0).shuffle(shuffled)
    again = draw_round(study, samples=SAMPLES, takes=shuffled, number=1, earlier=reversed(first[:6]), ratings=RATINGS)[
        1
    ]
    assert list(again) == first[6:]
    assert play(replace(study, seed=1), rounds=2, ratings=RATINGS) != first


def test_no_sample_and_pair_comes_twice_before_all_others_have_come():
    pairs = len(all_pairs(len(SYSTEMS)))
    matches = play(make_study(round_size=12), rounds=8, ratings=RATINGS)
    keys = [(m.sample, pair_of(m)) for m in matches]
    everything = len(SAMPLES) * pairs
    assert len(set(keys[:everything])) == everything == 48
    assert max(Counter(keys).values()) == 2


def test_cells_of_level_and_domain_are_played_evenly():
    matches = play(make_study(round_size=20), rounds=2)
    cells = {s.id: (s.level, s.domain) for s in SAMPLES}
    counts = Counter(cells[m.sample] for m in matches)
    assert len(counts) == 8 and max(counts.values()) - min(counts.values()) <= 1


def test_a_crowded_cell_gets_no_more_matches_and_spreads_them_over_its_samples():
    crowded = [replace(s, level=SAMPLES[0].level, domain=SAMPLES[0].domain) for s in SAMPLES[:6]]
    samples = [*crowded, SAMPLES[6]]
    matches = play(make_study(round_size=12), rounds=1, samples=samples, takes=make_takes(samples))
    counts = Counter(m.sample for m in matches)
    assert counts[SAMPLES[6].id] == 6 and all(counts[s.id] == 1 for s in crowded)


def test_balance_may_name_any_attribute():
    samples = [replace(s, attributes={"speaker": "x" if i else "y"}) for i, s in enumerate(SAMPLES)]
    matches = play(make_study(round_size=12, balance=("speaker",)), rounds=1, samples=samples)
    assert Counter(m.sample for m in matches)[SampleId("s0")] == 6


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        (Sampler.UNIFORM, np.ones(6) / 6),
        (Sampler.PAPER, probabilities(paper_weights(np.array([1200.0, 1100.0, 1000.0, 700.0])), uniform_mix=0.1)),
        (
            Sampler.D_OPTIMAL,
            probabilities(
                d_optimal_weights(np.array([1200.0, 1100.0, 1000.0, 700.0]), np.diag([9.0, 1.0, 1.0, 1.0])),
                uniform_mix=0.1,
            ),
        ),
    ],
)
def test_pairs_come_as_often_as_their_probability_says(sampler, expected):
    samples = make_samples(600)
    study = make_study(sampler=sampler, balance=())
    _, matches = draw_round(
        study, samples=samples, takes=make_takes(samples), number=0, ratings=RATINGS,
        covariance=np.diag([9.0, 1.0, 1.0, 1.0]), size=600,
    )  # fmt: skip
    names = [tuple(SYSTEMS[i] for i in pair) for pair in all_pairs(4)]
    counts = Counter(pair_of(m) for m in matches)
    for name, p in zip(names, expected, strict=True):
        assert counts[name] == pytest.approx(600 * p, abs=5 * np.sqrt(600 * p * (1 - p)))
        assert all(m.probability == pytest.approx(p) for m in matches if pair_of(m) == name)


@pytest.mark.parametrize("sampler", list(Sampler))
def test_every_probability_is_that_of_the_draw_and_never_under_the_uniform_share(sampler):
    # One sample, six pairs: drawn without return, so the k-th draw has 7 - k pairs to come.
    samples = make_samples(1)
    weights = {
        Sampler.UNIFORM: np.ones(6),
        Sampler.PAPER: paper_weights(np.array([1200.0, 1100.0, 1000.0, 700.0])),
        Sampler.D_OPTIMAL: d_optimal_weights(np.array([1200.0, 1100.0, 1000.0, 700.0]), np.diag([9.0, 1.0, 1.0, 1.0])),
    }[sampler]
    names = [tuple(SYSTEMS[i] for i in pair) for pair in all_pairs(4)]
    for seed in range(10):
        study = make_study(sampler=sampler, seed=seed, uniform_mix=0.2)
        _, matches = draw_round(
            study, samples=samples, takes=make_takes(samples), number=0, ratings=RATINGS, size=6,
            covariance=np.diag([9.0, 1.0, 1.0, 1.0]),
        )  # fmt: skip
        left = list(range(6))
        for match in matches:
            index = names.index(pair_of(match))
            share = weights[left] / weights[left].sum()
            assert match.probability == pytest.approx(0.8 * share[left.index(index)] + 0.2 / len(left))
            assert match.probability >= 0.2 / len(left) - 1e-12
            left.remove(index)
        assert matches[-1].probability == 1.0


def test_weighting_by_one_over_the_probability_undoes_the_sampler():
    # 4,000 first draws by the paper's rule: weighted, each of the six pairs counts as if all had been as likely.
    samples = make_samples(1)
    counted: Counter = Counter()
    for seed in range(4000):
        _, (match,) = draw_round(
            make_study(seed=seed, uniform_mix=0.5), samples=samples, takes=make_takes(samples, SYSTEMS), number=0,
            ratings=RATINGS, size=1,
        )  # fmt: skip
        counted[pair_of(match)] += 1 / match.probability / 6
    assert sum(counted.values()) == pytest.approx(4000, rel=0.06)
    assert all(count == pytest.approx(4000 / 6, rel=0.25) for count in counted.values()) and len(counted) == 6


def test_a_system_under_the_floor_is_served_first():
    samples = make_samples(60)
    study = make_study(floor=8, round_size=24, uniform_mix=0.1)
    early = play(make_study(["a", "b", "c"], round_size=60), rounds=1, samples=samples, takes=make_takes(samples))
    _, late = draw_round(study, samples=samples, takes=make_takes(samples), number=1, earlier=early)
    met = ["d" in pair_of(m) for m in late]
    assert sum(met[:9]) >= 7 and all(sum("d" in pair_of(m) for m in late[:k]) <= k for k in range(24))
    _, without = draw_round(
        replace(study, sampling=replace(study.sampling, floor=0)), samples=samples, takes=make_takes(samples), number=1,
        earlier=early,
    )  # fmt: skip
    assert sum("d" in pair_of(m) for m in without[:9]) < sum(met[:9])
    served = next(k for k in range(1, 25) if sum(met[:k]) == 8)
    assert any(not m for m in met[served:])


def test_before_the_first_match_all_pairs_are_as_likely():
    _, matches = draw_round(make_study(), samples=SAMPLES, takes=TAKES, number=0)
    assert matches[0].probability == pytest.approx(1 / 6)


def test_which_system_is_heard_first_is_a_fair_coin():
    samples = make_samples(400)
    _, matches = draw_round(make_study(), samples=samples, takes=make_takes(samples), number=0, size=400)
    low_first = sum(m.first_system < m.second_system for m in matches)
    assert 150 < low_first < 250


def test_both_orders_are_two_matches_of_one_group_with_swapped_sides():
    study = make_study(rules=Rules(orders="both"), round_size=5)
    _, matches = draw_round(study, samples=SAMPLES, takes=TAKES, number=0)
    assert [m.index for m in matches] == list(range(10))
    for one, other in zip(matches[::2], matches[1::2], strict=True):
        assert one.group == other.group and one.probability == other.probability
        assert (one.first, one.second) == (other.second, other.first) and one.id != other.id


def test_both_orders_count_as_one_comparison_when_the_next_round_is_drawn():
    both = make_study(rules=Rules(orders="both"), round_size=8)
    matches = play(both, rounds=6)
    assert Counter(Counter((m.sample, pair_of(m)) for m in matches).values()) == {2: 48}


def test_failed_takes_are_drawn_but_not_those_that_were_never_reached():
    takes = [
        make_take("s0", "a", failure=FailureKind.SILENT),
        make_take("s0", "b", failure=FailureKind.REFUSED),
        make_take("s0", "c", failure=FailureKind.INFRASTRUCTURE),
        make_take("s0", "d"),
    ]
    matches = play(make_study(round_size=9), rounds=1, takes=takes)
    assert {pair_of(m) for m in matches} == {("a", "b"), ("a", "d"), ("b", "d")}


def test_the_last_take_of_a_system_on_a_sample_counts():
    takes = [*TAKES, make_take("s0", "a", id="newer")]
    matches = play(make_study(round_size=48), rounds=1, takes=takes)
    assert {m.first for m in matches} | {m.second for m in matches} >= {"newer"}
    assert "s0/a" not in {m.first for m in matches} | {m.second for m in matches}


def test_a_system_that_joins_later_meets_the_others_without_anything_being_recomputed():
    early = play(make_study(["a", "b"], round_size=8), rounds=1)
    study = replace(make_study(round_size=8), revision=1)
    _, late = draw_round(study, samples=SAMPLES, takes=TAKES, number=1, earlier=early)
    assert all({"c", "d"} & set(pair_of(m)) for m in late)


def test_what_cannot_be_drawn_says_why():
    with pytest.raises(InvalidMatchesError, match="run s2s-arena answer"):
        draw_round(make_study(), samples=SAMPLES, takes=[make_take("s0", "a")], number=0)
    with pytest.raises(InvalidMatchesError, match="run s2s-arena answer"):
        draw_round(make_study(), samples=[], takes=TAKES, number=0)
    with pytest.raises(InvalidMatchesError, match="named twice"):
        draw_round(make_study(["a", "b", "a"]), samples=SAMPLES, takes=TAKES, number=0)
    with pytest.raises(InvalidMatchesError, match="size 0"):
        draw_round(make_study(), samples=SAMPLES, takes=TAKES, number=0, size=0)
    with pytest.raises(InvalidMatchesError):
        draw_round(make_study(["a"]), samples=SAMPLES, takes=TAKES, number=0)


def test_a_pair_that_weighs_nothing_still_comes_when_only_it_is_left():
    ratings = {"a": 5000.0, "b": 0.0, "c": 1.0, "d": 2.0}
    matches = play(make_study(round_size=48, uniform_mix=0.0), rounds=1, ratings=ratings)
    assert len({(m.sample, pair_of(m)) for m in matches}) == 48
