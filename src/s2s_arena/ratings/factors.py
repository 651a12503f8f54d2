"""Factor analysis: how ratings depend on what systems are made of (paper, section 5.2), and what few systems allow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from s2s_arena.errors import InvalidMatchesError
from s2s_arena.ratings.confounding import Attribute, associations
from s2s_arena.ratings.matches import Ratings

Floats = NDArray[np.float64]

PERMUTATIONS = 2000
FEW = 20
"""Below so many systems every analysis carries a warning."""

SPARE = 2  # systems beyond coefficients that an interval needs at least
WHOLE_LEVERAGE = 0.999  # an observation that its own coefficient fits exactly has no residual for HC3


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one level of a factor is worth against its reference, or one unit of a numeric factor.

    Attributes:
        factor: Its name.
        level: The level; empty for a numeric factor.
        reference: The level it is compared with, the most common one; empty for a numeric factor.
        systems: How many systems have the level; for a numeric factor, a known value.
        estimate: Elo points; for a numeric factor per unit, or per tenfold where the attribute is `tenfold`.
        low: Elo points, interval at the level of the fit.
        high: Elo points.
        interval: "hc3", or "model" where a level rests on one system and so has no residual.
    """

    factor: str
    level: str
    reference: str
    systems: int
    estimate: float
    low: float
    high: float
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorFit:
    """A random-effects regression of ratings on one factor, or on several at once.

    Attributes:
        factors: Names, in the order given.
        systems: Indices of the systems used: those of which every factor is known.
        effects: Level by level.
        p_values: One a factor: by permutation of the factor among the systems, 0..1.
        explained: Share of the variance between systems that goes with the factors, 0..1.
        residual_sd: Elo points by which systems alike in the factors truly differ (REML).
        level: Of the intervals.
    """

    factors: tuple[str, ...]
    systems: tuple[int, ...]
    effects: tuple[Effect, ...]
    p_values: tuple[float, ...]
    explained: float
    residual_sd: float
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorAnalysis:
    """Factors one at a time, jointly where the data allow it, and what to beware of.

    Attributes:
        single: One fit per factor that can be fitted alone.
        joint: All fitted factors at once; None where they cannot be told apart or systems are too few.
        warnings: Plain sentences for the reader of the table.
    """

    single: tuple[FactorFit, ...]
    joint: FactorFit | None
    warnings: tuple[str, ...]


def factor_analysis(
    ratings: Ratings,
    covariance: Floats,
    *,
    attributes: Sequence[Attribute],
    rng: np.random.Generator,
    level: float = 0.95,
    permutations: int = PERMUTATIONS,
) -> FactorAnalysis:
    """Regress ratings on attributes of systems, weighted by how well each rating is known.

    The model is ratings = X b + u + e: u is what the factors leave unexplained of a system (variance by REML), e has
    the covariance of the ratings. Intervals take the whitened residuals as they are (HC3) with t quantiles of
    systems minus coefficients; p-values permute the factor among the systems. It is an observational comparison of a
    few systems that differ in much else: associations, never effects of a part.

    Args:
        ratings: Shape (systems,), Elo points.
        covariance: Shape (systems, systems), squared Elo points.
        attributes: What is known of each system; systems with a None are left out where that attribute is used.
        rng: Where the permutations come from.
        level: Of the intervals, in (0, 1).
        permutations: How many, at least 1.

    Raises:
        InvalidMatchesError: Shapes that differ, a name given twice, values that are not finite.
    """
    centre, joint_covariance = _checked(ratings, covariance, attributes)
    warnings = []
    if len(centre) < FEW:
        warnings.append(
            f"{len(centre)} systems: too few to separate factors; read the intervals, and take nothing for a cause."
        )
    single: list[FactorFit] = []
    usable: list[Attribute] = []
    for attribute in attributes:
        used = attribute.known
        missing = len(centre) - len(used)
        if missing:
            warnings.append(f"{attribute.name}: not known for {missing} of {len(centre)} systems, which are left out.")
        fit = None
        reason = _unfit([attribute], used)
        if reason is None:
            fit = _fit(centre, joint_covariance, [attribute], used, rng=rng, level=level, permutations=permutations)
        if fit is None:
            warnings.append(f"{attribute.name}: not analysed, because {reason}.")
            continue
        usable.append(attribute)
        single.append(fit)
        alone = [e.level for e in fit.effects if e.systems == 1]
        if alone:
            warnings.append(f"{attribute.name}: {', '.join(alone)} rest on one system each.")
    warnings.extend(associations(usable))
    joint = None
    if len(usable) > 1:
        used = [i for i in range(len(centre)) if all(a.values[i] is not None for a in usable)]
        reason = _unfit(usable, used)
        if reason is None:
            joint = _fit(centre, joint_covariance, usable, used, rng=rng, level=level, permutations=permutations)
        else:
            warnings.append(f"factors together: not analysed, because {reason}.")
    return FactorAnalysis(single=tuple(single), joint=joint, warnings=tuple(warnings))


