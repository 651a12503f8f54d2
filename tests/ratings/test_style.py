"""Style control: an independent solver and a written-out sandwich agree, planted effects are found, laws hold."""

import numpy as np
import pytest

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.style import contrast, loudness_contrast, style_control
from s2s_arena.ratings.win_matrix import win_matrix

STRENGTHS = np.linspace(150, -150, 5) / POINTS_PER_NAT


def styled(*, matches, rng, longer=0.6, first=0.3, groups=None):  # type: ignore[no-untyped-def]
    """Matches whose judge also likes the longer answer and the one heard first; stronger systems talk longer."""
    n = len(STRENGTHS)
    one = rng.integers(n, size=matches)
    two = (one + rng.integers(1, n, size=matches)) % n
    seconds = np.exp(rng.normal(1.5, 0.5, size=(matches, 2)) + 0.4 * STRENGTHS[np.stack([one, two], axis=1)])
    length = contrast(seconds[:, 0], seconds[:, 1])
    loud = loudness_contrast(rng.normal(-23, 4, matches), rng.normal(-23, 4, matches))
    lead = STRENGTHS[one] - STRENGTHS[two] + longer * length / np.sqrt((length**2).mean()) + first
    if groups is not None:
        lead = lead + groups
    return np.stack([one, two], axis=1), rng.random(matches) < 1 / (1 + np.exp(-lead)), {"length": length, "loud": loud}


def design(pairs, features):  # type: ignore[no-untyped-def]
    x = np.zeros((len(pairs), 5))
    x[np.arange(len(pairs)), pairs[:, 0]] = 1
    x[np.arange(len(pairs)), pairs[:, 1]] = -1
    columns = [c / np.sqrt((c**2).mean()) for c in features.values()]
    return np.column_stack([x, *columns, np.ones(len(pairs))])


