"""Whether intervals cover as often as they say and tests err as seldom as they say, on simulated studies.

Usage: python -m bench.coverage [--studies 500] [--quick] [--only order,plain,slices,clustered,voters,judge] [--json]

Ten systems of the strengths in the paper's Table 4. `clustered` lets every sample and every judge like systems in its
own way; the truth is then what Bradley-Terry finds with endless votes. Exit status 1 if a figure leaves its range.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from s2s_arena.boards.games import Games, Labels
from s2s_arena.boards.standings import standings
from s2s_arena.ratings.bootstrap import bt_bootstrap, bt_bootstrap_clustered, elo_bootstrap
from s2s_arena.ratings.bradley_terry import bradley_terry
from s2s_arena.ratings.clustered import clustered_resamples
from s2s_arena.ratings.order import order_noise
from s2s_arena.ratings.prediction_powered import prediction_powered
from s2s_arena.ratings.voters import crowd_rates, voter_test
from s2s_arena.ratings.win_matrix import win_matrix
from s2s_arena.records.identity import SystemName

STRENGTHS = np.array([1246.1, 1239.2, 1231.9, 1148.2, 1088.3, 1056.7, 908.7, 727.4, 677.1, 676.4])  # facts: Table 4
SYSTEMS = len(STRENGTHS)
TRUTH = STRENGTHS - STRENGTHS.mean() + 1000.0
MATCHES = 1001  # the paper's
ALPHA = 0.01
NEVER = 10**9


@dataclass(frozen=True)
class Figure:
    """One figure, what it should lie in (nothing where it is only told), and a remark."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def right(self) -> bool:
        """Whether it lies where it should."""
        return (self.low is None or self.value >= self.low) and (self.high is None or self.value <= self.high)


def chance(gap: np.ndarray) -> np.ndarray:
    """Probability of winning with a lead of so many points."""
    return 1.0 / (1.0 + 10.0 ** (-np.asarray(gap) / 400.0))