def _checked(ratings: Ratings, covariance: Floats, attributes: Sequence[Attribute]) -> tuple[Ratings, Floats]:
    centre = np.asarray(ratings, dtype=np.float64)
    joint = np.asarray(covariance, dtype=np.float64)
    if centre.ndim != 1 or joint.shape != (len(centre), len(centre)):
        raise InvalidMatchesError(
            f"factors: ratings of shape {centre.shape} and covariance of shape {joint.shape} given; "
            "(systems,) and (systems, systems) needed"
        )
    if not (np.isfinite(centre).all() and np.isfinite(joint).all()):
        raise InvalidMatchesError("factors: a rating or covariance is not finite; fit with a prior above 0")
    names = [attribute.name for attribute in attributes]
    for attribute in attributes:
        if len(attribute.values) != len(centre):
            raise InvalidMatchesError(
                f"factor {attribute.name}: {len(attribute.values)} values given; one for each of {len(centre)} systems"
            )
        if names.count(attribute.name) > 1:
            raise InvalidMatchesError(f"factor {attribute.name}: given twice; give each name once")
    return centre, joint


def _unfit(attributes: Sequence[Attribute], used: Sequence[int]) -> str | None:
    """Why these systems cannot tell these factors, if so."""
    for attribute in attributes:
        if len({attribute.values[i] for i in used}) < 2:
            return f"{attribute.name} does not vary among the {len(used)} systems it is known for"
    design = _design(attributes, used)[0]
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return "their levels go together, so that no data of these systems tell them apart"
    if len(used) < design.shape[1] + SPARE:
        return f"{len(used)} systems cannot carry {design.shape[1]} coefficients with an interval"
    return None


def _design(attributes: Sequence[Attribute], used: Sequence[int]) -> tuple[Floats, list[tuple[int, str, str, int]]]:
    """Intercept and one column per level or number; and (factor, level, reference, systems) of each but the first."""
    columns, labels = [np.ones(len(used))], []
    for at, attribute in enumerate(attributes):
        values = [attribute.values[i] for i in used]
        if attribute.numeric:
            columns.append(attribute.numbers(used))
            labels.append((at, "", "", len(used)))
            continue
        levels = sorted({str(v) for v in values})
        counts = {level: values.count(level) for level in levels}
        reference = max(levels, key=lambda name: counts[name])
        for name in levels:
            if name != reference:
                columns.append(np.array([float(v == name) for v in values]))
                labels.append((at, name, reference, counts[name]))
    return np.stack(columns, axis=1), labels


def _fit(
    ratings: Ratings,
    covariance: Floats,
    attributes: Sequence[Attribute],
    used: Sequence[int],
    *,
    rng: np.random.Generator,
    level: float,
    permutations: int,
) -> FactorFit:
    y = ratings[list(used)]
    # Ratings are relative: a shift common to all changes the intercept only, and makes the covariance regular.
    noise = covariance[np.ix_(used, used)]
    noise = noise + max(float(np.trace(noise)) / len(used), 1.0)
    x, labels = _design(attributes, used)
    variance = _between(y, x, noise)
    beta, half, by_model = _estimated(y, x, white=_whitener(noise, variance), level=level)
    effects = tuple(
        Effect(
            factor=attributes[at].name,
            level=name,
            reference=reference,
            systems=count,
            estimate=float(beta[column]),
            low=float(beta[column] - half[column]),
            high=float(beta[column] + half[column]),
            interval="model" if by_model[column] else "hc3",
        )
        for column, (at, name, reference, count) in enumerate(labels, start=1)
    )
    null = _between(y, np.ones((len(used), 1)), noise)
    return FactorFit(
        factors=tuple(attribute.name for attribute in attributes),
        systems=tuple(used),
        effects=effects,
        p_values=tuple(
            _permuted(
                y,
                x,
                [column for column, label in enumerate(labels, start=1) if label[0] == at],
                white=_whitener(noise, null),
                rng=rng,
                permutations=permutations,
            )
            for at in range(len(attributes))
        ),
        explained=max(0.0, 1.0 - variance / null) if null > 0.0 else 0.0,
        residual_sd=variance**0.5,
        level=level,
    )