def test_an_independent_logistic_regression_agrees() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="optional oracle not installed")
    pairs, won, features = styled(matches=1500, rng=np.random.default_rng(1))
    x = design(pairs, features)
    fit = linear.LogisticRegression(C=1e6, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(x, won)
    theirs = fit.coef_[0]
    ours = style_control(pairs, won, systems=5, features=features, prior=1e-6, ridge=1e-6)
    assert [e.coefficient for e in ours.effects] == pytest.approx(theirs[5:], abs=1e-4)
    assert ours.ratings == pytest.approx(1000 + POINTS_PER_NAT * (theirs[:5] - theirs[:5].mean()), abs=0.05)


def test_the_penalty_is_a_normal_prior_and_a_virtual_game() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    pairs, won, features = styled(matches=200, rng=np.random.default_rng(2))
    x = design(pairs, features)

    def loss(w):  # type: ignore[no-untyped-def]
        lead = x @ w
        virtual = 0.5 * 0.5 * (np.logaddexp(0, w[:5]) + np.logaddexp(0, -w[:5])).sum()
        return (np.logaddexp(0, lead) - won * lead).sum() + virtual + 0.5 * 3.0 * (w[5:] ** 2).sum()

    theirs = optimize.minimize(loss, np.zeros(8), method="BFGS", options={"gtol": 1e-8}).x
    ours = style_control(pairs, won, systems=5, features=features, ridge=3.0)
    assert [e.coefficient for e in ours.effects] == pytest.approx(theirs[5:], abs=1e-4)
    assert ours.ratings == pytest.approx(1000 + POINTS_PER_NAT * (theirs[:5] - theirs[:5].mean()), abs=0.05)


@pytest.mark.parametrize("clustered", [False, True])
def test_the_sandwich_is_the_one_written_out(clustered: bool) -> None:
    rng = np.random.default_rng(3)
    pairs, won, features = styled(matches=400, rng=rng)
    ids = rng.integers(30, size=400) if clustered else np.arange(400)
    fit = style_control(pairs, won, systems=5, features=features, clusters=ids if clustered else None)
    x = design(pairs, features)
    strengths = (fit.ratings - 1000) / POINTS_PER_NAT  # sums to 0, as the fit's own do but for the virtual games
    weights = np.concatenate([strengths, [e.coefficient for e in fit.effects]])
    p = 1 / (1 + np.exp(-x @ weights))
    slope = 1 / (1 + np.exp(-strengths))
    bread = np.linalg.inv(
        (x * (p * (1 - p))[:, None]).T @ x + np.diag(np.concatenate([0.5 * slope * (1 - slope), np.ones(3)]))
    )
    sums = np.array([(x * (won - p)[:, None])[ids == g].sum(axis=0) for g in np.unique(ids)])
    factor = len(sums) / (len(sums) - 1) if clustered else 1.0
    errors = np.sqrt(np.diag(bread @ (sums.T @ sums * factor) @ bread))[5:]
    assert [e.standard_error for e in fit.effects] == pytest.approx(errors, rel=0.01)
    assert fit.clusters == len(sums)
    assert fit.covariance == pytest.approx(
        (np.eye(5) - 0.2) @ bread[:5, :5] @ (np.eye(5) - 0.2) * POINTS_PER_NAT**2, rel=0.02, abs=2
    )


def test_intervals_cover_planted_effects() -> None:
    rng = np.random.default_rng(4)
    held = np.zeros(3)
    for _ in range(200):
        pairs, won, features = styled(matches=500, rng=rng)
        effects = style_control(pairs, won, systems=5, features=features, ridge=0.1).effects
        truth = (0.6, 0.0, 0.3)
        held += [e.low <= t <= e.high for e, t in zip(effects, truth, strict=True)]
    assert (held / 200 >= 0.90).all() and (held / 200 <= 0.995).all()


def test_clustered_intervals_cover_when_samples_favour_a_side() -> None:
    rng = np.random.default_rng(5)
    plain = clustered = 0
    for _ in range(150):
        ids = rng.integers(40, size=800)
        pairs, won, features = styled(matches=800, rng=rng, first=0.0, groups=rng.normal(0, 0.8, 40)[ids])
        for kind in (None, ids):
            effect = style_control(pairs, won, systems=5, features=features, clusters=kind).effects[-1]
            held = effect.low <= 0.0 <= effect.high
            plain, clustered = (plain + held, clustered) if kind is None else (plain, clustered + held)
    assert clustered / 150 >= 0.88
    assert plain < clustered - 15


def test_control_takes_out_what_length_wins() -> None:
    pairs, won, features = styled(matches=20_000, rng=np.random.default_rng(6), longer=1.0)
    fit = style_control(pairs, won, systems=5, features=features)
    truth = 1000 + POINTS_PER_NAT * STRENGTHS
    assert fit.ratings == pytest.approx(truth, abs=15)
    assert np.abs(fit.plain - truth).max() > 25  # longer talkers gain without control
    assert fit.plain == pytest.approx(bradley_terry(win_matrix(pairs, won, systems=5)).ratings)


def test_swapping_sides_only_changes_signs() -> None:
    pairs, won, features = styled(matches=600, rng=np.random.default_rng(7))
    one = style_control(pairs, won, systems=5, features=features)
    other = style_control(pairs[:, ::-1], ~won, systems=5, features={k: -v for k, v in features.items()})
    assert other.ratings == pytest.approx(one.ratings, abs=1e-6)
    assert [e.coefficient for e in other.effects[:-1]] == pytest.approx([e.coefficient for e in one.effects[:-1]])
    assert other.effects[-1].coefficient == pytest.approx(-one.effects[-1].coefficient)


def test_what_is_not_known_counts_as_equal_and_is_reported() -> None:
    rng = np.random.default_rng(8)
    pairs, won, features = styled(matches=4000, rng=rng)
    features["length"][rng.random(4000) < 0.25] = np.nan
    length, loud, first = style_control(pairs, won, systems=5, features=features).effects
    assert (length.known, loud.known, first.known) == (pytest.approx(0.75, abs=0.03), 1.0, 1.0)
    assert length.coefficient == pytest.approx(0.58, abs=0.12)
    nothing = style_control(pairs, won, systems=5, features={"length": np.full(4000, np.nan)}).effects[0]
    assert (nothing.coefficient, nothing.known, nothing.scale) == (0.0, 0.0, 0.0)


def test_without_style_or_matches_it_is_bradley_terry() -> None:
    pairs, _, _ = styled(matches=400, rng=np.random.default_rng(9))
    both = np.concatenate([pairs, pairs[:, ::-1]])
    won = np.concatenate([np.ones(400), np.zeros(400)])  # each match in both orders: being first is worth nothing
    plain = bradley_terry(win_matrix(both, won, systems=5))
    fit = style_control(both, won, systems=5, features={})
    assert fit.ratings == pytest.approx(plain.ratings, abs=1e-4)
    assert fit.covariance == pytest.approx(plain.covariance, rel=1e-4, abs=1e-3)
    empty = style_control(np.zeros((0, 2), dtype=int), np.zeros(0), systems=3, features={"length": np.zeros(0)})
    assert empty.ratings.tolist() == [1000.0] * 3
    assert [e.coefficient for e in empty.effects] == [0.0, 0.0]


def test_contrasts_by_hand() -> None:
    found = contrast(np.array([3.0, 0.0, 2.0, np.nan]), np.array([1.0, 0.0, 2.0, 1.0]))
    assert found[:3].tolist() == [0.5, 0.0, 0.0] and np.isnan(found[3])
    # 10 dB more is twice as loud: (2 - 1) / (2 + 1)
    loud = loudness_contrast(np.array([-13.0, -20.0, -np.inf]), np.array([-23.0, -20.0, -np.inf]))
    assert loud[:2] == pytest.approx([1 / 3, 0.0]) and np.isnan(loud[2])


def test_malformed_input_is_named() -> None:
    pairs, won = np.array([[0, 1]]), np.array([1])
    with pytest.raises(InvalidMatchesError, match="loudness_contrast"):
        contrast(np.array([-23.0]), np.array([-20.0]))
    with pytest.raises(InvalidMatchesError, match="feature pace"):
        style_control(pairs, won, systems=2, features={"pace": np.zeros(2)})
    with pytest.raises(InvalidMatchesError, match="heard_first"):
        style_control(pairs, won, systems=2, features={"heard_first": np.zeros(1)})
    with pytest.raises(InvalidMatchesError, match="clusters"):
        style_control(pairs, won, systems=2, features={}, clusters=np.zeros(3, dtype=int))
    with pytest.raises(InvalidMatchesError, match="ridge"):
        style_control(pairs, won, systems=2, features={}, ridge=0.0)
