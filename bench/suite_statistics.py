"""How long task statistics and the search for duplicates take: 950 and 100,000 names, 10,000 scripts."""

import time

import numpy as np

from s2s_arena.build.scripts import seed
from s2s_arena.build.similarity import near_duplicates
from s2s_arena.build.tasks.clusters import clustered
from s2s_arena.build.tasks.names import merged
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Sample, Turn

SYLLABLES = ("ba", "ko", "ri", "mel", "tun", "sa", "vo", "pi", "der", "lan", "gu", "fos", "tri", "ent", "al", "ing")
LIMITS_S = {950: 5.0, 100_000: 120.0}
SCRIPTS, SCRIPTS_LIMIT_S = 10_000, 10.0


def main() -> None:
    """Print what each takes beside its limit."""
    clustered(["a b", "b c", "c d", "d e", "e f"])  # loading scikit-learn is not what is measured
    for count, limit_s in LIMITS_S.items():
        names = task_names(count)
        began = time.perf_counter()
        tasks = merged(names)
        between = time.perf_counter()
        found = clustered([task.name for task in tasks])
        ended = time.perf_counter()
        clusters = len(found.clusters) if found else 0
        print(
            f"{count} task names: {len(tasks)} after merging in {between - began:.2f} s, {clusters} clusters in "
            f"{ended - between:.2f} s; {ended - began:.2f} s of {limit_s:g} s"
        )
    samples = scripts(SCRIPTS)
    began = time.perf_counter()
    pairs = near_duplicates(samples)
    ended = time.perf_counter()
    print(f"{SCRIPTS} scripts: {len(pairs)} near-duplicates in {ended - began:.2f} s of {SCRIPTS_LIMIT_S:g} s")


def task_names(count: int) -> list[str]:
    """Names of two to five made-up words, some frequent, most rare: hardly any holds another."""
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(SYLLABLES, size=rng.integers(2, 5))) for _ in range(5000)]
    shares = 1.0 / np.arange(1, len(words) + 1)
    shares /= shares.sum()
    return [" ".join(rng.choice(words, size=rng.integers(2, 6), p=shares)) for _ in range(count)]


def scripts(count: int) -> list[Sample]:
    """Seed scripts with words exchanged, a third of them all words."""
    rng = np.random.default_rng(0)
    lines = [sample.turns[0].script.split() for sample in seed() if sample.language == "en"]
    words = [word for line in lines for word in line]
    made = []
    for number in range(count):
        line = list(lines[int(rng.integers(len(lines)))])
        changed = len(line) if number % 3 == 0 else int(rng.integers(2, len(line)))
        for place in rng.permutation(len(line))[:changed]:
            line[place] = words[int(rng.integers(len(words)))]
        turn = Turn(script=" ".join(line), language="en")
        made.append(Sample(id=SampleId(str(number)), language="en", turns=(turn,)))
    return made


if __name__ == "__main__":
    main()