def _estimated(y: Floats, x: Floats, *, white: Floats, level: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Coefficients, half widths of their intervals, and which of those are the model's because HC3 has no residual."""
    a, b = white @ x, white @ y
    bread = np.linalg.inv(a.T @ a)
    beta = bread @ a.T @ b
    residual = b - a @ beta
    leverage = np.einsum("ij,jk,ik->i", a, bread, a)
    weighted = a * (residual / np.where(leverage > WHOLE_LEVERAGE, np.inf, 1.0 - leverage))[:, None]
    hc3 = np.sqrt(np.diag(bread @ weighted.T @ weighted @ bread))
    spare = len(y) - x.shape[1]
    # Knapp and Hartung (2003): the model's own errors, scaled by what the residuals show, never down.
    model = np.sqrt(np.diag(bread) * max(1.0, float(residual @ residual) / spare))
    solver = np.linalg.pinv(x)
    exact = np.einsum("ij,ji->i", x, solver) > WHOLE_LEVERAGE
    by_model = np.abs(solver[:, exact]).max(axis=1, initial=0.0) > 1e-9
    half = float(stdtrit(spare, 0.5 + level / 2.0)) * np.where(by_model, model, hc3)
    return beta, half, by_model


def _whitener(noise: Floats, variance: float) -> Floats:
    """The symmetric root of the inverse covariance: each whitened residual stays that of one system."""
    values, vectors = np.linalg.eigh(noise)
    return np.asarray(vectors / np.sqrt(np.clip(values, 0.0, None) + variance + 1e-6) @ vectors.T)


def _between(y: Floats, x: Floats, noise: Floats) -> float:
    """Variance between systems beyond their errors by restricted maximum likelihood, squared Elo points."""
    # Contrasts free of the coefficients, in a basis in which the noise is diagonal: one dimension left to search.
    basis = np.linalg.qr(x, mode="complete")[0][:, x.shape[1] :]
    values, vectors = np.linalg.eigh(basis.T @ noise @ basis)
    squares = (vectors.T @ (basis.T @ y)) ** 2
    values = np.clip(values, 0.0, None) + 1e-6

    def loss(variance: Floats) -> Floats:
        total = values[None, :] + variance[:, None]
        return np.asarray((np.log(total) + squares / total).sum(axis=1))

    low, high = 0.0, float(squares.max(initial=0.0)) + 1.0
    for _ in range(12):  # each round narrows the bracket tenfold or more
        grid = np.linspace(low, high, 41) if low > 0.0 else np.concatenate([[0.0], np.geomspace(high * 1e-6, high, 40)])
        at = int(np.argmin(loss(grid)))
        if at == 0 and low == 0.0:
            return 0.0
        low, high = float(grid[max(0, at - 1)]), float(grid[min(len(grid) - 1, at + 1)])
    return 0.5 * (low + high)


def _permuted(
    y: Floats,
    x: Floats,
    columns: Sequence[int],
    *,
    white: Floats,
    rng: np.random.Generator,
    permutations: int,
) -> float:
    """Chance that the factor explains as much when its values are dealt to the systems at random."""
    b = white @ y

    def left(design: Floats) -> Floats:
        base = np.linalg.qr(white @ design)[0]
        return np.asarray(((b - np.einsum("...ij,...j->...i", base, np.einsum("...ij,i->...j", base, b))) ** 2).sum(-1))

    orders = rng.permuted(np.tile(np.arange(len(y)), (permutations, 1)), axis=1)
    shuffled = np.broadcast_to(x, (permutations, *x.shape)).copy()
    shuffled[:, :, list(columns)] = x[:, list(columns)][orders]
    observed = float(left(x))
    return float((1 + (left(shuffled) <= observed * (1.0 + 1e-9)).sum()) / (1 + permutations))