def drawn_pairs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Random pairs in random order."""
    first = rng.integers(SYSTEMS, size=count)
    return np.stack([first, (first + rng.integers(1, SYSTEMS, size=count)) % SYSTEMS], axis=1)


def study(rng: np.random.Generator, count: int = MATCHES) -> tuple[np.ndarray, np.ndarray]:
    """A study of independent votes."""
    pairs = drawn_pairs(rng, count)
    return pairs, rng.random(count) < chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])


def order(studies: int) -> list[Figure]:
    """What the paper's sequential Elo makes of the order of play."""
    some = max(10, studies // 10)
    correlations, noise, changed = [], [], []
    for seed in range(some):
        rng = np.random.default_rng([1, seed])
        pairs, won = study(rng)
        correlations.append(elo_bootstrap(pairs, won, systems=SYSTEMS, rng=rng, resamples=1000).spearman[0])
        shuffled = order_noise(pairs, won, systems=SYSTEMS, rng=rng, shuffles=200)
        noise.append(shuffled.sd.mean())
        changed.append(shuffled.changed)
    return [
        Figure("Elo bootstrap, Spearman with the original", float(np.mean(correlations)), 0.91, 0.97, "paper .94"),
        Figure("Elo, SD over orders of play, points", float(np.mean(noise)), 37.0, 45.0, "about 41 at K = 32"),
        Figure("orders of play that change the ranking", float(np.mean(changed)), 0.9, 1.0),
    ]


def coverage(name: str, share: float, *, studies: int, note: str, high: float = 0.97) -> Figure:
    """A coverage that should lie in 93-97 %, and a little further where few studies make it uncertain itself."""
    slack = 0.0 if studies >= 250 else 0.25 / np.sqrt(studies)
    return Figure(name, share, 0.93 - slack, high + slack, note)


Interval = Callable[[np.random.Generator, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def by_bootstrap(rng: np.random.Generator, pairs: np.ndarray, won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return bt_bootstrap(win_matrix(pairs, won, systems=SYSTEMS), rng=rng, resamples=1000).interval()


def by_model(rng: np.random.Generator, pairs: np.ndarray, won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    fit = bradley_terry(win_matrix(pairs, won, systems=SYSTEMS))
    return fit.ratings - 1.96 * fit.standard_errors, fit.ratings + 1.96 * fit.standard_errors


def by_sandwich(rng: np.random.Generator, pairs: np.ndarray, won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return clustered_resamples(pairs, won, systems=SYSTEMS, rng=rng, clusters=()).interval()


def by_board(rng: np.random.Generator, pairs: np.ndarray, won: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a board prints, whichever of these it takes for so many votes."""
    return printed(board_games(pairs, won), seed=int(rng.integers(2**31)))


def board_games(pairs: np.ndarray, won: np.ndarray, **labels: np.ndarray) -> Games:
    return Games(
        systems=tuple(SystemName(f"s{i}") for i in range(SYSTEMS)),
        pairs=pairs,
        scores=won.astype(float),
        labels={name: Labels(names=tuple(map(str, range(ids.max() + 1))), codes=ids) for name, ids in labels.items()},
    )


def printed(games: Games, **options) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[no-untyped-def]
    rows = {row.system: row for row in standings(games, **options).standings}
    return tuple(np.array([getattr(rows[s], end) for s in games.systems]) for end in ("bt_low", "bt_high"))  # type: ignore[return-value]


def covered(interval: Interval, *, studies: int, matches: int) -> tuple[float, float]:
    """Share of true ratings inside, and mean width, over independent studies."""
    inside, width = [], []
    for seed in range(studies):
        rng = np.random.default_rng([2, seed])
        low, high = interval(rng, *study(rng, matches))
        inside.append(((low <= TRUTH) & (high >= TRUTH)).mean())
        width.append((high - low).mean())
    return float(np.mean(inside)), float(np.mean(width))


def plain(studies: int) -> list[Figure]:
    """Intervals of a whole board."""
    made = []
    for name, interval in (("percentile bootstrap", by_bootstrap), ("model", by_model), ("sandwich", by_sandwich)):
        share, width = covered(interval, studies=studies, matches=MATCHES)
        made.append(coverage(f"BT 95 %, {MATCHES} votes, {name}", share, studies=studies, note=f"width {width:.0f}"))
    return made


def slices(studies: int) -> list[Figure]:
    """Intervals of small slices, where systems without a defeat are usual; and as boards print them."""
    made = []
    ways = (
        ("percentile bootstrap", by_bootstrap),
        ("model", by_model),
        ("sandwich", by_sandwich),
        ("as boards print it", by_board),
    )
    some = max(40, studies // 2)
    for matches in (60, 250):
        for name, interval in ways:
            share, width = covered(interval, studies=some, matches=matches)
            told = f"BT 95 %, {matches} votes, {name}"
            if interval is by_bootstrap:  # resamples keep the undefeated undefeated: told, not held
                made.append(Figure(told, share, note=f"width {width:.0f}"))
            else:
                made.append(coverage(told, share, studies=some, note=f"width {width:.0f}", high=0.99))
        made += [clustered_slice(matches, kinds, studies=some) for kinds in KINDS]
    return made


KINDS = (("sample",), ("judge",), ("sample", "judge"))


def clustered_slice(matches: int, kinds: tuple[str, ...], *, studies: int) -> Figure:
    """A slice of a study of 100 samples and 20 judges that lean by 100 points each, as boards print it."""
    sds = {kind: 100.0 if kind in kinds else 0.0 for kind in ("sample", "judge")}
    truth = population(sample_sd=sds["sample"], judge_sd=sds["judge"])
    inside, width = [], []
    for seed in range(studies):
        rng = np.random.default_rng([8, matches, len(kinds), "judge" in kinds, seed])
        pairs, won, sample, judge = leaning(
            rng, samples=100, judges=20, sample_sd=sds["sample"], judge_sd=sds["judge"], count=matches
        )
        games = board_games(pairs, won, sample=sample, judge=judge)
        low, high = printed(games, seed=seed, clusters=kinds)
        inside.append(((low <= truth) & (truth <= high)).mean())
        width.append((high - low).mean())
    told = f"BT 95 %, {matches} votes, by {' and '.join(kinds)}, as boards print it"
    return coverage(told, float(np.mean(inside)), studies=studies, note=f"width {np.mean(width):.0f}", high=1.0)


def leaning(  # type: ignore[no-untyped-def]
    rng: np.random.Generator,
    *,
    samples: int,
    judges: int,
    sample_sd: float,
    judge_sd: float,
    count: int = MATCHES,
):
    """Pairs, outcomes, samples and judges of a study in which samples and judges like systems their own way."""
    pairs = drawn_pairs(rng, count)
    sample, judge = rng.permutation(np.arange(count) % samples), rng.permutation(np.arange(count) % judges)
    liked = rng.normal(0, sample_sd, (samples, SYSTEMS))[sample] + rng.normal(0, judge_sd, (judges, SYSTEMS))[judge]
    rows = np.arange(count)
    gap = STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]] + liked[rows, pairs[:, 0]] - liked[rows, pairs[:, 1]]
    return pairs, rng.random(count) < chance(gap), sample, judge


def population(*, sample_sd: float, judge_sd: float) -> np.ndarray:
    """Bradley-Terry of win rates averaged over all samples and judges there could be."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    spread = np.sqrt(2.0 * (sample_sd**2 + judge_sd**2)) * nodes
    wins = (chance(STRENGTHS[:, None, None] - STRENGTHS[None, :, None] + spread) * weights).sum(-1) / weights.sum()
    np.fill_diagonal(wins, 0.0)
    return bradley_terry(wins * 1e6).ratings


def clustered(studies: int) -> list[Figure]:
    """Intervals where votes of a sample or of a judge lean together."""
    made = []
    for samples, judges, sample_sd, judge_sd in (
        (100, 20, 0, 0),
        (100, 20, 150, 0),
        (100, 20, 100, 100),
        (30, 50, 150, 50),
    ):
        truth = population(sample_sd=sample_sd, judge_sd=judge_sd)
        ways = {"ignored": [], "clustered": [], "pigeonhole bootstrap": []}  # type: dict[str, list[float]]
        widths = {way: [] for way in ways}  # type: dict[str, list[float]]
        for seed in range(studies):
            rng = np.random.default_rng([3, samples, judges, sample_sd, judge_sd, seed])
            pairs, won, sample, judge = leaning(
                rng, samples=samples, judges=judges, sample_sd=sample_sd, judge_sd=judge_sd
            )
            for way in ways:
                if way == "pigeonhole bootstrap":
                    if seed >= max(20, studies // 10):
                        continue
                    drawn = bt_bootstrap_clustered(
                        pairs, won, systems=SYSTEMS, rng=rng, clusters=(sample, judge), resamples=400
                    )
                else:
                    by = () if way == "ignored" else (sample, judge)
                    drawn = clustered_resamples(pairs, won, systems=SYSTEMS, rng=rng, clusters=by)
                low, high = drawn.interval()
                ways[way].append(float(((low <= truth) & (truth <= high)).mean()))
                widths[way].append(float((high - low).mean()))
        where = f"{samples} samples of SD {sample_sd}, {judges} judges of SD {judge_sd}"
        for way, inside in ways.items():
            share, note = float(np.mean(inside)), f"width {np.mean(widths[way]):.0f}"
            told = f"{where}: {way}"
            held = coverage(told, share, studies=studies, note=note) if way == "clustered" else None
            made.append(held or Figure(told, share, note=note))
    return made


def voters(studies: int) -> list[Figure]:
    """The test of voters: false alarms over 400 votes, and how soon habits are caught."""
    weakest = SYSTEMS - 1

    def caught(habit: Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray], seed: int) -> np.ndarray:
        found = []
        for voter in range(studies):
            rng = np.random.default_rng([4, seed, voter])
            pairs = drawn_pairs(rng, 400)
            rates = chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])
            test, _ = voter_test(pairs, habit(rng, pairs, rates), crowd=rates, systems=SYSTEMS, alpha=ALPHA)
            found.append(test.crossed or NEVER)
        return np.array(found)

    def shill(favourite: int) -> Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray]:
        return lambda rng, pairs, rates: np.where(
            (pairs == favourite).any(axis=1), pairs[:, 0] == favourite, rng.random(len(rates)) < rates
        )

    honest = (caught(lambda rng, pairs, rates: rng.random(len(rates)) < rates, 0) < NEVER).mean()
    noise = 3 * np.sqrt(ALPHA * (1 - ALPHA) / studies)
    made = [
        Figure("honest voters flagged within 400 votes, crowd known", float(honest), 0.0, ALPHA + noise, "alpha .01"),
        Figure(
            "votes to catch a random clicker, median",
            float(np.median(caught(lambda r, p, q: r.random(len(q)) < 0.5, 1))),
            10,
            25,
        ),
        Figure(
            "votes to catch a shill of the last system (1 vote in 5), median",
            float(np.median(caught(shill(weakest), 2))),
            12,
            30,
        ),
        Figure("votes to catch a shill of the middle system, median", float(np.median(caught(shill(4), 3)))),
        Figure(
            "votes to catch one who votes for the first heard, median",
            float(np.median(caught(lambda r, p, q: np.ones(len(q)), 4))),
            3,
            12,
        ),
        Figure(
            "votes to catch one who votes against the crowd, median",
            float(np.median(caught(lambda r, p, q: r.random(len(q)) > q, 5))),
            3,
            12,
        ),
    ]
    flagged, named = [], []
    for crowd in range(
        max(4, studies // 25)
    ):  # 50 voters of 40 votes, 5 of whom click at random, and nobody knows the truth
        rng = np.random.default_rng([5, crowd])
        pairs, ids = drawn_pairs(rng, 2000), np.repeat(np.arange(50), 40)
        rates = chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])
        won = rng.random(2000) < np.where(ids < 5, 0.5, rates)
        seen = crowd_rates(pairs, won, voters=ids, systems=SYSTEMS)
        own = [ids == v for v in range(50)]
        tests = [voter_test(pairs[mine], won[mine], crowd=seen[mine], systems=SYSTEMS)[0] for mine in own]
        flagged += [test.flagged for test in tests[5:]]
        named += [test.flagged for test in tests[:5]]
    small = []
    for crowd in range(studies):  # three voters of 20 votes: the crowd is two others
        rng = np.random.default_rng([7, crowd])
        pairs, ids = drawn_pairs(rng, 60), np.repeat(np.arange(3), 20)
        won = rng.random(60) < chance(STRENGTHS[pairs[:, 0]] - STRENGTHS[pairs[:, 1]])
        seen = crowd_rates(pairs, won, voters=ids, systems=SYSTEMS)
        small += [
            voter_test(pairs[ids == v], won[ids == v], crowd=seen[ids == v], systems=SYSTEMS)[0].flagged
            for v in range(3)
        ]
    noise = 3 * np.sqrt(ALPHA * (1 - ALPHA) / len(flagged))
    made.append(
        Figure("honest voters flagged, crowd of 3 with 20 votes each", float(np.mean(small)), 0.0, ALPHA + noise)
    )
    made.append(
        Figure("honest voters flagged, crowd of 50 with 5 clickers", float(np.mean(flagged)), 0.0, ALPHA + noise)
    )
    made.append(Figure("clickers flagged within 40 votes in that crowd", float(np.mean(named)), 0.7, 1.0))
    return made


def judge(studies: int) -> list[Figure]:
    """Prediction-powered ratings: 5,000 matches, people on 150, 400 and 1,000, a judge of some kind on all."""

    def says(kind: str, rng: np.random.Generator, pairs: np.ndarray, people: np.ndarray) -> np.ndarray:
        right = np.where(rng.random(len(people)) < 0.85, people, 1.0 - people)
        if kind == "wrong in 85 %":
            return 1.0 - right
        if kind == "partisan":
            last = SYSTEMS - 1
            return np.where(pairs[:, 0] == last, 1.0, np.where(pairs[:, 1] == last, 0.0, right))
        if kind == "knows names only":
            return (STRENGTHS[pairs[:, 0]] > STRENGTHS[pairs[:, 1]]).astype(float)
        if kind == "half the time the first":
            return np.where(rng.random(len(people)) < 0.5, 1.0, people)
        return right

    made = []
    some = max(40, studies // 2)
    for votes in (150, 400, 1000):
        for kind in ("right in 85 %", "wrong in 85 %", "partisan", "knows names only", "half the time the first"):
            inside, gains, errors, alone = [], [], [], []
            for seed in range(some):
                rng = np.random.default_rng([6, votes, seed])
                pairs, people = study(rng, 5000)
                said = says(kind, rng, pairs, people.astype(float))
                voted = np.full(5000, np.nan)
                asked = rng.permutation(5000)[:votes]
                voted[asked] = people[asked]
                fit = prediction_powered(pairs, said, voted=voted, systems=SYSTEMS)
                low, high = fit.interval()
                inside.append(((low <= TRUTH) & (high >= TRUTH)).mean())
                gains.append(fit.gain)
                errors.append(((fit.ratings - TRUTH) ** 2).mean())
                only = bradley_terry(win_matrix(pairs[asked], people[asked], systems=SYSTEMS)).ratings
                alone.append(((only - TRUTH) ** 2).mean())
            note = f"gain told {np.mean(gains):.2f}, true {np.mean(alone) / np.mean(errors):.2f}"
            told = f"{votes} votes, judge {kind}: 95 % cover"
            made.append(coverage(told, float(np.mean(inside)), studies=some, note=note))
    return made


PARTS = {"order": order, "plain": plain, "slices": slices, "clustered": clustered, "voters": voters, "judge": judge}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="60 studies")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    studies = 60 if options.quick else options.studies
    report: dict[str, list[Figure]] = {}
    for part in options.only.split(","):
        report[part] = PARTS[part](studies)
        if not options.json:
            print(f"-- {part}", flush=True)
            for figure in report[part]:
                held = "" if figure.low is None and figure.high is None else "ok" if figure.right else "OUT OF RANGE"
                print(f"{figure.name:<75} {figure.value:8.3f}  {held:<12} {figure.note}", flush=True)
    if options.json:
        print(json.dumps({part: [asdict(f) for f in figures] for part, figures in report.items()}, indent=2))
    sys.exit(0 if all(figure.right for figures in report.values() for figure in figures) else 1)


if __name__ == "__main__":
    main()
