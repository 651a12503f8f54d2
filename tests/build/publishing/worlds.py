"""A reviewed suite ready to be published."""

from dataclasses import replace

from s2s_arena.build.review import automatic
from s2s_arena.build.review.freezing import freeze
from s2s_arena.records.samples import Expectation, Provenance, Sample, Suite, Turn
from s2s_arena.records.scores import Review
from s2s_arena.store.memory import MemoryStore

from ..review.worlds import suite_of, talk

CORPUS = Provenance(
    origin="corpus",
    source="a corpus",
    licence="CC BY-NC-SA 4.0",
    consent=("evaluation", "third_party_processing", "publication"),
)


def reviewed(store: MemoryStore, change=lambda samples: samples) -> Suite:
    """Eight samples: s0 a dialogue of two turns, s6 and s7 grown, s5 by speaker p1; frozen by instruments."""
    suite = suite_of(store)
    samples = list(suite.samples)
    second = Turn(script="and then?", language="en", speech=store.put_audio(talk(500)), voice="anna")
    samples[0] = replace(
        samples[0],
        turns=(*samples[0].turns, second),
        expects=(Expectation(cue="rate", want="slow"),),
        references=("yes", "so be it | or not"),
        twin_group="t",
    )
    samples[1] = replace(samples[1], twin_group="t", language="zh", guideline="听语气")
    samples[5] = replace(samples[5], attributes={"speaker": "p1"})
    for i in (6, 7):
        samples[i] = replace(samples[i], attributes={"split": "augment"})
    made: tuple[Sample, ...] = tuple(change(samples))
    suite = replace(suite, samples=made)
    automatic.run(suite, store=store)
    frozen = freeze(suite, store.all(Review), reviewers=0).suite
    store.put(frozen)
    return frozen
