"""Our ratings beside those of other engines on the same votes: the largest differences in points, and in what they say
of their errors.

Usage: python -m bench.oracles [FILE of votes ...]

Takes whichever of evalica, arena-rank, statsmodels and scikit-learn are installed, and says which are not (arena-rank
pins a numpy and a jax of its own, so it wants an environment of its own). A simulated study of 1,001 votes always; of
files of votes the systems that chains of wins link, since the other engines have no answer beyond them.
"""

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from bench.coverage import STRENGTHS, study
from s2s_arena.boards.games import Games
from s2s_arena.rank.files import games_of
from s2s_arena.ratings.bradley_terry import Fit, bradley_terry
from s2s_arena.ratings.clustered import clustered_fit
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.matches import POINTS_PER_NAT
from s2s_arena.ratings.win_matrix import components, win_matrix
from s2s_arena.records.identity import SystemName

NO_PRIOR = 1e-9  # the others have no virtual games
Line = tuple[str, float]


def centred(strengths: np.ndarray, *, points: float = POINTS_PER_NAT) -> np.ndarray:
    return 1000.0 + points * (strengths - strengths.mean())


def design(games: Games) -> np.ndarray:
    """One row a game: 1 for the first heard, -1 for the second."""
    made = np.zeros((games.count, len(games.systems)))
    made[np.arange(games.count), games.pairs[:, 0]] = 1.0
    made[np.arange(games.count), games.pairs[:, 1]] = -1.0
    return made


def gap_errors(covariance: np.ndarray) -> np.ndarray:
    """Standard errors of each system's gap to the first one, in points."""
    return np.sqrt(np.diag(covariance)[1:] + covariance[0, 0] - 2.0 * covariance[0, 1:])


def of_evalica(games: Games, fit: Fit) -> Iterator[Line]:
    import evalica  # noqa: PLC0415  an optional oracle, as are the others

    names = [f"{i:03d}" for i in range(len(games.systems))]
    xs, ys = ([names[i] for i in games.pairs[:, side]] for side in (0, 1))
    winners = [evalica.Winner.X if score == 1.0 else evalica.Winner.Y for score in games.scores]
    bt = evalica.bradley_terry(xs, ys, winners, tolerance=1e-12, limit=100_000).scores.reindex(names)
    yield "Bradley-Terry, points", np.abs(centred(np.log(bt.to_numpy())) - fit.ratings).max()
    ours = elo(games.pairs, games.scores, systems=len(names))
    theirs = evalica.elo(xs, ys, winners, initial=1000.0, base=10.0, scale=400.0, k=32.0).scores.reindex(names)
    yield "Elo, points", np.abs(theirs.to_numpy() - ours).max()


def of_arena_rank(games: Games, fit: Fit) -> Iterator[Line]:
    import pandas as pd  # noqa: PLC0415
    from arena_rank.models.bradley_terry import BradleyTerry  # noqa: PLC0415
    from arena_rank.utils.data_utils import PairDataset  # noqa: PLC0415

    names = [f"{i:03d}" for i in range(len(games.systems))]
    votes = pd.DataFrame(
        {
            "model_a": [names[i] for i in games.pairs[:, 0]],
            "model_b": [names[i] for i in games.pairs[:, 1]],
            "winner": np.where(games.scores == 1.0, "model_a", "model_b"),
        }
    )
    data = PairDataset.from_pandas(votes)
    made = BradleyTerry(n_competitors=len(names), ftol=1e-14, gtol=1e-12).compute_ratings_and_cis(data)
    found = pd.DataFrame({key: np.asarray(made[key]) for key in ("competitors", "ratings", "variances")})
    found = found.set_index("competitors").reindex(names)
    ratings = centred(found["ratings"].to_numpy(dtype=float), points=1.0)
    yield "Bradley-Terry, points", np.abs(ratings - fit.ratings).max()
    sandwich = clustered_fit(games.pairs, games.scores, systems=len(names), clusters=(), prior=NO_PRIOR)
    ratio = sandwich.standard_errors / np.sqrt(found["variances"].to_numpy(dtype=float))
    yield "sandwich errors, ours over theirs, mean (ours leave one vote out)", ratio.mean()


def of_statsmodels(games: Games, fit: Fit) -> Iterator[Line]:
    import statsmodels.api as sm  # noqa: PLC0415

    made = sm.GLM(games.scores, design(games)[:, 1:], family=sm.families.Binomial()).fit(tol=1e-12, maxiter=200)
    yield "Bradley-Terry, points", np.abs(centred(np.concatenate([[0.0], made.params])) - fit.ratings).max()
    errors = POINTS_PER_NAT * np.sqrt(np.diag(made.cov_params()))
    yield "errors of gaps to one system, largest relative gap", np.abs(gap_errors(fit.covariance) / errors - 1.0).max()


def of_sklearn(games: Games, fit: Fit) -> Iterator[Line]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-12, max_iter=10_000)
    made = model.fit(design(games)[:, 1:], games.scores == 1.0)
    yield "Bradley-Terry, points", np.abs(centred(np.concatenate([[0.0], made.coef_[0]])) - fit.ratings).max()


ORACLES: dict[str, tuple[str, Callable[[Games, Fit], Iterator[Line]]]] = {
    "evalica": ("evalica", of_evalica),
    "arena-rank": ("arena_rank", of_arena_rank),
    "statsmodels": ("statsmodels", of_statsmodels),
    "scikit-learn": ("sklearn", of_sklearn),
}
"""Name -> (module, what it says)."""


def simulated() -> Games:
    pairs, won = study(np.random.default_rng(0))
    names = tuple(SystemName(f"s{i}") for i in range(len(STRENGTHS)))
    return Games(systems=names, pairs=pairs, scores=won.astype(float))


def linked(games: Games) -> Games:
    """The games among the largest group of systems that chains of wins link both ways."""
    group = max(components(win_matrix(games.pairs, games.scores, systems=len(games.systems))), key=len)
    place = np.full(len(games.systems), -1)
    place[list(group)] = np.arange(len(group))
    pairs = place[games.pairs]
    kept = (pairs >= 0).all(axis=1)
    return Games(systems=tuple(games.systems[i] for i in group), pairs=pairs[kept], scores=games.scores[kept])


def main() -> None:
    """Run and print."""
    boards = {"simulated": simulated(), **{Path(name).name: linked(games_of(Path(name))) for name in sys.argv[1:]}}
    for title, games in boards.items():
        size = len(games.systems)
        fit = bradley_terry(win_matrix(games.pairs, games.scores, systems=size), prior=NO_PRIOR)
        print(f"-- {title}: {games.count} votes, {size} systems linked by chains of wins", flush=True)
        for name, (module, lines) in ORACLES.items():
            if find_spec(module) is None:
                print(f"{name:<13} not installed")
                continue
            for what, figure in lines(games, fit):
                print(f"{name:<13} {what:<70} {figure:.3g}", flush=True)


if __name__ == "__main__":
    main()
