"""The paper's invariants and our own rating engine checked on this machine: `s2s-arena rank --selftest`."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from s2s_arena.boards.games import Games
from s2s_arena.rank.paper_tables import TABLE_2, TABLE_3, TABLE_4, TABLE_5, TABLE_6, TABLE_8_LEVELS
from s2s_arena.ratings.agreement import wilson
from s2s_arena.ratings.bootstrap import bt_bootstrap, elo_bootstrap
from s2s_arena.ratings.clones import clone_check
from s2s_arena.ratings.elo import elo, expected
from s2s_arena.ratings.order import order_noise
from s2s_arena.ratings.pairing import paper_weights
from s2s_arena.ratings.win_matrix import win_matrix
from s2s_arena.records.identity import SystemName


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold, with what was found."""

    name: str
    wanted: float
    found: float
    tolerance: float
    least: float | None = None  # where anything from there up will do, as for a probability

    @property
    def passed(self) -> bool:
        """Whether the figure is within its tolerance."""
        return abs(self.found - self.wanted) <= self.tolerance

    @property
    def line(self) -> str:
        """For people."""
        state = "ok  " if self.passed else "FAIL"
        wanted = f"{self.least:g} or more" if self.least is not None else f"{self.wanted:g} +- {self.tolerance:g}"
        return f"{state}  {self.name}: {self.found:.6g} ({wanted} wanted)"


def selftest(*, seed: int = 0) -> tuple[Check, ...]:
    """All checks: the paper's tables, eq. 1-3, simulations from Table 4's strengths, and systems entered twice."""
    return (*_tables(), *_equations(), *_simulations(seed), *_clones(seed))


def _tables() -> Iterator[Check]:
    elos, rates, wins, losses, matches = np.array(list(TABLE_4.values())).T
    yield Check(name="Table 4, sum of Elo", wanted=10000.0, found=elos.sum(), tolerance=0.05)
    yield Check(name="Table 4, wins", wanted=1001, found=wins.sum(), tolerance=0)
    yield Check(name="Table 4, losses", wanted=1001, found=losses.sum(), tolerance=0)
    yield Check(name="Table 4, matches of all systems", wanted=2002, found=matches.sum(), tolerance=0)
    off = float(np.abs(100 * wins / matches - rates).max())
    yield Check(name="Table 4, win rate against wins / matches, largest gap", wanted=0, found=off, tolerance=0.06)
    for name, table in (("Table 5", TABLE_5), ("Table 6", TABLE_6)):
        figures = np.array(list(table.values()))
        worst = float(np.abs(figures[:, :4].sum(axis=0) - 10000).max())
        yield Check(name=f"{name}, largest gap of a column's sum to 10000", wanted=0, found=worst, tolerance=0.101)
        mean = float(np.abs(figures[:, :4].mean(axis=1) - figures[:, 4]).max())
        yield Check(name=f"{name}, average against plain mean, largest gap", wanted=0, found=mean, tolerance=0.06)
    counts = np.array(TABLE_8_LEVELS).sum(axis=0)
    for level, wanted, found in zip(("L1", "L2", "L3", "L4", "all"), TABLE_2["seed"], counts, strict=True):
        yield Check(name=f"Table 8, seed samples {level}", wanted=wanted, found=float(found), tolerance=0)
    both = np.add(TABLE_2["seed"], TABLE_2["augment"])
    for level, wanted, found in zip(("L1", "L2", "L3", "L4", "all"), TABLE_2["all"], both, strict=True):
        yield Check(name=f"Table 2, all samples {level}", wanted=wanted, found=float(found), tolerance=0)
    for judge, low, high in (("Gemini 2.5-Pro", 0.79, 0.86), ("Qwen2.5-Omni", 0.69, 0.77)):
        made = wilson(TABLE_3[judge][1], TABLE_3[judge][2])
        yield Check(name=f"Table 3, {judge}, Wilson low", wanted=low, found=made.low or 0.0, tolerance=0.005)
        yield Check(name=f"Table 3, {judge}, Wilson high", wanted=high, found=made.high or 0.0, tolerance=0.005)


def _equations() -> Iterator[Check]:
    weights = paper_weights(np.array([1300.0, 1180.0, 1000.0]))
    wanted = np.exp([-0.08, -8.0, -1.28])  # gaps 120, 300, 180; mu 100, sigma 50
    yield Check(name="eq. 1, by hand", wanted=0, found=float(np.abs(weights - wanted).max()), tolerance=1e-12)
    yield Check(name="eq. 2, 400 points", wanted=10 / 11, found=float(expected(np.array([400.0]))[0]), tolerance=1e-12)
    won = elo(np.array([[0, 1]]), np.array([True]), systems=2)
    yield Check(name="eq. 3, a win among equals", wanted=1016, found=float(won[0]), tolerance=1e-9)


def _simulations(seed: int) -> Iterator[Check]:
    strengths = np.array([figures[0] for figures in TABLE_4.values()])
    spearman, noise, covered, sums = [], [], [], []
    for study in range(10):
        rng = np.random.default_rng([seed, study])
        first = rng.integers(10, size=1001)
        pairs = np.stack([first, (first + rng.integers(1, 10, size=1001)) % 10], axis=1)
        won = rng.random(1001) < expected(strengths[pairs[:, 0]] - strengths[pairs[:, 1]])
        boot = elo_bootstrap(pairs, won, systems=10, rng=rng, resamples=100)
        spearman.append(boot.spearman[0])
        sums.append(float(boot.original.sum()))
        noise.append(float(order_noise(pairs, won, systems=10, rng=rng, shuffles=50).sd.mean()))
        low, high = bt_bootstrap(win_matrix(pairs, won, systems=10), rng=rng, resamples=200).interval()
        covered.append(float(((low <= strengths) & (strengths <= high)).mean()))
    yield Check(name="simulation, sum of Elo", wanted=10000, found=float(np.mean(sums)), tolerance=1e-6)
    mean = float(np.mean(spearman))
    yield Check(name="simulation, Spearman of Elo bootstraps", wanted=0.94, found=mean, tolerance=0.03)
    yield Check(name="simulation, order SD of Elo", wanted=41, found=float(np.mean(noise)), tolerance=4)
    yield Check(name="simulation, coverage of BT intervals", wanted=0.95, found=float(np.mean(covered)), tolerance=0.06)


def clones_of(games: Games, *, seed: int = 0) -> Iterator[Check]:
    """Each system of a board entered twice, its matches split at random: the two must not separate."""
    rng = np.random.default_rng([seed, 7])
    found = clone_check(games.pairs, games.scores, systems=len(games.systems), rng=rng)
    widest = max((abs(clone.gap) / clone.standard_error for clone in found.clones), default=0.0)
    yield Check(
        name=f"clones, smallest p of {len(found.clones)} systems entered twice (widest gap {widest:.1f} errors)",
        wanted=1.0,
        found=found.p_value,
        tolerance=1.0 - found.alpha,
        least=found.alpha,
    )


def _clones(seed: int) -> Iterator[Check]:
    strengths = np.array([figures[0] for figures in TABLE_4.values()])
    rng = np.random.default_rng([seed, 100])
    first = rng.integers(10, size=1001)
    pairs = np.stack([first, (first + rng.integers(1, 10, size=1001)) % 10], axis=1)
    won = rng.random(1001) < expected(strengths[pairs[:, 0]] - strengths[pairs[:, 1]])
    yield from clones_of(
        Games(systems=tuple(SystemName(name) for name in TABLE_4), pairs=pairs, scores=won.astype(np.float64)),
        seed=seed,
    )
