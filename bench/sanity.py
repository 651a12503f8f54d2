"""The sanity board: does the embedded judge put systems in the order they were built to have, and do controls fail?

Usage: python -m bench.sanity WORKSPACE [--listeners HEADS.npz]

The workspace holds answers of the seven embedded systems and of `expressive-plain` to the starter suite. Pairs are
compared on every sample, not on drawn ones, so that nothing depends on the draw; answers are heard once and kept.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from s2s_arena.compose import Arena, open_workspace
from s2s_arena.cues.heads import Heads
from s2s_arena.errors import JudgeFailure
from s2s_arena.judge.comparison import Judge
from s2s_arena.judge.hearing import comparison
from s2s_arena.rank.agree_formats import percent
from s2s_arena.ratings.agreement import wilson
from s2s_arena.records.identity import StudyName
from s2s_arena.records.matches import Match, Purpose, group_id, match_id
from s2s_arena.records.responses import Response, Take
from s2s_arena.records.samples import Sample, Suite
from s2s_arena.records.studies import Criterion, Outcome
from s2s_arena.records.taxonomy import Level

Wanted = Callable[[Sample], bool]
EXPRESSES = (Level.L3, Level.L4)


@dataclass
class Bench:
    """What all comparisons need."""

    arena: Arena
    suite: Suite
    takes: dict[tuple[str, str], Take]

    def match(self, sample: Sample, a: str, b: str, index: int) -> Match:
        """The match of two systems on a sample; who is heard first alternates."""
        one, two = self.takes[a, sample.id], self.takes[b, sample.id]
        if index % 2:
            one, two = two, one
        return Match(
            id=match_id(study="sanity", round=0, index=index, first=one.id, second=two.id, purpose=Purpose.RATED),
            study=StudyName("sanity"),
            round=0,
            index=index,
            sample=sample.id,
            first=one.id,
            second=two.id,
            first_system=one.system,
            second_system=two.system,
            group=group_id(study="sanity", round=0, index=index),
            probability=1.0,
        )

    def outcomes(
        self, judge: Judge, a: str, b: str, wanted: Wanted, criterion: Criterion | None = None
    ) -> Iterator[bool | None]:
        """Whether `a` won, sample by sample; None where the judge abstains or gives no verdict."""
        for index, sample in enumerate(s for s in self.suite.samples if wanted(s)):
            if (a, sample.id) not in self.takes or (b, sample.id) not in self.takes:
                continue
            match = self.match(sample, a, b, index)
            try:
                decision = judge.decide(comparison(match, suite=self.suite, store=self.arena.store, seed=0))
            except JudgeFailure:
                yield None
                continue
            if decision.notes:
                self.arena.store.put(*decision.notes)
            outcome = decision.outcome
            if criterion is not None:
                part = decision.criteria.get(criterion)
                if part is None or part.outcome is None:
                    yield None
                    continue
                outcome = part.outcome
            yield (match.first_system if outcome is Outcome.FIRST else match.second_system) == a

    def line(self, name: str, judge: Judge, a: str, b: str, wanted: Wanted, criterion: Criterion | None = None) -> None:
        """Print how often `a` beat `b`, with its Wilson interval."""
        said = list(self.outcomes(judge, a, b, wanted, criterion))
        decided = [won for won in said if won is not None]
        share = percent(wilson(sum(decided), len(decided)))
        print(
            f"{name:42} {a} beats {b}: {sum(decided)}/{len(decided)} = {share}"
            f"{f', {len(said) - len(decided)} without' if len(said) > len(decided) else ''}",
            flush=True,
        )


def main() -> None:
    """Print the sanity board's comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--listeners", type=Path, help="heads trained on listeners' scores alone")
    parser.add_argument("--part", choices=("judge", "controls", "listeners"), action="append")
    options = parser.parse_args()
    parts = options.part or ["judge", "controls", "listeners"]
    with open_workspace(options.workspace) as arena:
        suite = arena.suite("starter")
        takes = {(take.system, take.sample): take for take in arena.takes(suite)}
        bench = Bench(arena, suite, takes)
        every: Wanted = lambda _: True  # noqa: E731
        l3: Wanted = lambda s: s.level is Level.L3  # noqa: E731
        expressing: Wanted = lambda s: s.level in EXPRESSES  # noqa: E731
        english: Wanted = lambda s: s.language == "en"  # noqa: E731
        expressing_english: Wanted = lambda s: s.level in EXPRESSES and s.language == "en"  # noqa: E731
        judge = arena.judge("local", suite)[1]()
        print(f"suite {suite.hash[:16]}, judge {judge.identity}")
        if "judge" in parts:
            bench.line("mind: Qwen against Gemma", judge, "qwen-hibari", "gemma-hibari", every)
            bench.line("  English only", judge, "qwen-hibari", "gemma-hibari", english)
            bench.line("flattened voice, L3 and L4", judge, "qwen-hibari", "qwen-hibari-flat", expressing)
            bench.line("  English only", judge, "qwen-hibari", "qwen-hibari-flat", expressing_english)
            bench.line("expressive against plain cascade, L3", judge, "expressive", "qwen-kokoro", l3)
            bench.line("  L3 and L4", judge, "expressive", "qwen-kokoro", expressing)
            bench.line("words held fixed, L3", judge, "expressive", "expressive-plain", l3)
            bench.line("  L3 and L4", judge, "expressive", "expressive-plain", expressing)
            bench.line(
                "  criterion expressiveness alone", judge, "expressive", "expressive-plain", expressing,
                Criterion.EXPRESSIVENESS,
            )  # fmt: skip
        if "controls" in parts:
            _controls(bench, arena, suite, every, expressing)
        if "listeners" in parts and options.listeners:
            _listeners(bench, Heads.load(options.listeners), expressing)


