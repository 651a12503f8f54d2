"""How small a difference of pace a judge hears: python bench/pace_pairs.py -w WORKSPACE [-n 200] [--judge local]

Each pair is one answer said faster and slower by WORLD, 1.1 to 1.5 times apart; the request asks for one of the two.
Both orders are asked; what was said before is not asked again, so that a stopped run goes on. No reliability record is
kept: `s2s-arena judges validate` makes those.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from s2s_arena.cli.console import TerminalProgress
from s2s_arena.compose import open_workspace, validating
from s2s_arena.judge import trials
from s2s_arena.judge.probes.kinds import Probe
from s2s_arena.judge.probes.recipes import PACE_FACTORS, draw
from s2s_arena.judge.probes.sources import sources
from s2s_arena.judge.probes.workshop import Workshop
from s2s_arena.judge.trials import Trial
from s2s_arena.ratings.agreement import wilson


def line(name: str, made: Iterable[Trial]) -> str:
    """Right over asked, with Wilson's interval for as many cases as there are pairs."""
    tried = list(made)
    if not tried:
        return f"{name}: none"
    share = sum(trial.right for trial in tried) / len(tried)
    pairs = len({trial.asking.recipe.subject for trial in tried})
    found = wilson(share * pairs, pairs)
    return (
        f"{name}: {share * pairs:g} of {pairs} pairs ({share:.3f}; {found.low or 0.0:.3f} to {found.high or 1.0:.3f})"
    )


def alike(made: Iterable[Trial]) -> float:
    """Share of pairs whose better answer is the same in both orders."""
    by: dict[str, set[bool]] = {}
    for trial in made:
        by.setdefault(trial.asking.recipe.subject, set()).add(trial.right == 1.0)
    return sum(len(each) == 1 for each in by.values()) / len(by) if by else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-w", "--workspace", type=Path, required=True)
    parser.add_argument("-n", "--pairs", type=int, default=200)
    parser.add_argument("--judge", default="local")
    parser.add_argument("-S", "--systems", default="", help="whose answers; all but echo and silence by default")
    parser.add_argument("--longest", type=float, default=12.0, help="leave out answers of more seconds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    wanted = set(filter(None, given.systems.split(",")))
    with open_workspace(given.workspace) as arena:
        suite = arena.suite(None)
        card, load = arena.judge(given.judge, suite)
        takes = [
            t for t in arena.takes(suite) if (t.system in wanted if wanted else t.system not in ("echo", "silence"))
        ]
        answers = [s for s in sources(takes, suite=suite, store=arena.store) if s.seconds <= given.longest]
        recipes = draw(answers, probes=(Probe.PACE,), pairs=given.pairs, languages=frozenset(), seed=given.seed)
        judge = load()
        found = trials.run(
            trials.askings(recipes),
            judge=judge,
            workshop=Workshop(arena.store, reshaper=validating.reshaper()),
            store=arena.store,
            executor=arena.executor(),
            progress=TerminalProgress(quiet=False),
        )
    print(f"{card.name} {judge.identity}: {len(recipes)} pairs drawn, {len(found.unmade)} could not be made")
    print(line("all", found.trials))
    for factor in PACE_FACTORS:
        print(line(f"  {factor} apart", (t for t in found.trials if t.asking.recipe.settings["factor"] == factor)))
    for want in ("fast", "slow"):
        print(line(f"  {want} asked", (t for t in found.trials if t.asking.recipe.settings["want"] == want)))
    print(f"the same in both orders: {alike(found.trials):.3f}")


if __name__ == "__main__":
    main()
