"""Fitting linear heads: ridge and multinomial logistic regression, selected by inner cross-validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from s2s_arena.errors import InputError

RIDGE_PENALTIES: tuple[float, ...] = tuple(10.0 ** (step / 2) for step in range(13))
LOGISTIC_PENALTIES: tuple[float, ...] = (1.0, 10.0, 30.0, 100.0, 300.0)

Matrix = NDArray[np.float64]
Fold = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Outputs = weights @ inputs + bias, in the units of the inputs as given.

    Attributes:
        weights: Shape (outputs, inputs).
        bias: Shape (outputs,).
        penalty: The one it was fitted with.
    """

    weights: Matrix
    bias: Matrix
    penalty: float

    def __call__(self, inputs: Matrix) -> Matrix:
        """Shape (clips, inputs) -> (clips, outputs)."""
        outputs: Matrix = inputs @ self.weights.T + self.bias
        return outputs


class Fit(Protocol):
    """Fits one model a penalty.

    Inputs of shape (clips, inputs), target of shape (clips, outputs). `importance`, shape (inputs,), says how
    freely each standardised input may be used: its weight is penalised by 1 / importance squared. None: all alike.
    """

    def __call__(
        self, inputs: Matrix, target: Matrix, penalties: Sequence[float], importance: Matrix | None = None
    ) -> list[Linear]: ...


def ridge(
    inputs: Matrix, target: Matrix, penalties: Sequence[float] = RIDGE_PENALTIES, importance: Matrix | None = None
) -> list[Linear]:
    """Ridge regression on standardised inputs, one model a penalty (see `Fit`; penalties are above 0)."""
    centre, spread = _standard(inputs, importance)
    scaled = (inputs - centre) / spread
    level = target.mean(axis=0)
    # The dual form: clips are fewer than inputs, and one decomposition serves all penalties.
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    projected = vectors.T @ (target - level)
    models = []
    for penalty in penalties:
        dual = vectors @ (projected / (np.maximum(values, 0.0) + penalty)[:, None])
        weights = (scaled.T @ dual).T / spread
        models.append(Linear(weights, level - weights @ centre, penalty))
    return models


def logistic(
    inputs: Matrix, target: Matrix, penalties: Sequence[float] = LOGISTIC_PENALTIES, importance: Matrix | None = None
) -> list[Linear]:
    """Multinomial logistic regression on standardised inputs, one model a penalty (see `Fit`; they are above 0).

    The target is one-hot; classes weigh the same however many clips they have.
    """
    centre, spread = _standard(inputs, importance)
    scaled = (inputs - centre) / spread
    # An orthogonal change of coordinates leaves the penalty as it is and makes the problem clips wide, not inputs wide.
    left, sizes, right = np.linalg.svd(scaled, full_matrices=False)
    kept = sizes > 1e-6 * sizes[0]
    points, right = left[:, kept] * sizes[kept], right[kept]
    counts = np.maximum(target.sum(axis=0), 1.0)
    importance = (target / counts).sum(axis=1) * target.shape[0] / target.shape[1]
    shape = (points.shape[1] + 1, target.shape[1])
    start = np.zeros(shape)
    models = []
    for penalty in sorted(penalties, reverse=True):  # from the strongest on, each starts where the last one ended
        found = minimize(
            _logistic_loss,
            start.ravel(),
            args=(points, target, importance, penalty),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 200},
        )
        start = found.x.reshape(shape)
        weights = start[:-1].T @ right / spread
        models.append(Linear(weights, start[-1] - weights @ centre, penalty))
    return sorted(models, key=lambda model: list(penalties).index(model.penalty))


def _logistic_loss(
    flat: Matrix, points: Matrix, target: Matrix, importance: Matrix, penalty: float
) -> tuple[float, Matrix]:
    weights = flat.reshape(points.shape[1] + 1, target.shape[1])
    logits = points @ weights[:-1] + weights[-1]
    logits -= logits.max(axis=1, keepdims=True)
    powers = np.exp(logits)
    totals = powers.sum(axis=1, keepdims=True)
    loss = (importance * (np.log(totals[:, 0]) - (logits * target).sum(axis=1))).sum()
    error = (powers / totals - target) * importance[:, None]
    gradient = np.vstack([points.T @ error + penalty * weights[:-1], error.sum(axis=0)])
    return float(loss + 0.5 * penalty * (weights[:-1] ** 2).sum()), gradient.ravel()


