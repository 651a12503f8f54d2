"""Standings: games to a board of Elo and Bradley-Terry ratings with their uncertainty."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from s2s_arena.boards.games import Games, Tally
from s2s_arena.boards.rated import rated_games
from s2s_arena.boards.votes import Votes
from s2s_arena.errors import InputError
from s2s_arena.ratings.bootstrap import RESAMPLES, Bootstrap, bt_bootstrap, elo_bootstrap
from s2s_arena.ratings.bradley_terry import Fit, bradley_terry
from s2s_arena.ratings.clustered import clustered_resamples
from s2s_arena.ratings.davidson import davidson
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.forgetting import elo_bootstrap_bounded
from s2s_arena.ratings.propensity import Weighting, inverse_propensity
from s2s_arena.ratings.win_matrix import components, connected, tie_matrix, weighted_win_matrix, win_matrix
from s2s_arena.records.boards import Board, Standing
from s2s_arena.records.identity import JudgeName, SystemName
from s2s_arena.records.matches import Match
from s2s_arena.records.responses import Take
from s2s_arena.records.studies import STRICT, Outcome

METHODS = ("bt", "elo")
T = TypeVar("T", bound=np.generic)
FEW = 10  # matches a system, below which a board warns
RESAMPLED_FROM = 300
"""Games from which drawing them again tells how far ratings move: of 60 games the undefeated stay so in every resample,
and 95 % intervals cover 90 %. Below, draws come from the fit and its sandwich covariance, as they do with clusters."""


def board(
    matches: Iterable[Match],
    votes: Votes,
    *,
    systems: Sequence[SystemName],
    method: str = "bt",
    judge: JudgeName | None = None,
    seed: int = 0,
    bootstraps: int = RESAMPLES,
    takes: Iterable[Take] = (),
    outcomes: Collection[Outcome] = STRICT,
    clusters: Sequence[str] = (),
    weighted: bool = False,
) -> Board:
    """The board of a study's matches and the votes that stand on them.

    Args:
        matches: Of one study, in any order.
        votes: From `votes.current`.
        systems: Contestants; unplayed ones stand at 1000.
        method: What the order goes by: `bt` or `elo`. Both ratings are always there.
        judge: One judge's votes only; all by default.
        seed: Of the bootstrap.
        bootstraps: Resamples; 0 for intervals from the fit alone, which a live page can afford.
        takes: Takes that may have failed.
        outcomes: What the study allows.
        clusters: What to draw whole in the bootstrap: `sample`, `judge`; single games by default.
        weighted: As in `made`.

    Raises:
        InputError: An unknown method, or a match of a system that is not a contestant.
    """
    games, tally = rated_games(matches, votes, systems=systems, judge=judge, takes=takes, outcomes=outcomes)
    return standings(
        games,
        method=method,
        judge=judge,
        seed=seed,
        bootstraps=bootstraps,
        clusters=clusters,
        tally=tally,
        weighted=weighted,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A board with what it was made of.

    Attributes:
        board: The board.
        games: What was rated.
        fit: Bradley-Terry strengths and their covariance.
        boot: Resamples of the board's method; None without bootstraps.
        tally: What was left out.
    """

    board: Board
    games: Games
    fit: Fit
    boot: Bootstrap | None
    tally: Tally


def intervals_of(board: Board) -> str:
    """What the Bradley-Terry intervals of a board without clusters and weights rest on, in words.

    The counterpart of what `made` does: every text that tells a reader how intervals were made asks here.
    """
    if not board.bootstraps or board.method == "elo":
        return "the covariance of the fit"
    if board.matches < RESAMPLED_FROM:
        return f"percentiles of {board.bootstraps} draws from the fit and its sandwich covariance"
    wider = "" if board.connected else ", or those of the covariance of the fit where they are wider"
    return f"percentiles of {board.bootstraps} bootstrap resamples{wider}"


def standings(
    games: Games,
    *,
    method: str = "bt",
    judge: JudgeName | None = None,
    seed: int = 0,
    bootstraps: int = RESAMPLES,
    clusters: Sequence[str] = (),
    tally: Tally | None = None,
    weighted: bool = False,
) -> Board:
    """The board of games that are already arrays; arguments as in `made`."""
    return made(
        games,
        method=method,
        judge=judge,
        seed=seed,
        bootstraps=bootstraps,
        clusters=clusters,
        tally=tally,
        weighted=weighted,
    ).board


