"""Seed or grown: as the sample says, else by where its script comes from."""

from s2s_arena.build.splits import split_of
from s2s_arena.records.identity import SampleId
from s2s_arena.records.samples import Provenance, Sample


def sample(source: str = "", **attributes: str) -> Sample:
    return Sample(
        id=SampleId("x"), language="en", turns=(), attributes=attributes, provenance=Provenance(source=source)
    )


def test_a_sample_that_names_its_split_is_of_it():
    assert (
        split_of(sample(split="augment")) == "augment" and split_of(sample("self-instruction", split="seed")) == "seed"
    )


def test_grown_scripts_are_told_by_their_source_and_all_others_are_seeds():
    assert split_of(sample("self-instruction")) == "augment"
    assert split_of(sample("a corpus")) == split_of(sample(split="train")) == "seed"
