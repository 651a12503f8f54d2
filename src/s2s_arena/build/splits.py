"""The two parts of a suite as the paper builds it: seed samples, and those grown from them."""

from s2s_arena.records.samples import Sample

SPLITS = ("seed", "augment")
ATTRIBUTE = "split"
"""Attribute of a sample that names its split; a sample that names none is a seed."""


def split_of(sample: Sample) -> str:
    """The split of a sample, one of `SPLITS`."""
    named = sample.attributes.get(ATTRIBUTE, "")
    return named if named in SPLITS else SPLITS[0]