def made(
    games: Games,
    *,
    method: str = "bt",
    judge: JudgeName | None = None,
    seed: int = 0,
    bootstraps: int = RESAMPLES,
    clusters: Sequence[str] = (),
    tally: Tally | None = None,
    weighted: bool = False,
    davidson_ties: bool = False,
    elo_within: float | None = None,
) -> Made:
    """The board of games that are already arrays, with fit and bootstrap; arguments as in `board`, and:

    Args:
        weighted: Count each game by one over the probability it was drawn with, so that pairs the sampler favoured
            weigh no more than others; Bradley-Terry only, with sandwich intervals.
        davidson_ties: Take a tie for an outcome of its own (Davidson 1970) instead of half a win for each;
            Bradley-Terry only, with intervals from the curvature of the model.
        elo_within: Elo points: play of each Elo resample only the last matches that bound the error so; all by
            default.

    Raises:
        InputError: An unknown method, or weights asked for where probabilities are not known.
    """
    if method not in METHODS:
        raise InputError(f"method {method}: not known; use one of {', '.join(METHODS)}")
    if davidson_ties and clusters:
        raise InputError("ties: Davidson's model takes no clusters; leave --clusters out, or count ties as half a win")
    size = len(games.systems)
    tally = tally or Tally()
    rng = np.random.default_rng(seed)
    wins = win_matrix(games.pairs, games.scores, systems=size)
    ties = tie_matrix(games.pairs, games.scores, systems=size)
    weighting = _weighting(games) if weighted else None
    weights = None if weighting is None else weighting.weights
    fit = _fit(games, wins, ties, weights=weights, davidson_ties=davidson_ties)
    sequential = elo(games.pairs, games.scores, systems=size)
    linked = connected(wins + ties)
    bounded: tuple[str, ...] = ()
    if elo_within is not None and method == "elo" and bootstraps > 1 and not clusters:
        boot, bounded = _bounded(games, rng=rng, bootstraps=bootstraps, within=elo_within)
    elif davidson_ties and method == "bt" and bootstraps > 0:
        boot = _model_draws(fit, rng=rng, groups=components(wins + ties), draws=bootstraps)
    else:
        boot = _bootstrap(
            games, wins, ties, method=method, rng=rng, bootstraps=bootstraps, clusters=clusters, weights=weights
        )
    bt_boot = boot if method == "bt" else None
    if bt_boot is None and boot is not None and (clusters or weights is not None):
        # The order goes by Elo, but the intervals beside it are of Bradley-Terry and must allow for the same things.
        bt_boot = _bootstrap(
            games, wins, ties, method="bt", rng=rng, bootstraps=bootstraps, clusters=clusters, weights=weights
        )
    model = (
        _model_draws(fit, rng=rng, groups=components(wins + ties))
        if not linked or boot is None or bt_boot is None
        else None
    )
    low, high = _widest([b.interval() for b in (bt_boot, model) if b is not None])
    # A system that never lost has the same record in every resample; the fit knows how little that says.
    for_places = [b for b in (boot, model if (boot is None or (not linked and method == "bt")) else None) if b]
    best, worst = _widest([b.place_interval() for b in for_places])
    spearman = boot.spearman if boot is not None and games.count else (None, None)
    won, lost, tied = wins.sum(axis=1), wins.sum(axis=0), ties.sum(axis=1)
    leading = fit.ratings if method == "bt" else sequential
    rows = [
        Standing(
            system=name,
            elo=float(sequential[i]),
            bt=float(fit.ratings[i]),
            bt_low=float(min(low[i], fit.ratings[i])),
            bt_high=float(max(high[i], fit.ratings[i])),
            rank_low=int(best[i]),
            rank_high=int(worst[i]),
            win_rate=float((won[i] + 0.5 * tied[i]) / (won[i] + lost[i] + tied[i]))
            if won[i] + lost[i] + tied[i]
            else None,
            wins=int(won[i]),
            losses=int(lost[i]),
            matches=int(won[i] + lost[i] + tied[i]),
        )
        for i, name in enumerate(games.systems)
    ]
    order = sorted(range(size), key=lambda i: (-leading[i], games.systems[i]))
    whole = Board(
        systems=games.systems,
        standings=tuple(rows[i] for i in order),
        wins=tuple(tuple(int(count) for count in row) for row in wins),
        method=method,
        judge=judge,
        matches=games.count,
        seed=seed,
        bootstraps=bootstraps,
        connected=linked,
        up_to=tally.up_to,
        spearman_mean=spearman[0],
        spearman_sd=spearman[1],
        coverage=tally.coverage,
        both_bad=tally.both_bad,
        excluded=tally.excluded,
        unrated=tally.unrated,
        warnings=(*_warnings(games, wins, ties, linked), *_costs(weighting), *bounded),
    )
    return Made(board=whole, games=games, fit=fit, boot=boot, tally=tally)