def _controls(bench: Bench, arena: Arena, suite: Suite, every: Wanted, expressing: Wanted) -> None:
    permuted = arena.judge("local-permuted", suite)[1]()
    bench.line(
        "control, permuted instructions: content", permuted, "qwen-hibari", "gemma-hibari", every,
        Criterion.INSTRUCTION,
    )  # fmt: skip
    unruled = arena.judge("local-no-rules", suite)[1]()
    for last in ("silence", "echo"):
        for system in ("qwen-hibari", "gemma-hibari"):
            bench.line(f"rule of blatant faults off: {last} loses", unruled, system, last, every)
    words = arena.judge("local-words", suite)[1]()
    bench.line("control, words only: flattened voice", words, "qwen-hibari", "qwen-hibari-flat", expressing)
    bench.line("control, words only: fixed words", words, "expressive", "expressive-plain", expressing)
    revoiced = arena.judge("local-revoiced", suite)[1]()
    bench.line("control, re-voiced: fixed words", revoiced, "expressive", "expressive-plain", expressing)


def _listeners(bench: Bench, heads: Heads, wanted: Wanted) -> None:
    encoder = bench.arena.perception.encoder
    heads.require(encoder.identity)
    names = [name for name in heads.outputs if ":" not in name]
    for a, b in (
        ("expressive", "expressive-plain"),
        ("qwen-hibari", "qwen-hibari-flat"),
        ("expressive", "qwen-kokoro"),
    ):
        wins = dict.fromkeys(names, 0)
        count = 0
        for sample in bench.suite.samples:
            if not wanted(sample):
                continue
            values = []
            for system in (a, b):
                response = bench.arena.store.get(Response, bench.takes[system, sample.id].responses[0])
                if response is None or response.speech is None:
                    break
                values.append(heads.predict(encoder.encode(bench.arena.store.audio(response.speech.hash))))
            if len(values) == 2 and values[0] != values[1]:
                count += 1
                for name in names:
                    wins[name] += values[0][name] > values[1][name]
        for name in names:
            share = percent(wilson(wins[name], count))
            print(f"heads of listeners, {name}: {a} above {b}: {wins[name]}/{count} = {share}", flush=True)


if __name__ == "__main__":
    main()
