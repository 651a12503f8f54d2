"""Agreement figures by hand, against the paper's, and against known worked examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.rank.paper_tables import TABLE_3
from s2s_arena.ratings.agreement import agreement, joint_table, kappa, krippendorff_alpha, wilson

TABLES = st.lists(st.integers(0, 20), min_size=4, max_size=4).map(lambda c: np.array(c).reshape(2, 2))


@pytest.mark.parametrize(
    ("agreements", "cases", "low", "high"),
    [(358, 432, 0.79, 0.86), (316, 432, 0.69, 0.77), (36, 43, 0.70, 0.92)],
)
def test_the_papers_agreements_with_their_wilson_intervals(
    agreements: int, cases: int, low: float, high: float
) -> None:
    made = wilson(agreements, cases)
    assert made.value == pytest.approx(agreements / cases)
    assert made.low == pytest.approx(low, abs=0.005)
    assert made.high == pytest.approx(high, abs=0.005)


def test_wilson_is_that_of_scipy() -> None:
    for successes, cases in ((0, 7), (7, 7), (3, 11), (358, 432)):
        theirs = stats.binomtest(successes, cases).proportion_ci(method="wilson")
        made = wilson(successes, cases)
        assert (made.low, made.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_kappa_by_hand() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7; chance .5 * .6 + .5 * .4 = .5; kappa .4.
    made = kappa(np.array([[20, 5], [10, 15]]))
    assert made.value == pytest.approx(0.4)
    # Fleiss, Cohen and Everitt: a = .4 (1-1.1*.6)^2 + .3 (1-.9*.6)^2, b = .6^2 (.1*1.2^2 ... ) ; published SE .1271
    assert made.low is not None
    assert (made.value - made.low) / 1.959964 == pytest.approx(0.1271, abs=5e-4)


@pytest.mark.parametrize("judge", TABLE_3)
def test_the_papers_kappas_imply_a_chance_agreement_near_one_half(judge: str) -> None:
    # Counts alone do not give kappa: with the published value, chance = (observed - kappa) / (1 - kappa).
    value, agreements, cases = TABLE_3[judge]
    observed = agreements / cases
    chance = (observed - value) / (1 - value)
    assert chance == pytest.approx({"Gemini 2.5-Pro": 0.503, "Qwen2.5-Omni": 0.497}[judge], abs=1e-3)
    even = np.array([[agreements // 2, (cases - agreements) // 2], [(cases - agreements) // 2, agreements // 2]])
    assert kappa(even).value == pytest.approx(2 * observed - 1, abs=1e-9)
    assert agreement(even).value == pytest.approx(observed)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_swapping_judges_changes_neither_agreement_nor_kappa(table) -> None:  # type: ignore[no-untyped-def]
    assert agreement(table) == agreement(table.T)
    one, two = kappa(table), kappa(table.T)
    if one.value is None or two.value is None:
        assert one == two
    else:
        assert (one.value, one.low) == pytest.approx((two.value, two.low))
        assert -1 <= one.low <= one.value <= one.high <= 1  # type: ignore[operator]


def test_kappa_intervals_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.4, 0.1, 0.15, 0.35])
    truth = kappa((shares.reshape(2, 2) * 10000).astype(int)).value
    covered = 0
    for _ in range(400):
        made = kappa(rng.multinomial(150, shares).reshape(2, 2))
        assert made.low is not None and made.high is not None
        covered += made.low <= truth <= made.high  # type: ignore[operator]
    assert 0.92 <= covered / 400 <= 0.98


def test_judges_who_only_ever_say_one_thing_have_no_kappa() -> None:
    made = kappa(np.array([[9, 0], [0, 0]]))
    assert (made.value, made.cases) == (None, 9)
    assert kappa(np.zeros((2, 2), dtype=int)).cases == 0


def test_the_joint_table_counts_pairs_of_labels() -> None:
    assert joint_table(np.array([0, 1, 1]), np.array([0, 0, 1]), categories=2).tolist() == [[1, 0], [1, 1]]
    with pytest.raises(InvalidMatchesError, match="outside"):
        joint_table(np.array([2]), np.array([0]), categories=2)
    with pytest.raises(InvalidMatchesError, match="same matches"):
        joint_table(np.array([1]), np.array([0, 1]), categories=2)


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: nominal data, four
    # observers, missing values: alpha = .743.
    rows = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
    units = [[-1 if c == "." else int(c) - 1 for c in row] for row in rows]
    made = krippendorff_alpha(np.array(units), categories=5, rng=np.random.default_rng(0))
    assert made.value == pytest.approx(0.743, abs=1e-3)
    assert made.low is not None and made.high is not None
    assert made.low < 0.743 < made.high


JUDGES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=60).map(np.array)


@settings(max_examples=40, deadline=None)
@given(JUDGES)
def test_kappa_is_that_of_scikit_learn(labels) -> None:  # type: ignore[no-untyped-def]
    metrics = pytest.importorskip("sklearn.metrics", reason="optional oracle not installed: scikit-learn")
    made = kappa(joint_table(labels[:, 0], labels[:, 1], categories=3))
    if made.value is None:
        return
    assert made.value == pytest.approx(metrics.cohen_kappa_score(labels[:, 0], labels[:, 1]), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 20), min_size=9, max_size=9).map(lambda cells: np.array(cells).reshape(3, 3)))
def test_kappas_interval_is_that_of_statsmodels(table) -> None:  # type: ignore[no-untyped-def]
    raters = pytest.importorskip("statsmodels.stats.inter_rater", reason="optional oracle not installed: statsmodels")
    theirs = raters.cohens_kappa(table)
    made = kappa(table)
    assert made.value == pytest.approx(theirs.kappa, abs=1e-9)
    assert (made.low, made.high) == pytest.approx((max(-1.0, theirs.kappa_low), min(1.0, theirs.kappa_upp)), abs=1e-6)


def test_a_few_agreements_do_not_prove_that_there_are_only_agreements() -> None:
    # 8 of 8 agree: Wilson's lower end is 8 / (8 + 1.96^2) = .6756; chance .5; kappa (.6756 - .5) / .5 = .351.
    made = kappa(np.array([[4, 0], [0, 4]]))
    assert (made.value, made.high) == (1.0, 1.0) and made.low == pytest.approx(0.351, abs=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda judges: st.lists(st.lists(st.integers(-1, 3), min_size=judges, max_size=judges), min_size=2, max_size=25)
    )
)
def test_alpha_is_that_of_krippendorff(rows) -> None:  # type: ignore[no-untyped-def]
    oracle = pytest.importorskip("krippendorff", reason="optional oracle not installed: krippendorff")
    labels = np.array(rows).T
    made = krippendorff_alpha(labels, categories=4).value
    given_labels = np.where(labels < 0, np.nan, labels.astype(float))
    pairable = labels[:, (labels >= 0).sum(axis=0) >= 2]
    if len(np.unique(pairable[pairable >= 0])) < 2:
        assert made is None
        return
    theirs = oracle.alpha(reliability_data=given_labels, level_of_measurement="nominal", value_domain=[0, 1, 2, 3])
    assert made == pytest.approx(theirs, abs=1e-9)


def test_alpha_is_one_for_perfect_and_none_for_constant_labels() -> None:
    assert krippendorff_alpha(np.array([[0, 1, 1], [0, 1, 1]]), categories=2).value == pytest.approx(1.0)
    assert krippendorff_alpha(np.zeros((2, 4), dtype=int), categories=2).value is None


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(InvalidMatchesError, match="5 of 4"):
        wilson(5, 4)