def _bounded(
    games: Games, *, rng: np.random.Generator, bootstraps: int, within: float
) -> tuple[Bootstrap | None, tuple[str, ...]]:
    found = elo_bootstrap_bounded(
        games.pairs, games.scores, systems=len(games.systems), rng=rng, resamples=bootstraps, within=within
    )
    if found.played == found.matches:
        return found.bootstrap, ()
    return found.bootstrap, (
        f"of each Elo resample the last {found.played:,} of {found.matches:,} matches were played: the worst rating of "
        f"a resample is off by at most {found.bound:.2f} points on average",
    )


def _weighting(games: Games) -> Weighting:
    if games.probabilities is None:
        raise InputError("weights: these matches do not say with which probability each was drawn; leave --weights out")
    return inverse_propensity(games.probabilities)


def _costs(weighting: Weighting | None) -> tuple[str, ...]:
    if weighting is None or not len(weighting.weights):
        return ()
    cut = f"; {weighting.clipped} weights were cut" if weighting.clipped else ""
    return (
        f"weighted by one over the chance of each draw: as telling as {weighting.effective:.0f} equal matches of "
        f"{len(weighting.weights)}{cut}",
    )


def _fit(
    games: Games,
    wins: NDArray[np.int64],
    ties: NDArray[np.int64],
    *,
    weights: NDArray[np.float64] | None,
    davidson_ties: bool,
) -> Fit:
    if davidson_ties and weights is not None:
        raise InputError("ties: Davidson's model takes no weights; leave --weights out, or count ties as half a win")
    if davidson_ties:
        tied = davidson(wins, ties)
        return Fit(ratings=tied.ratings, covariance=tied.covariance)
    if weights is None:
        return bradley_terry(wins + 0.5 * ties)
    size = len(games.systems)
    return bradley_terry(weighted_win_matrix(games.pairs, games.scores, systems=size, weights=weights))


def _bootstrap(
    games: Games,
    wins: NDArray[np.int64],
    ties: NDArray[np.int64],
    *,
    method: str,
    rng: np.random.Generator,
    bootstraps: int,
    clusters: Sequence[str],
    weights: NDArray[np.float64] | None,
) -> Bootstrap | None:
    if bootstraps <= 0:
        return None
    size = len(games.systems)
    drawn = [games.label(name).codes for name in clusters]
    if method == "elo":
        return elo_bootstrap(games.pairs, games.scores, systems=size, rng=rng, resamples=bootstraps, clusters=drawn)
    if drawn or weights is not None or games.count < RESAMPLED_FROM:
        return clustered_resamples(
            games.pairs,
            games.scores,
            systems=size,
            rng=rng,
            clusters=drawn,
            resamples=bootstraps,
            weights=weights,
        )
    return bt_bootstrap(wins, ties=ties, rng=rng, resamples=bootstraps)


def _model_draws(
    fit: Fit, *, rng: np.random.Generator, groups: Sequence[tuple[int, ...]], draws: int = 1000
) -> Bootstrap:
    """Ratings drawn from the fit's own normal approximation, around the mean of the largest linked group.

    Otherwise one system that nobody has heard would blur all others through the common mean.
    """
    values, vectors = np.linalg.eigh(fit.covariance)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    noise = rng.standard_normal((draws, len(fit.ratings))) @ root.T
    largest: tuple[int, ...] = max(groups, key=len) if groups else ()
    anchor = list(largest)
    if len(anchor) > 1:
        noise -= noise[:, anchor].mean(axis=1, keepdims=True)
    return Bootstrap(original=fit.ratings, resampled=fit.ratings + noise)


def _widest(intervals: list[tuple[NDArray[T], NDArray[T]]]) -> tuple[NDArray[T], NDArray[T]]:
    lows, highs = zip(*intervals, strict=True)
    return np.min(np.stack(lows), axis=0), np.max(np.stack(highs), axis=0)


def _warnings(games: Games, wins: NDArray[np.int64], ties: NDArray[np.int64], linked: bool) -> tuple[str, ...]:
    names = np.array(games.systems, dtype=object)
    won, lost, tied = wins.sum(axis=1), wins.sum(axis=0), ties.sum(axis=1)
    played = won + lost + tied
    found: list[str] = []

    def say(mask: NDArray[np.bool_], what: str) -> None:
        if mask.any():
            found.append(f"{what}: {', '.join(names[mask])}")

    say(played == 0, "no matches yet, rated 1000 by default")
    say((played > 0) & (lost + tied == 0), "undefeated, so its rating has no upper bound in the data")
    say((played > 0) & (won + tied == 0), "without a win, so its rating has no lower bound in the data")
    say((played > 0) & (played < FEW), f"fewer than {FEW} matches")
    if not linked and (played > 0).any():
        groups = len(components(wins + ties))
        found.append(
            f"chains of wins do not link all systems ({groups} groups): gaps between groups rest on the "
            "regularisation, so their intervals are wide"
        )
    return tuple(found)
