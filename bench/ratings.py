"""Rating engines side by side in one run: ours and, where installed, evalica; prints times and ratios.

Usage: python bench/ratings.py [--small] [--json]
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from s2s_arena.ratings import kernels
from s2s_arena.ratings.bootstrap import bt_bootstrap, elo_bootstrap
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.forgetting import elo_bootstrap_bounded
from s2s_arena.ratings.live import LiveBoard
from s2s_arena.ratings.win_matrix import win_matrix


def seconds(work: Callable[[], object], *, repeats: int, first: bool = True) -> float:
    """Best of some runs, after one to warm up if `first`."""
    if first:
        work()
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def matches(count: int, systems: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pairs won by Bradley-Terry chance, strengths spread over about 600 points."""
    rng = np.random.default_rng(0)
    strengths = rng.normal(0.0, 1.0, systems)
    first = rng.integers(systems, size=count)
    second = (first + rng.integers(1, systems, size=count)) % systems
    won = rng.random(count) < 1.0 / (1.0 + np.exp(strengths[second] - strengths[first]))
    return np.stack([first, second], axis=1), won


def ours(pairs: np.ndarray, won: np.ndarray, systems: int, *, large: bool) -> tuple[dict[str, float], str]:
    """Seconds of each of our engines, whole bootstraps without extrapolation, and what the bounded one promises."""
    wins = win_matrix(pairs, won, systems=systems)
    board = LiveBoard(wins)
    some = [tuple(pair if first else pair[::-1]) for pair, first in zip(pairs[:200].tolist(), won[:200], strict=True)]

    def follow() -> None:
        for winner, loser in some:
            board.vote(winner, loser)

    repeats = 1 if large else 5
    times = {
        "elo": seconds(lambda: elo(pairs, won, systems=systems), repeats=5),
        "bt": seconds(lambda: bradley_terry(win_matrix(pairs, won, systems=systems)), repeats=5),
        "elo_x1000": seconds(
            lambda: elo_bootstrap(pairs, won, systems=systems, rng=np.random.default_rng(1)),
            repeats=repeats,
            first=not large,
        ),
        "bt_x1000": seconds(lambda: bt_bootstrap(wins, rng=np.random.default_rng(1)), repeats=max(2, repeats)),
        "refit_after_one_vote": seconds(follow, repeats=3) / len(some),
    }
    if not large:
        return times, ""
    times["elo_x1000_bounded"] = seconds(
        lambda: elo_bootstrap_bounded(pairs, won, systems=systems, rng=np.random.default_rng(1)), repeats=2
    )
    made = elo_bootstrap_bounded(pairs, won, systems=systems, rng=np.random.default_rng(1))
    return (
        times,
        f"bounded Elo: last {made.played:,} of {made.matches:,} matches, mean error <= {made.bound:.3g} points",
    )


def evalicas(pairs: np.ndarray, won: np.ndarray) -> dict[str, float]:
    """Seconds of evalica's engines; bootstraps are extrapolated from a few refits of drawn matches."""
    import evalica  # noqa: PLC0415  # an optional oracle, never needed

    xs, ys = ([str(i) for i in pairs[:, side]] for side in (0, 1))
    winners = [evalica.Winner.X if first else evalica.Winner.Y for first in won]
    runs = 3 if len(won) > 100_000 else 20
    times: dict[str, float] = {}
    for name, engine in (("elo", evalica.elo), ("bt", evalica.bradley_terry)):
        times[name] = seconds(lambda engine=engine: engine(xs, ys, winners), repeats=1)
        made = engine(xs, ys, winners)
        start = time.perf_counter()
        for _ in range(runs):
            engine(xs, ys, winners, index=made.index)
        times[f"{name}_x1000"] = (time.perf_counter() - start) / runs * 1000
    return times


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="leave out 1,000,000 matches x 100 systems (a minute)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    compiled = kernels.warm()
    report: dict[str, dict[str, dict[str, float]]] = {}
    notes = [] if compiled else ["numba is not installed: numpy alone"]
    peak = 0.0
    for count, systems in ((1001, 10), *(() if options.small else ((1_000_000, 100),))):
        pairs, won = matches(count, systems)
        times, note = ours(pairs, won, systems, large=count > 100_000)
        made = {"s2s-arena": times}
        notes += [note] if note else []
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before evalica's share
        if find_spec("evalica"):
            made["evalica"] = evalicas(pairs, won)
        report[f"{count} x {systems}"] = made
    if options.json:
        print(json.dumps({"seconds": report, "peak_mib": round(peak), "notes": notes}, indent=2))
        return
    for size, engines in report.items():
        for name, taken in engines["s2s-arena"].items():
            other = engines.get("evalica", {}).get(name.removesuffix("_bounded"))
            ratio = "" if other is None else f"   evalica {other * 1e3:12.2f} ms   {other / taken:8.1f} x"
            print(f"{size:>15}  {name:<22} {taken * 1e3:10.3f} ms{ratio}")
    print(*notes, f"peak memory of the engines above {peak:.0f} MiB", sep="\n")


if __name__ == "__main__":
    main()
