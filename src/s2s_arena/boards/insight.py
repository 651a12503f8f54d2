"""What a board can bear: who is separated from whom, who may be first, and how little would change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from s2s_arena.boards.games import Games
from s2s_arena.boards.standings import Made
from s2s_arena.ratings.bootstrap import Bootstrap
from s2s_arena.ratings.clustered import clustered_fit
from s2s_arena.ratings.flips import top_flip
from s2s_arena.ratings.order import order_noise
from s2s_arena.ratings.ranks import z_value
from s2s_arena.ratings.separation import separate, separate_draws
from s2s_arena.ratings.win_matrix import Counts, connected, tie_matrix, win_matrix
from s2s_arena.records.identity import SystemName

LEVEL = 0.95
FEWEST_DRAWS = 100  # fewer say nothing of a tail
WIDEST = 6  # letters that a reader can still compare
SHUFFLED = 20_000  # matches, up to which orders of play are tried out: memory grows with them
ROBUST = 4_000_000  # matches times pairs of systems, up to which the sandwich is worth its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """How few verdicts put another system first."""

    change: str  # reverse | drop
    votes: int | None  # None where no set of verdicts does it
    share: float | None  # of all verdicts, 0..1
    rival: SystemName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOfPlay:
    """What the order of the same matches does to sequential Elo."""

    mean: Mapping[SystemName, float]  # order-averaged Elo
    sd: Mapping[SystemName, float]  # points that a reshuffle moves a rating
    changed: float  # share of reshuffles with another ranking, 0..1


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What a reader may conclude from a board.

    Attributes:
        level: Simultaneous confidence of separation, in (0, 1).
        first: Share of resamples in which each system comes first, 0..1.
        letters: Systems that share no letter are separated.
        tiers: From 1, down the board.
        places: Best and worst place that each system may have, right for all systems at once.
        mean: Mean rating over the bootstrap, of the method the order goes by; empty without one.
        robust: Interval of each rating from the sandwich covariance; empty where there are too many matches.
        separated: How many pairs are separated.
        pairs: Of how many.
        flips: Reversing, and dropping, verdicts.
        order: Order noise of Elo; None where there are too many matches.
    """

    level: float
    first: Mapping[SystemName, float]
    letters: Mapping[SystemName, str]
    tiers: Mapping[SystemName, int]
    places: Mapping[SystemName, tuple[int, int]]
    mean: Mapping[SystemName, float] = field(default_factory=dict)
    robust: Mapping[SystemName, tuple[float, float]] = field(default_factory=dict)
    separated: int
    pairs: int
    flips: tuple[Flip, ...] = ()
    order: OrderOfPlay | None = None

    def group(self, system: SystemName) -> str:
        """The system's letters, or on boards that need too many of them its tier."""
        long = max((len(letters) for letters in self.letters.values()), default=0) > WIDEST
        return f"tier {self.tiers[system]}" if long else self.letters[system]


def insight(made: Made, *, clusters: Sequence[str] = ()) -> Insight:
    """What a board can bear.

    Args:
        made: The board with its games, fit and bootstrap. Without a bootstrap, or where chains of wins do not link
            all systems, separation is by the fit's own covariance, which knows how little an undefeated record says.
        clusters: What the robust intervals take for dependent: sample, judge; single games by default.
    """
    games, fit, boot, seed = made.games, made.fit, made.boot, made.board.seed
    names = games.systems
    size = len(names)
    rng = np.random.default_rng([seed, 1])
    wins = win_matrix(games.pairs, games.scores, systems=size)
    ties = tie_matrix(games.pairs, games.scores, systems=size)
    drawn = boot is not None and len(boot.resampled) >= FEWEST_DRAWS and connected(wins + ties)
    by = (
        separate_draws(boot.original, boot.resampled)
        if drawn and boot
        else separate(fit.ratings, fit.covariance, rng=rng)
    )
    if boot is not None and len(boot.resampled):
        first = boot.first_share
    else:
        noise = rng.multivariate_normal(fit.ratings, fit.covariance, size=1000, method="eigh")
        first = Bootstrap(original=fit.ratings, resampled=noise).first_share
    return Insight(
        level=by.level,
        first={name: float(first[i]) for i, name in enumerate(names)},
        letters={name: by.letters[i] for i, name in enumerate(names)},
        tiers={name: int(by.tiers[i]) for i, name in enumerate(names)},
        places={name: (int(by.rank_low[i]), int(by.rank_high[i])) for i, name in enumerate(names)},
        mean={name: float(boot.mean[i]) for i, name in enumerate(names)} if boot is not None else {},
        robust=_robust(games, clusters),
        separated=int(by.better.sum()),
        pairs=size * (size - 1) // 2,
        flips=_flips(games, wins, ties),
        order=_order(games, seed),
    )


def _robust(games: Games, clusters: Sequence[str]) -> dict[SystemName, tuple[float, float]]:
    if not 0 < games.count * len(games.systems) ** 2 <= ROBUST:
        return {}
    codes = [games.label(name).codes for name in clusters]
    made = clustered_fit(games.pairs, games.scores, systems=len(games.systems), clusters=codes)
    half = z_value(LEVEL) * np.sqrt(np.clip(np.diag(made.covariance), 0.0, None))
    return {
        name: (float(made.ratings[i] - half[i]), float(made.ratings[i] + half[i]))
        for i, name in enumerate(games.systems)
    }


def _flips(games: Games, wins: Counts, ties: Counts) -> tuple[Flip, ...]:
    if len(games.systems) < 2 or not wins.sum():
        return ()
    found = (top_flip(wins, change="reverse", ties=ties), top_flip(wins, change="drop", ties=ties))
    return tuple(
        Flip(
            change=flip.change,
            votes=flip.votes,
            share=flip.share,
            rival=None if flip.rival is None else games.systems[flip.rival],
        )
        for flip in found
    )


def _order(games: Games, seed: int) -> OrderOfPlay | None:
    if not 0 < games.count <= SHUFFLED:
        return None
    shuffles = max(50, min(200, 1_000_000 // games.count))
    rng = np.random.default_rng([seed, 2])
    noise = order_noise(games.pairs, games.scores, systems=len(games.systems), rng=rng, shuffles=shuffles)
    return OrderOfPlay(
        mean={name: float(noise.mean[i]) for i, name in enumerate(games.systems)},
        sd={name: float(noise.sd[i]) for i, name in enumerate(games.systems)},
        changed=noise.changed,
    )
