"""Do systems hear what twins differ in? Two samples with the same words, another delivery and another right answer.

Usage: python -m bench.twins make WORKSPACE          the twins of its suite `seed` as a suite of their own, `twins`
       s2s-arena answer -s twins -S A,B -w WORKSPACE
       python -m bench.twins measure WORKSPACE --systems A,B [--judge local]

A pair is read crosswise: a system is right if its two answers fit their own samples better than each other's,
fit(1, its answer to 1) + fit(2, its answer to 2) > fit(1, its answer to 2) + fit(2, its answer to 1); equal sums are a
tie and count half. So nothing is gained by answers that are good in general, and one that reads only the transcript is
at one half by construction, but for what ears let slip into a transcript (a pause as a comma, another word).

Fit is measured twice: by instruments, the mean over a sample's machine-readable expectations, of words alone and of
all; and by a judge (--judge), as the margin by which it prefers one answer for either sample. Intervals are Wilson's of
the pairs that are not ties, and the P of a sign test beside them.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scipy.stats import binomtest

from s2s_arena.compose import Arena, open_workspace
from s2s_arena.cues.shows import shows
from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Comparison, blinded
from s2s_arena.judge.hearing import heard
from s2s_arena.judge.notebook import Notebook
from s2s_arena.rank.agree_formats import percent
from s2s_arena.ratings.agreement import wilson
from s2s_arena.records.cues import Cues
from s2s_arena.records.identity import SuiteName, content_hash
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite

SUITE = SuiteName("twins")
WORDS = frozenset({"contains", "lacks", "language"})
Fit = Callable[[Sample, str], float | None]  # of a sample and the system's answer to the sample of that id
EVEN = 1e-9


def main() -> None:
    """Make the suite, or measure its answers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("make", "measure"))
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--of", default="seed", help="the suite whose twins are meant")
    parser.add_argument("--systems", default="qwen-kokoro,expressive")
    parser.add_argument("--judge", help="also by this judge's margins")
    parser.add_argument("--verbose", action="store_true", help="each pair")
    options = parser.parse_args()
    with open_workspace(options.workspace) as arena:
        if options.action == "make":
            whole = arena.suite(options.of)
            arena.store.put(twins := alone(whole))
            print(f"{twins.name}: {len(twins.samples)} samples in {len(pairs(twins))} pairs, {twins.hash[:16]}")
            return
        suite = arena.suite(SUITE)
        for system in options.systems.split(","):
            takes = {take.sample: take for take in arena.takes(suite) if take.system == system}
            both = [pair for pair in pairs(suite) if all(sample.id in takes for sample in pair)]
            print(f"\n{system}: {len(both)} of {len(pairs(suite))} pairs answered")
            cues = _heard(arena, takes)
            for name, kinds in (("words alone", WORDS), ("all expectations", None)):
                report(name, both, _by_instruments(cues, kinds), verbose=options.verbose and kinds is None)
            if options.judge:
                report(f"judge {options.judge}", both, judged=_by_judge(arena, suite, takes, options.judge))


def alone(suite: Suite) -> Suite:
    """The twins of a suite whose twin is in it too."""
    found = [sample for pair in pairs(suite) for sample in pair]
    return replace(suite, name=SUITE, samples=tuple(found), description=f"The twins of {suite.name}.")


def pairs(suite: Suite) -> list[tuple[Sample, Sample]]:
    """Its pairs of twins, in suite order."""
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in suite.samples:
        if sample.twin_group is not None:
            groups[sample.twin_group].append(sample)
    return [(group[0], group[1]) for group in groups.values() if len(group) == 2]


def crossed(one: Sample, two: Sample, fit: Fit) -> float | None:
    """By how much a system's answers fit their own samples better than each other's; None if one cannot be read."""
    right, wrong = (fit(one, one.id), fit(two, two.id)), (fit(one, two.id), fit(two, one.id))
    if None in right or None in wrong:
        return None
    return sum(value or 0.0 for value in right) - sum(value or 0.0 for value in wrong)


def report(
    name: str,
    both: Sequence[tuple[Sample, Sample]],
    fit: Fit | None = None,
    *,
    judged: Callable[[Sample, Sample], float | None] | None = None,
    verbose: bool = False,
) -> None:
    """Print how many pairs are right, ties and the interval, in all and by level."""
    sums: dict[str, list[float]] = defaultdict(list)
    for one, two in both:
        value = crossed(one, two, fit) if fit is not None else judged(one, two) if judged is not None else None
        if value is None:
            continue
        for part in ("all", str(one.level)):
            sums[part].append(value)
        if verbose:
            print(f"    {value:+7.2f}  {one.twin_group}")
    for part, values in sums.items():
        right, wrong = sum(v > EVEN for v in values), sum(v < -EVEN for v in values)
        ties = len(values) - right - wrong
        share = (right + ties / 2.0) / len(values)
        line = f"  {name:18} {part:4} right {right:2}, wrong {wrong:2}, ties {ties:2} of {len(values)}: {share:.3f}"
        if right + wrong:
            sign = binomtest(right, right + wrong).pvalue
            line += f"; without ties {percent(wilson(right, right + wrong))}, sign test P {sign:.3f}"
        print(line, flush=True)


def _heard(arena: Arena, takes: Mapping[str, Take]) -> dict[str, tuple[Cues, ...]]:
    """Cues of every turn of the answers that can be heard, kept in the store under the judge's own keys."""
    notebook, perception = Notebook(arena.store), arena.perception
    found: dict[str, tuple[Cues, ...]] = {}
    for sample, take in takes.items():
        turns = []
        for key in take.responses:
            response = arena.store.get(Response, key)
            if response is not None and response.speech is not None:
                audio = response.speech.hash
                speech = arena.store.audio(audio)
                cell = content_hash("cues", audio, perception.identity)
                turns.append(notebook.kept(Cues, cell, lambda s=speech, a=audio: perception.hear(s, audio=a)))  # type: ignore[misc]
        arena.store.put(*notebook.take_new())
        if turns:
            found[sample] = tuple(turns)
    return found


def _by_instruments(cues: Mapping[str, tuple[Cues, ...]], kinds: frozenset[str] | None) -> Fit:
    def fit(sample: Sample, answered: str) -> float | None:
        if answered not in cues:
            return None
        shown = [
            value
            for expectation in sample.expects
            if kinds is None or expectation.cue in kinds
            for value in [shows(cues[answered][-1], expectation)]
            if value is not None
        ]
        return sum(shown) / len(shown) if shown else 0.0

    return fit


def _by_judge(
    arena: Arena, suite: Suite, takes: Mapping[str, Take], name: str
) -> Callable[[Sample, Sample], float | None]:
    judge = arena.judge(name, suite)[1]()

    def margin(sample: Sample, first: Take, second: Take) -> float | None:
        comparison = Comparison(
            sample=blinded(sample),
            questions=tuple(arena.store.audio(turn.speech.hash) if turn.speech else None for turn in sample.turns),
            first=heard(first.id, store=arena.store),
            second=heard(second.id, store=arena.store),
        )
        if comparison.first.identity == comparison.second.identity:
            return 0.0
        try:
            decision = judge.decide(comparison)
        except JudgeFailure:
            return None
        if decision.notes:
            arena.store.put(*decision.notes)
        return decision.margin

    def judged(one: Sample, two: Sample) -> float | None:
        first, second = takes[one.id], takes[two.id]
        own, others = margin(one, first, second), margin(two, first, second)
        return None if own is None or others is None else own - others

    return judged


if __name__ == "__main__":
    main()
