"""Small suites, cards and takes for rehearsals."""

from collections.abc import Sequence

from s2s_arena.protocols import Store
from s2s_arena.records.identity import SampleId, SuiteName
from s2s_arena.records.samples import Expectation, Sample, Suite, Turn
from s2s_arena.records.systems import SystemCard
from s2s_arena.records.taxonomy import DOMAINS, SEED_TASKS, Level
from s2s_arena.testing.sound import tones


def rehearsal_suite(store: Store, *, samples: int = 8, turns: int = 1, name: str = "rehearsal") -> Suite:
    """A spoken suite (tones for words) that walks through levels and domains; its audio is put into the store."""
    levels = tuple(Level)
    made = []
    for n in range(samples):
        domain = DOMAINS[(n // len(levels)) % len(DOMAINS)]
        task = next(task for task, where in SEED_TASKS.items() if where == domain)
        said = [
            Turn(
                script=f"sample {n} turn {turn}",
                language="en",
                labels={"emotion": "sad"} if n % 2 else {},
                speech=store.put_audio(tones(["sample", str(n), "turn", str(turn)])),
            )
            for turn in range(turns)
        ]
        made.append(
            Sample(
                id=SampleId(f"s{n:03d}"),
                language="en",
                turns=tuple(said),
                level=levels[n % len(levels)],
                domain=domain,
                task=task,
                seed_task=task,
                guideline="Which answer follows the instruction?",
                expects=(Expectation(cue="rate", want="slow"),) if n % 4 > 1 else (),
            )
        )
    suite = Suite(name=SuiteName(name), samples=tuple(made))
    store.put(suite)
    return suite


def rehearsal_cards(names: Sequence[str], *, concurrency: int = 1, timeout_s: float = 30.0) -> tuple[SystemCard, ...]:
    """Cards of scripted systems."""
    return tuple(
        SystemCard(name=name, title=name, model="scripted", concurrency=concurrency, timeout_s=timeout_s)
        for name in names
    )
