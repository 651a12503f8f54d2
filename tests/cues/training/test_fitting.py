"""Claims about fitting: laws of ridge and logistic regression, and that held out means held out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_arena.cues.training.fitting import (
    CHOICE,
    RIDGE_PENALTIES,
    SCALE,
    cross_entropy,
    folds,
    logistic,
    nested,
    ridge,
    select,
)
from s2s_arena.errors import InputError


def line(clips: int, inputs: int, *, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(clips, inputs))
    return x, (x[:, :3].sum(axis=1) + noise * rng.normal(size=clips))[:, None]


def test_ridge_solves_its_normal_equations():
    x, y = line(30, 8, noise=0.5)
    (model,) = ridge(x, y, [2.0])
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    direct = np.linalg.solve(z.T @ z + 2.0 * np.eye(8), z.T @ (y - y.mean()))
    assert model(x)[:, 0] == pytest.approx((z @ direct)[:, 0] + y.mean())


def test_ridge_does_not_care_about_the_units_of_its_inputs():
    x, y = line(30, 60, noise=0.5)
    units = np.random.default_rng(1).uniform(0.1, 10.0, size=60)
    assert ridge(x * units + 3.0, y, [5.0])[0](x * units + 3.0) == pytest.approx(ridge(x, y, [5.0])[0](x))


def test_logistic_agrees_with_an_independent_solver():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 5))
    labels = np.arange(60) % 3  # classes of one size, so that our balancing changes nothing
    x[labels == 1, 0] += 1.5
    (model,) = logistic(x, np.eye(3)[labels], [4.0])
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    other = linear_model.LogisticRegression(C=1 / 4.0, tol=1e-8, max_iter=1000).fit(z, labels)
    ours = model(x) - model(x).mean(axis=1, keepdims=True)
    theirs = other.decision_function(z)
    assert ours == pytest.approx(theirs - theirs.mean(axis=1, keepdims=True), abs=2e-2)


def test_logistic_gives_rare_classes_their_say():
    rng = np.random.default_rng(0)
    labels = np.array([0] * 90 + [1] * 10)
    x = rng.normal(size=(100, 1)) + labels[:, None]
    said = logistic(x, np.eye(2)[labels], [1.0])[0](x).argmax(axis=1)
    assert 0.35 < said.mean() < 0.75  # without weights it would nearly always say the common class


@given(st.integers(2, 40), st.integers(2, 12), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_folds_hold_out_each_clip_once(clips: int, count: int, seed: int):
    parts = folds(clips, count, np.random.default_rng(seed))
    assert sorted(np.concatenate(parts).tolist()) == list(range(clips))
    assert all(len(part) for part in parts)


@given(st.lists(st.sampled_from("abcde"), min_size=2, max_size=40).filter(lambda g: len(set(g)) > 1))
@settings(max_examples=40, deadline=None)
def test_folds_keep_groups_together(groups: list[str]):
    parts = folds(len(groups), 3, np.random.default_rng(0), groups=groups)
    homes = [{groups[index] for index in part} for part in parts]
    assert sum(len(home) for home in homes) == len(set(groups))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(groups)))


def test_one_group_cannot_be_held_out():
    with pytest.raises(InputError, match="one group"):
        folds(5, 3, np.random.default_rng(0), groups=["a"] * 5)


def test_nested_learns_what_is_there_and_nothing_from_noise():
    x, y = line(120, 300, noise=0.1)
    rng = np.random.default_rng(0)
    outputs = nested(x, y, recipe=SCALE, rng=rng)
    assert np.corrcoef(outputs[:, 0], y[:, 0])[0, 1] > 0.3
    chance = rng.normal(size=(120, 1))
    assert abs(np.corrcoef(nested(x, chance, recipe=SCALE, rng=rng)[:, 0], chance[:, 0])[0, 1]) < 0.3


def test_nested_does_not_recognise_a_group_it_was_not_shown():
    rng = np.random.default_rng(0)
    groups = [str(index // 10) for index in range(80)]
    voices = rng.normal(size=(8, 40))
    labels = rng.normal(size=8)  # a label a voice: learnable only by recognising the voice
    x = np.repeat(voices, 10, axis=0) + 0.1 * rng.normal(size=(80, 40))
    y = np.repeat(labels, 10)[:, None]
    shuffled = nested(x, y, recipe=SCALE, rng=np.random.default_rng(1))
    held = nested(x, y, recipe=SCALE, rng=np.random.default_rng(1), groups=groups)
    assert np.corrcoef(shuffled[:, 0], y[:, 0])[0, 1] > 0.95
    assert np.corrcoef(held[:, 0], y[:, 0])[0, 1] < 0.6


def test_selection_takes_a_strong_penalty_where_there_is_only_noise():
    rng = np.random.default_rng(0)
    x, y = line(60, 6, noise=0.01)
    weak = select(x, y, recipe=SCALE, rng=rng)
    strong = select(rng.normal(size=(60, 200)), rng.normal(size=(60, 1)), recipe=SCALE, rng=rng)
    assert weak.penalty == RIDGE_PENALTIES[0]
    assert strong.penalty > 100.0


def test_nested_tells_classes_apart():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    x = rng.normal(size=(90, 20))
    x[np.arange(90), labels] += 3.0
    said = nested(x, np.eye(3)[labels], recipe=CHOICE, rng=rng).argmax(axis=1)
    assert (said == labels).mean() > 0.8


def test_cross_entropy_by_hand():
    assert cross_entropy(np.zeros((4, 2)), np.eye(2)[[0, 0, 0, 1]]) == pytest.approx(np.log(2.0))


def test_an_input_of_more_importance_is_used_more_freely():
    x, y = line(40, 100, noise=0.3)
    importance = np.where(np.arange(100) < 3, 10.0, 1.0)
    plain, favoured = (ridge(x, y, [30.0], given)[0] for given in (None, importance))
    assert np.abs(favoured.weights[0, :3]).sum() > 1.5 * np.abs(plain.weights[0, :3]).sum()


def test_selection_finds_the_importance_that_helps():
    x, y = line(60, 200, noise=0.3)
    wrong = np.where(np.arange(200) < 3, 0.1, 1.0)
    right = np.where(np.arange(200) < 3, 10.0, 1.0)
    chosen = select(x, y, recipe=SCALE, rng=np.random.default_rng(0), importances=[wrong, right])
    assert chosen.weights[0, :3] == pytest.approx(np.ones(3), abs=0.3)
