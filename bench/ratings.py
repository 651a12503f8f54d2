"""Rating engines side by side in one run: ours and, where installed, evalica; prints times and ratios.

Usage: python bench/ratings.py [--large] [--json]
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
from s2s_arena.ratings.bradley_terry import bradley_terry, bt_resamples
from s2s_arena.ratings.elo import elo
from s2s_arena.ratings.win_matrix import win_matrix


def seconds(work: Callable[[], object], *, repeats: int) -> float:
    """Best of some runs after one to warm up (the first compiles)."""
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


def ours(pairs: np.ndarray, won: np.ndarray, systems: int, *, large: bool) -> dict[str, float]:
    """Seconds of each of our engines."""
    wins = win_matrix(pairs, won, systems=systems)
    fit = bradley_terry(wins).ratings
    one_more = wins.copy()
    one_more[0, 1] += 1
    times = {
        "elo": seconds(lambda: elo(pairs, won, systems=systems), repeats=3),
        "bt": seconds(lambda: bradley_terry(win_matrix(pairs, won, systems=systems)), repeats=3),
        "bt_x1000": seconds(lambda: bt_bootstrap(wins, rng=np.random.default_rng(1)), repeats=1 if large else 3),
        "refit_after_one_vote": seconds(lambda: bt_resamples(one_more[None].astype(np.float64), start=fit), repeats=20),
    }
    resamples = 32 if large else 1000
    taken = seconds(
        lambda: elo_bootstrap(pairs, won, systems=systems, rng=np.random.default_rng(1), resamples=resamples),
        repeats=1 if large else 3,
    )
    times["elo_x1000"] = taken * 1000 / resamples
    return times


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
    parser.add_argument("--large", action="store_true", help="also 1,000,000 matches x 100 systems (minutes)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kernels.warm()
    report: dict[str, dict[str, dict[str, float]]] = {}
    for count, systems in ((1001, 10), *(((1_000_000, 100),) if options.large else ())):
        pairs, won = matches(count, systems)
        made = {"s2s-arena": ours(pairs, won, systems, large=count > 100_000)}
        if find_spec("evalica"):
            made["evalica"] = evalicas(pairs, won)
        report[f"{count} x {systems}"] = made
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if options.json:
        print(json.dumps({"seconds": report, "peak_mib": round(peak)}, indent=2))
        return
    for size, engines in report.items():
        for name, taken in engines["s2s-arena"].items():
            other = engines.get("evalica", {}).get(name)
            ratio = "" if other is None else f"   evalica {other * 1e3:12.2f} ms   {other / taken:8.1f} x"
            print(f"{size:>15}  {name:<22} {taken * 1e3:10.3f} ms{ratio}")
    print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