def folds(clips: int, count: int, rng: np.random.Generator, *, groups: Sequence[str] | None = None) -> list[Fold]:
    """Indices split into at most `count` shuffled parts; clips of one group stay together.

    Raises:
        InputError: Fewer than two clips or groups: nothing can be held out.
    """
    if groups is None:
        if clips < 2:
            raise InputError(f"training: {clips} clips given, two or more needed to hold one out")
        return list(np.array_split(rng.permutation(clips), min(count, clips)))
    names = sorted(set(groups))
    if len(names) < 2:
        raise InputError(f"training: one group given ({names[0]}), two or more needed to hold one out; drop the groups")
    parts: list[list[int]] = [[] for _ in range(min(count, len(names)))]
    for name in rng.permutation(np.array(names)):
        smallest = min(parts, key=len)
        smallest.extend(index for index, group in enumerate(groups) if group == name)
    return [np.array(part, dtype=np.intp) for part in parts]


def squared_error(outputs: Matrix, target: Matrix) -> float:
    """Mean squared error."""
    return float(((outputs - target) ** 2).mean())


def cross_entropy(outputs: Matrix, target: Matrix) -> float:
    """Mean negative log-probability of the right class, the outputs being logits, every class weighing the same."""
    logits = outputs - outputs.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - (logits * target).sum(axis=1)
    present = target.sum(axis=0) > 0
    return float(((target[:, present] * losses[:, None]).sum(axis=0) / target[:, present].sum(axis=0)).mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one kind of head is fitted and what its selection minimises."""

    fit: Fit
    loss: Callable[[Matrix, Matrix], float]
    penalties: tuple[float, ...]


SCALE = Recipe(fit=ridge, loss=squared_error, penalties=RIDGE_PENALTIES)
CHOICE = Recipe(fit=logistic, loss=cross_entropy, penalties=LOGISTIC_PENALTIES)


def select(
    inputs: Matrix,
    target: Matrix,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
    importances: Sequence[Matrix | None] = (None,),
    inner: int = 5,
) -> Linear:
    """A model on all clips given, its penalty and importance the best in `inner`-fold cross-validation among them."""
    outside = np.empty((len(importances), len(recipe.penalties), *target.shape))
    for held in folds(len(inputs), inner, rng, groups=groups):
        rest = np.setdiff1d(np.arange(len(inputs)), held)
        for number, importance in enumerate(importances):
            models = recipe.fit(inputs[rest], target[rest], recipe.penalties, importance)
            outside[number, :, held] = np.stack([model(inputs[held]) for model in models], axis=1)
    losses = np.array([[recipe.loss(outputs, target) for outputs in each] for each in outside])
    number, best = (int(index) for index in np.unravel_index(int(np.argmin(losses)), losses.shape))
    return recipe.fit(inputs, target, [recipe.penalties[best]], importances[number])[0]


def nested(
    inputs: Matrix,
    target: Matrix,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    groups: Sequence[str] | None = None,
    importances: Sequence[Matrix | None] = (None,),
    outer: int = 10,
    inner: int = 5,
) -> Matrix:
    """Outputs for every clip by models that saw neither it nor its group, nor were selected on it.

    Returns:
        Shape (clips, outputs).
    """
    outputs = np.empty(target.shape)
    for held in folds(len(inputs), outer, rng, groups=groups):
        rest = np.setdiff1d(np.arange(len(inputs)), held)
        known = None if groups is None else [groups[index] for index in rest]
        if known is not None and len(set(known)) < 2:
            known = None  # two groups in all: the inner folds have only one left to divide
        model = select(
            inputs[rest], target[rest], recipe=recipe, rng=rng, groups=known, importances=importances, inner=inner
        )
        outputs[held] = model(inputs[held])
    return outputs


def _standard(inputs: Matrix, importance: Matrix | None) -> tuple[Matrix, Matrix]:
    spread = inputs.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    return inputs.mean(axis=0), spread if importance is None else spread / importance
